//! What the service's machine can do, and how it does.

use std::time::Duration;

use crate::error::Result;
use crate::service::wire::{Capabilities, Findings, Health, MetersView};

use super::Client;

/// So long trying every provider may take.
const TRIALS: Duration = Duration::from_secs(600);

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

    /// What is here, what is missing, and what would run where on the service's machine. Tries every
    /// provider, which takes seconds.
    ///
    /// # Errors
    /// As [`Self::capabilities`].
    pub async fn doctor(&self) -> Result<Findings> {
        self.json(self.get("/v1/doctor").timeout(TRIALS)).await
    }
}
