//! Changing what can be changed about a job that has not begun.

use jiff::Timestamp;

use crate::error::Result;

use super::super::{Job, JobId};
use super::Store;

/// What is to be changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// A new priority; the job goes to the end of it unless a place is given too.
    pub priority: Option<i32>,
    /// A new place in the order of its priority.
    pub place: Option<Place>,
    /// A new time before which it does not begin; `Some(None)` takes it away.
    pub not_before: Option<Option<Timestamp>>,
    /// New jobs before it.
    pub after: Option<Vec<JobId>>,
    /// A new number of attempts.
    pub max_attempts: Option<u32>,
    /// A new name.
    pub name: Option<String>,
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before all others of its priority.
    Top,
    /// Behind all others of its priority.
    Bottom,
    /// One place earlier among the queued and paused jobs of its priority.
    Up,
    /// One place later.
    Down,
    /// Right before this job, with its priority.
    Before(JobId),
    /// Right behind this job, with its priority.
    Behind(JobId),
}

impl Store {
    /// Changes a job. `Ok(None)` when there is no such job, or one that `place` names is not there.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it would wait for itself, however long the way, or for a
    /// job that is not there; when the store cannot be written.
    pub fn edit(&self, id: JobId, edit: &Edit) -> Result<Option<Job>> {
        let _ = (id, edit);
        todo!()
    }
}
