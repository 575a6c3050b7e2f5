//! The service about itself, and its end.

use crate::error::Result;
use crate::service::wire::ServiceView;

use super::Client;

impl Client {
    /// The service about itself.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn service(&self) -> Result<ServiceView> {
        self.json(self.get("/v1/service")).await
    }

    /// Tells the service to stop; it ends a little later.
    ///
    /// # Errors
    /// As [`Self::service`].
    pub async fn stop_service(&self) -> Result<()> {
        self.send(self.post("/v1/service/stop")).await.map(drop)
    }
}
