//! What hot folders have taken: each file once, also across restarts.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::Result;

use super::super::{Job, JobId};
use super::{NewRow, Store};

/// A file that a hot folder took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The hot folder's name.
    pub watch: String,
    /// The file: the target, or the folder of a job.
    pub path: PathBuf,
    /// Its size, its time of change in nanoseconds and its inode, as it was taken: another file of
    /// the same name is another file.
    pub stamp: String,
    /// The job that was made of it; none where it could not become one.
    pub job: Option<JobId>,
    /// What has become of it.
    pub state: TakenState,
    /// When it was taken.
    pub at: Timestamp,
}

/// What has become of a file that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenState {
    /// Its job has not ended.
    Working,
    /// Its job has ended, and the file lies where the rules say.
    Settled,
    /// It could not become a job.
    Rejected,
}

impl Store {
    /// Adds a job and the file that it was made of, in one transaction. `Ok(None)` when that very
    /// file was taken before: nothing is changed then.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn take(
        &self,
        taken: &Taken,
        new: Option<&NewRow>,
        at: Timestamp,
    ) -> Result<Option<Option<Job>>> {
        let _ = (taken, new, at);
        todo!()
    }

    /// Whether that very file was taken before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn was_taken(&self, watch: &str, path: &Path, stamp: &str) -> Result<bool> {
        let _ = (watch, path, stamp);
        todo!()
    }

    /// The files of a hot folder whose jobs had not ended when last looked at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unsettled(&self, watch: &str) -> Result<Vec<Taken>> {
        let _ = watch;
        todo!()
    }

    /// The file that this job was made of.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn taken_for(&self, job: JobId) -> Result<Option<Taken>> {
        let _ = job;
        todo!()
    }

    /// Says what has become of a file.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle(&self, watch: &str, path: &Path, stamp: &str, state: TakenState) -> Result<()> {
        let _ = (watch, path, stamp, state);
        todo!()
    }

    /// Forgets files that were settled before this time and no longer lie where they were taken.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_taken(&self, watch: &str, path: &Path, stamp: &str) -> Result<()> {
        let _ = (watch, path, stamp);
        todo!()
    }

    /// How many files a hot folder has taken: working, settled, rejected.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn taken_counts(&self, watch: &str) -> Result<(u64, u64, u64)> {
        let _ = watch;
        todo!()
    }
}
