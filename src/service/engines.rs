//! Engines that are warm: what jobs and previews run on, kept between them for a while.

use std::sync::{Arc, Mutex};

use crate::error::Result;
use crate::pipeline::Engine;
use crate::profiles::Profile;
use crate::settings::Directories;

/// The engines of a service.
#[derive(Default)]
pub struct Engines {
    idle: Mutex<Vec<Engine>>,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engines")
    }
}

impl Engines {
    /// Runs something on an engine for this profile: an idle one, or a new one. What the user
    /// should know on the way goes to `note`.
    ///
    /// # Errors
    /// As [`Engine::for_profile`], and what the work says.
    pub fn with<T>(
        &self,
        directories: &Directories,
        profile: &Profile,
        note: Arc<dyn Fn(&str) + Send + Sync>,
        work: impl FnOnce(&mut Engine) -> Result<T>,
    ) -> Result<T> {
        let _ = (directories, profile, note, work, &self.idle);
        todo!()
    }
}
