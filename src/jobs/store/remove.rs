//! Taking jobs out of the store.

use crate::error::Result;

use super::super::{Job, JobId, State};
use super::{Store, rows};

impl Store {
    /// Removes a job that is not running, with its history. `Ok(None)` when it is running or not
    /// there. Jobs that wait for it fail to begin until they are edited: see
    /// [`Store::waits_for`], which goes on naming it as cancelled. Jobs that waited for one that is
    /// done no longer name it. What a hot folder took stays taken.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove(&self, id: JobId) -> Result<Option<Job>> {
        self.write(|transaction| {
            let Some(entry) = rows::by_id(transaction, id)? else { return Ok(None) };
            if entry.job.state == State::Running {
                return Ok(None);
            }
            let key = id.to_string();
            if entry.job.state == State::Done {
                transaction
                    .prepare_cached("DELETE FROM dependencies WHERE before = ?1")?
                    .execute([&key])?;
            }
            transaction.prepare_cached("DELETE FROM jobs WHERE id = ?1")?.execute([&key])?;
            Ok(Some(entry.shown()))
        })
    }
}
