//! The verbs on models.

use reqwest::Method;

use crate::error::Result;
use crate::service::wire::{
    ImportBody, ImportedView, ModelView, PullBody, PullView, RemovedView, VerifiedView,
};

use super::Client;
use super::jobs::path;

impl Client {
    /// Every model that is known, by role.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn models(&self) -> Result<Vec<ModelView>> {
        self.json(self.get("/v1/models")).await
    }

    /// A model, with the text of its license where the service has it.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub async fn model(&self, id: &str) -> Result<ModelView> {
        self.json(self.get(&path("models", id, ""))).await
    }

    /// Begins to fetch a model and what it needs. Unless the licenses are accepted the service
    /// refuses, and its words name them.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub async fn pull_model(&self, id: &str, accept_license: bool) -> Result<PullView> {
        let request = self.post(&path("models", id, "/pull"));
        self.json(request.json(&PullBody { accept_license })).await
    }

    /// Gives up fetching a model. What came is kept, and gone on with next time.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub async fn cancel_pull(&self, id: &str) -> Result<PullView> {
        self.json(self.request(Method::DELETE, &path("models", id, "/pull"))).await
    }

    /// The models that are, or were lately, fetched.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub async fn pulls(&self) -> Result<Vec<PullView>> {
        self.json(self.get("/v1/pulls")).await
    }

    /// Takes the file of a model off the disk.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub async fn remove_model(&self, id: &str) -> Result<RemovedView> {
        self.json(self.request(Method::DELETE, &path("models", id, ""))).await
    }

    /// Reads the whole file of a model and compares it with its hash. A damaged one is no error.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub async fn verify_model(&self, id: &str) -> Result<VerifiedView> {
        // As long as the disk takes.
        self.json(self.open(Method::POST, &path("models", id, "/verify"))).await
    }

    /// Takes a file of the service's machine as the weights of a model, or what is known of a
    /// folder.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub async fn import_models(&self, body: &ImportBody) -> Result<Vec<ImportedView>> {
        self.json(self.open(Method::POST, "/v1/models/import").json(body)).await
    }
}
