//! Taking jobs out of the store.

use crate::error::Result;

use super::super::{Job, JobId};
use super::Store;

impl Store {
    /// Removes a job that is not running, with its history. `Ok(None)` when it is running or not
    /// there. Jobs that wait for it fail to begin until they are edited: see
    /// [`Store::waits_for`], which goes on naming it as cancelled.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove(&self, id: JobId) -> Result<Option<Job>> {
        let _ = id;
        todo!()
    }
}
