//! The verbs on profiles.

use reqwest::Method;

use crate::error::Result;
use crate::service::wire::{CheckBody, CheckView, NewProfile, ProfileDetail, ProfileView};

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

    /// Writes a profile of the user's own.
    ///
    /// # Errors
    /// As [`Self::profiles`].
    pub async fn write_profile(&self, name: &str, new: &NewProfile) -> Result<()> {
        self.send(self.request(Method::PUT, &path("profiles", name, "")).json(new)).await.map(drop)
    }

    /// Removes a profile of the user's own.
    ///
    /// # Errors
    /// As [`Self::profiles`].
    pub async fn remove_profile(&self, name: &str) -> Result<()> {
        self.send(self.request(Method::DELETE, &path("profiles", name, ""))).await.map(drop)
    }

    /// What would be wrong with a profile, were these keys changed in it. Faults are no error.
    ///
    /// # Errors
    /// As [`Self::profiles`].
    pub async fn check_profile(&self, body: &CheckBody) -> Result<CheckView> {
        self.json(self.post("/v1/profiles/check").json(body)).await
    }
}
