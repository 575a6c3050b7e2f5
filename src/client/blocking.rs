//! The client for commands that wait for each answer.

use tokio::runtime::Runtime;

use crate::error::{Context, Result};

use super::{Client, Options};

/// A client with a runtime of its own, on the thread of its caller.
#[derive(Debug)]
pub struct Blocking {
    client: Client,
    runtime: Runtime,
}

impl Blocking {
    /// Connects.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect(options: &Options) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context(|| "cannot start the client".into())?;
        let client = runtime.block_on(Client::connect(options))?;
        Ok(Blocking { client, runtime })
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Does something with the client.
    ///
    /// # Errors
    /// What that says.
    pub fn run<T>(&self, work: impl AsyncFnOnce(&Client) -> Result<T>) -> Result<T> {
        self.runtime.block_on(work(&self.client))
    }
}
