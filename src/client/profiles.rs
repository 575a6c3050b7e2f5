//! The verbs on profiles.

use crate::error::Result;
use crate::service::wire::{ProfileDetail, ProfileView};

use super::Client;
use super::jobs::path;

impl Client {
    /// The profiles that jobs can name.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn profiles(&self) -> Result<Vec<ProfileView>> {
        self.json(self.get("/v1/profiles")).await
    }

    /// A profile with every key, and what of it is not the default.
    ///
    /// # Errors
    /// As [`Self::profiles`].
    pub async fn profile(&self, name: &str) -> Result<ProfileDetail> {
        self.json(self.get(&path("profiles", name, ""))).await
    }
}
