//! Which profile, and any key of it.

use crate::profiles::Setting;
use crate::profiles::library::USUAL;

use super::parse;

/// The profile.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Profile")]
pub struct NamedArgs {
    /// How it is done: a name that `facedeck profiles list` knows, or a file
    #[arg(long, value_name = "NAME|FILE.toml", env = "FACEDECK_PROFILE")]
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
}
