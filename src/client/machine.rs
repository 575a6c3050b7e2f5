//! What the service's machine can do, and how it does.

use crate::error::Result;
use crate::service::wire::{Capabilities, Health, MetersView};

use super::Client;

impl Client {
    /// What the service can do: operations, processors, encoders, providers, keys of profiles.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn capabilities(&self) -> Result<Capabilities> {
        self.json(self.get("/v1/capabilities")).await
    }

    /// Whether the service is well, and which networks are loaded.
    ///
    /// # Errors
    /// As [`Self::capabilities`].
    pub async fn health(&self) -> Result<Health> {
        self.json(self.get("/v1/health")).await
    }

    /// Processor, memory, disks and graphics processors; measured at most once a second.
    ///
    /// # Errors
    /// As [`Self::capabilities`].
    pub async fn meters(&self) -> Result<MetersView> {
        self.json(self.get("/v1/meters")).await
    }
}
