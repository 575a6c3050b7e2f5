//! The verbs on hot folders.

use reqwest::Method;

use crate::error::Result;
use crate::service::wire::WatchView;
use crate::settings::config::Watch;

use super::Client;
use super::jobs::path;

impl Client {
    /// All hot folders.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn watches(&self) -> Result<Vec<WatchView>> {
        self.json(self.get("/v1/watches")).await
    }

    /// Adds a hot folder.
    ///
    /// # Errors
    /// As [`Self::watches`].
    pub async fn add_watch(&self, watch: &Watch) -> Result<WatchView> {
        self.json(self.post("/v1/watches").json(watch)).await
    }

    /// What a hot folder would do with what lies in it now: a line a file.
    ///
    /// # Errors
    /// As [`Self::watches`].
    pub async fn rehearse_watch(&self, watch: &Watch) -> Result<Vec<String>> {
        let request = self.post("/v1/watches").query(&[("dry_run", true)]).json(watch);
        self.json(request).await
    }

    /// Gives the hot folder of this name other rules.
    ///
    /// # Errors
    /// As [`Self::watches`].
    pub async fn change_watch(&self, watch: &Watch) -> Result<WatchView> {
        let request = self.request(Method::PUT, &path("watches", &watch.name, ""));
        self.json(request.json(watch)).await
    }

    /// Removes a hot folder.
    ///
    /// # Errors
    /// As [`Self::watches`].
    pub async fn remove_watch(&self, name: &str) -> Result<()> {
        self.send(self.request(Method::DELETE, &path("watches", name, ""))).await.map(drop)
    }

    /// Lets a hot folder take nothing for now, or lets it go on.
    ///
    /// # Errors
    /// As [`Self::watches`].
    pub async fn set_watch_paused(&self, name: &str, paused: bool) -> Result<WatchView> {
        let verb = if paused { "/pause" } else { "/resume" };
        self.json(self.post(&path("watches", name, verb))).await
    }
}
