//! What lies on the service's machine.

use crate::error::Result;
use crate::service::wire::{FilesQuery, FilesView};

use super::Client;

impl Client {
    /// What lies in a folder of the service's machine; of the user's home, or for clients of the
    /// network the open folders, when the path is empty.
    ///
    /// # Errors
    /// What the service says; when it cannot be reached.
    pub async fn files(&self, path: &str, hidden: bool) -> Result<FilesView> {
        let query = FilesQuery { path: path.to_owned(), hidden };
        self.json(self.get("/v1/files").query(&query)).await
    }
}
