//! Which profile, and any key of it.

use crate::error::Result;
use crate::models::Store;
use crate::pipeline::fit;
use crate::profiles::library::USUAL;
use crate::profiles::{Library, Profile, Setting, resolve, variables};

use super::super::offered;
use super::parse;

/// The profile.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Profile")]
pub struct NamedArgs {
    /// How it is done: a name that `facedeck profiles list` knows, or a file
    #[arg(long, value_name = "NAME|FILE.toml", env = "FACEDECK_PROFILE", add = offered::profiles())]
    pub profile: Option<String>,
    /// Set a key of the profile, such as swap.weight=0.5; "default" puts it back
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse::set)]
    pub set: Vec<Setting>,
}

impl NamedArgs {
    /// The profile's name, or its file.
    pub fn name(&self) -> &str {
        self.profile.as_deref().filter(|name| !name.is_empty()).unwrap_or(USUAL)
    }

    /// The profile with the environment and the keys that were set, for commands without more
    /// flags.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for everything that is wrong with any of the layers.
    pub fn resolve(&self) -> Result<Profile> {
        let layers = vec![variables::from_env()?, self.set.clone()];
        let store = Store::open()?;
        let resolved = resolve(&Library::open()?, self.name(), layers)?;
        Ok(fit(resolved, &store)?.profile)
    }
}
