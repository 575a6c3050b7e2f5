//! Adding jobs and changing their state; the only ways in which a job moves.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::Value;

use crate::error::Result;

use super::super::{Failure, Job, JobId, State};
use super::{NewRow, Store};

/// A change of a job's state with everything that changes with it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// queued → running: one attempt more.
    Start,
    /// paused → running: the work that was held goes on; no new attempt.
    Continue,
    /// → paused.
    Pause {
        /// Why.
        reason: String,
    },
    /// → queued, as if it had not been begun: the service stops, or the job was resumed after its
    /// memory had been given back. The attempt does not count.
    Requeue {
        /// Why.
        reason: String,
    },
    /// running → queued after a fault that can pass; not before this time. The attempt counts.
    TryAgain {
        /// What went wrong.
        failure: Failure,
        /// When the next attempt may begin.
        not_before: Timestamp,
    },
    /// running → queued at the start of a service whose predecessor ended while it ran: one crash
    /// more. The attempt does not count.
    Crashed {
        /// Why.
        reason: String,
    },
    /// failed, refused or cancelled → queued by hand: attempts and crashes count from nothing.
    Retry {
        /// Whatever is left of earlier attempts is not used.
        from_scratch: bool,
    },
    /// running → done.
    Finish {
        /// What it did.
        summary: Value,
    },
    /// → failed, or → refused where the failure's kind is `refused`.
    Fail {
        /// Why.
        failure: Failure,
    },
    /// → cancelled.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// An output that is whole and about to get its name, or has it by now.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The hidden file.
    pub hidden: PathBuf,
    /// The file system and the number of the file, which it keeps when it is renamed.
    pub device: u64,
    /// See `device`.
    pub inode: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// What the job did.
    pub summary: Value,
}

impl Store {
    /// Adds jobs at the end of their priority, all or none, in this order.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when a job that one waits for is not there; when the store
    /// cannot be written.
    pub fn add(&self, new: &[NewRow], at: Timestamp) -> Result<Vec<Job>> {
        let _ = (new, at);
        todo!()
    }

    /// Changes the state of a job, which must be in a state from which that is allowed
    /// ([`State::may_become`], and what [`Change`] says); `Ok(None)` when it is not, or when there
    /// is no such job: somebody was faster.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn change(&self, id: JobId, change: &Change, at: Timestamp) -> Result<Option<Job>> {
        let _ = (id, change, at);
        todo!()
    }

    /// Remembers that an output is whole and about to get its name; with it a crash right after
    /// cannot make the job be done twice.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn publishing(&self, id: JobId, published: &Published) -> Result<()> {
        let _ = (id, published);
        todo!()
    }

    /// What [`Self::publishing`] remembered in the attempt that runs or ran last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn published(&self, id: JobId) -> Result<Option<Published>> {
        let _ = id;
        todo!()
    }

    /// Remembers the hidden file that an attempt writes into, so that it is removed after a crash;
    /// `None` forgets it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn hidden(&self, id: JobId, hidden: Option<&std::path::Path>) -> Result<()> {
        let _ = (id, hidden);
        todo!()
    }

    /// The hidden file that the last attempt of a job left behind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn left_behind(&self, id: JobId) -> Result<Option<PathBuf>> {
        let _ = id;
        todo!()
    }

    /// The ids of all jobs in this state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn in_state(&self, state: State) -> Result<Vec<JobId>> {
        let _ = state;
        todo!()
    }
}
