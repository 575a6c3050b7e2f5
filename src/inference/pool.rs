//! Networks by their catalog id, each loaded once and shared by whoever needs it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Context, Result};
use crate::models::{Store, Weights};

use super::session::{Input, Output, Session, TensorInfo};

/// A network that several threads use; runs wait for each other.
#[derive(Debug)]
pub struct Shared {
    model: String,
    session: Mutex<Session>,
}

impl Shared {
    /// Runs the network; see [`Session::run_inputs`].
    ///
    /// # Errors
    /// As [`Session::run_inputs`].
    pub fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<Output>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).run_inputs(inputs)
    }

    /// The catalog id.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The inputs as the graph declares them.
    pub fn inputs(&self) -> Vec<TensorInfo> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).inputs().to_vec()
    }

    /// The outputs as the graph declares them.
    pub fn outputs(&self) -> Vec<TensorInfo> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).outputs().to_vec()
    }
}

/// How networks are run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Threads that work on one run of a large network.
    pub threads: usize,
}

/// Loads networks on demand.
#[derive(Debug)]
pub struct Pool {
    store: Store,
    settings: Settings,
    loaded: Mutex<HashMap<String, Arc<Shared>>>,
}

impl Pool {
    /// An empty pool.
    pub fn new(store: Store, settings: Settings) -> Self {
        Pool { store, settings, loaded: Mutex::new(HashMap::new()) }
    }

    /// Where the networks come from.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The network with this catalog id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] when it is not here; a failure when it cannot be loaded.
    pub fn get(&self, id: &str) -> Result<Arc<Shared>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = loaded.get(id) {
            return Ok(Arc::clone(shared));
        }
        let threads = self.settings.threads;
        let session = match self.store.locate(id)? {
            // The embedded networks are small: a second thread slows them down.
            Weights::Embedded(bytes) => Session::from_bytes(id, bytes, 1)?,
            Weights::File(path) => {
                let bytes = std::fs::read(&path)
                    .context(|| format!("cannot read the model {}", path.display()))?;
                Session::from_bytes(id, &bytes, threads)?
            }
        };
        let shared = Arc::new(Shared { model: id.to_owned(), session: Mutex::new(session) });
        loaded.insert(id.to_owned(), Arc::clone(&shared));
        Ok(shared)
    }
}
