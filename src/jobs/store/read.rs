//! Looking things up, on connections that only read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;

use super::super::{Job, JobId, State, Transition};
use super::Store;

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only in these states; any when empty.
    pub states: Vec<State>,
    /// Only those whose name, id or paths hold this, whatever its case.
    pub text: Option<String>,
    /// Only with this profile.
    pub profile: Option<String>,
    /// Only those of this hot folder.
    pub watch: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// Jobs to leave out at the beginning.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// As people look at a queue: running, paused, queued in the order in which they will run, then
    /// what has ended, the latest first.
    #[default]
    Queue,
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// How many fit the filter in all.
    pub total: u64,
}

/// How many jobs are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Waiting.
    pub queued: u64,
    /// Worked on.
    pub running: u64,
    /// Held.
    pub paused: u64,
    /// Done.
    pub done: u64,
    /// Failed.
    pub failed: u64,
    /// Refused.
    pub refused: u64,
    /// Given up.
    pub cancelled: u64,
}

impl Store {
    /// The job with this id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn job(&self, id: JobId) -> Result<Option<Job>> {
        let _ = id;
        todo!()
    }

    /// The ids that begin with these letters, at most ten of them, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find(&self, prefix: &str) -> Result<Vec<JobId>> {
        let _ = prefix;
        todo!()
    }

    /// A part of a list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Page> {
        let _ = filter;
        todo!()
    }

    /// How many jobs are in each state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn counts(&self) -> Result<Counts> {
        todo!()
    }

    /// The job that is to run next on any device but these: queued, its time has come, everything
    /// before it is done. Jobs that the service may have died of come first, so that each is proven
    /// alone. One look-up in an index, whatever the length of the queue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next(&self, now: Timestamp, busy_devices: &[String]) -> Result<Option<Job>> {
        let _ = (now, busy_devices);
        todo!()
    }

    /// When the next queued job becomes due that waits for a time alone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let _ = now;
        todo!()
    }

    /// The jobs before this one that are not done, with their states.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waits_for(&self, id: JobId) -> Result<Vec<(JobId, State)>> {
        let _ = id;
        todo!()
    }

    /// The jobs, by id, that name this one in their `after`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn followers(&self, id: JobId) -> Result<Vec<JobId>> {
        let _ = id;
        todo!()
    }

    /// A job that is queued, running or paused and will write this output.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn writer_of(&self, output: &std::path::Path) -> Result<Option<JobId>> {
        let _ = output;
        todo!()
    }

    /// Every change of a job's state, the first one first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(&self, id: JobId) -> Result<Vec<Transition>> {
        let _ = id;
        todo!()
    }
}
