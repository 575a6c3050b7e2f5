//! The store: every job, every change of its state, and what hot folders have taken, in one SQLite
//! file in WAL mode.
//!
//! There is one writer; readers never wait for it. A change of state and its row in the history are
//! one transaction, synced to the disk before the call returns. Nothing secret is stored. Times are
//! kept to the millisecond.

mod access;
mod add;
mod aside;
mod edit;
mod list;
mod next;
mod open;
mod place;
mod read;
mod remove;
mod rows;
mod schema;
mod taken;
mod understood;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use jiff::Timestamp;
use rusqlite::Connection;

use super::{JobId, JobSpec, State};

pub use edit::Edit;
pub use list::{Filter, Page, Sort};
pub use place::Place;
pub use read::Counts;
pub use taken::{Taken, TakenState};
pub use write::{Change, Published};

/// How many threads can read at once.
const READERS: usize = 3;

/// A handle on the store; share it behind an `Arc`.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    turn: AtomicUsize,
    // Closed before the writer, which then tidies up as the last one.
    readers: [Mutex<Connection>; READERS],
    writer: Mutex<Connection>,
}

/// A job that is to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRow {
    /// Its id.
    pub id: JobId,
    /// What is asked for; its paths are UTF-8.
    pub spec: JobSpec,
    /// [`State::Queued`], or [`State::Paused`] for a job that waits for somebody's word.
    pub state: State,
    /// See [`super::Job::priority`].
    pub priority: i32,
    /// Jobs that must be done before it; they are in the store.
    pub after: Vec<JobId>,
    /// See [`super::Job::not_before`].
    pub not_before: Option<Timestamp>,
    /// See [`super::Job::max_attempts`].
    pub max_attempts: u32,
}

impl Store {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
