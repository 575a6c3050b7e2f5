//! Changing the state of jobs; the only way in which a job moves.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use crate::error::{Error, Result};

use super::super::{Failure, Job, JobId, State};
use super::access::Trouble;
use super::rows::{Entry, StoredPath};
use super::{Store, next, place, rows};

/// A change of a job's state with everything that changes with it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// queued → running: one attempt more. Only when the job's time has come and everything before
    /// it is done, for both can have changed since it was chosen.
    Start,
    /// paused → running: the work that was held goes on; no new attempt. Only when the job was
    /// paused while it ran.
    Continue,
    /// queued or running → paused. An attempt that is under way stays so.
    Pause {
        /// Why.
        reason: String,
    },
    /// running or paused → queued, as if it had not been begun: the service stops, or the job is
    /// resumed whose work is not held in memory. An attempt that was under way does not count, and
    /// a time that was set for the next one is forgotten.
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
    /// failed, refused or cancelled → queued by hand, at the end of its priority: attempts and
    /// crashes count from nothing.
    Retry {
        /// Whatever is left of earlier attempts is not used.
        from_scratch: bool,
    },
    /// running → done.
    Finish {
        /// What it did.
        summary: Value,
    },
    /// queued, running or paused → failed; running → refused where the failure's kind is `refused`.
    Fail {
        /// Why.
        failure: Failure,
    },
    /// queued, running or paused → cancelled.
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
    /// Changes the state of a job, which must be in a state from which that is allowed
    /// ([`State::may_become`], and what [`Change`] says); `Ok(None)` when it is not, or when there
    /// is no such job: somebody was faster.
    ///
    /// # Errors
    /// When what is stored of the job is not understood and it would go on; when the store cannot
    /// be written.
    pub fn change(&self, id: JobId, change: &Change, at: Timestamp) -> Result<Option<Job>> {
        self.write(|transaction| step(transaction, id, change, at))
    }

    /// Remembers that the attempt that runs has made something that lasts: crashes before it do not
    /// count any more, and whoever goes on after the next one does not begin from scratch.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn came_further(&self, id: JobId) -> Result<()> {
        let sql = "UPDATE jobs SET crashes = 0, from_scratch = 0 \
             WHERE id = ?1 AND (crashes > 0 OR from_scratch)";
        self.write(|transaction| forget(transaction, sql, id))
    }

    /// Remembers that an output is whole and about to get its name; with it a crash right after
    /// cannot make the job be done twice.
    ///
    /// # Errors
    /// When there is no such job; when the store cannot be written.
    pub fn publishing(&self, id: JobId, published: &Published) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO published (job, hidden, device, inode, bytes, summary) \
             SELECT id, ?2, ?3, ?4, ?5, ?6 FROM jobs WHERE id = ?1";
        self.write(|transaction| {
            // Numbers of files use all 64 bits on some file systems; SQLite's have a sign.
            let rows = transaction.prepare_cached(sql)?.execute(params![
                id.to_string(),
                StoredPath(&published.hidden),
                published.device.cast_signed(),
                published.inode.cast_signed(),
                published.bytes.cast_signed(),
                rows::json(&published.summary)?,
            ])?;
            if rows == 0 { Err(gone(id).into()) } else { Ok(()) }
        })
    }

    /// What [`Self::publishing`] remembered in the attempt that runs or ran last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn published(&self, id: JobId) -> Result<Option<Published>> {
        let sql = "SELECT hidden, device, inode, bytes, summary FROM published WHERE job = ?1";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let row = statement.query_row([id.to_string()], |row| {
                let summary: String = row.get(4)?;
                Ok(Published {
                    hidden: rows::path(row, 0)?,
                    device: row.get::<_, i64>(1)?.cast_unsigned(),
                    inode: row.get::<_, i64>(2)?.cast_unsigned(),
                    bytes: row.get::<_, i64>(3)?.cast_unsigned(),
                    summary: serde_json::from_str(&summary).unwrap_or_default(),
                })
            });
            Ok(row.optional()?)
        })
    }

    /// Remembers the hidden file that an attempt writes into, so that it is removed after a crash;
    /// `None` forgets it.
    ///
    /// # Errors
    /// When there is no such job; when the store cannot be written.
    pub fn hidden(&self, id: JobId, hidden: Option<&Path>) -> Result<()> {
        let set = "INSERT OR REPLACE INTO hidden (job, path) SELECT id, ?2 FROM jobs WHERE id = ?1";
        self.write(|transaction| match hidden {
            Some(path) => {
                let values = params![id.to_string(), StoredPath(path)];
                let rows = transaction.prepare_cached(set)?.execute(values)?;
                if rows == 0 { Err(gone(id).into()) } else { Ok(()) }
            }
            None => forget(transaction, "DELETE FROM hidden WHERE job = ?1", id),
        })
    }

    /// The hidden file that the last attempt of a job left behind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn left_behind(&self, id: JobId) -> Result<Option<PathBuf>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT path FROM hidden WHERE job = ?1")?;
            let path = statement.query_row([id.to_string()], |row| rows::path(row, 0));
            Ok(path.optional()?)
        })
    }
}

/// Changes a job within a transaction.
pub(super) fn step(
    connection: &Connection,
    id: JobId,
    change: &Change,
    at: Timestamp,
) -> Result<Option<Job>, Trouble> {
    let Some(mut entry) = rows::by_id(connection, id)? else { return Ok(None) };
    let from = entry.job.state;
    let to = change.to();
    if !from.may_become(to) || !change.fits(&entry, at) {
        return Ok(None);
    }
    // What is not understood can come to an end, but it cannot be worked on.
    if let Some(complaint) = entry.complaint().filter(|_| !to.is_final()) {
        return Err(complaint.into());
    }
    change.apply(&mut entry, at);
    entry.job.state = to;
    if matches!(change, Change::Retry { .. }) {
        entry.job.place = place::bottom(connection, entry.job.priority, id)?;
    }
    rows::update(connection, &entry)?;
    rows::record(connection, id, at, Some(from), to, &entry.job.reason)?;
    if matches!(change, Change::Start | Change::Finish { .. }) {
        forget(connection, "DELETE FROM published WHERE job = ?1", id)?;
        forget(connection, "DELETE FROM hidden WHERE job = ?1", id)?;
    }
    if matches!(change, Change::Start) {
        next::release(connection, &entry.job.device, at)?;
    }
    // As it is read again: times are kept to the millisecond.
    Ok(rows::by_id(connection, id)?.map(Entry::shown))
}

impl Change {
    /// The state to which it leads.
    fn to(&self) -> State {
        match self {
            Change::Start | Change::Continue => State::Running,
            Change::Pause { .. } => State::Paused,
            Change::Requeue { .. }
            | Change::TryAgain { .. }
            | Change::Crashed { .. }
            | Change::Retry { .. } => State::Queued,
            Change::Finish { .. } => State::Done,
            Change::Fail { failure } if failure.kind == State::Refused.name() => State::Refused,
            Change::Fail { .. } => State::Failed,
            Change::Cancel { .. } => State::Cancelled,
        }
    }

    /// What must be so besides what [`State::may_become`] says.
    fn fits(&self, entry: &Entry, at: Timestamp) -> bool {
        let from = entry.job.state;
        match self {
            Change::Start => from == State::Queued && entry.blocked == 0 && next::is_due(entry, at),
            Change::Continue => from == State::Paused && entry.begun,
            Change::Requeue { .. } => matches!(from, State::Running | State::Paused),
            Change::TryAgain { .. } | Change::Crashed { .. } => from == State::Running,
            Change::Retry { .. } => from.is_final(),
            Change::Pause { .. }
            | Change::Finish { .. }
            | Change::Fail { .. }
            | Change::Cancel { .. } => true,
        }
    }

    /// Everything that changes with the state.
    fn apply(&self, entry: &mut Entry, at: Timestamp) {
        let job = &mut entry.job;
        job.reason = String::new();
        match self {
            Change::Start => {
                entry.begun = true;
                job.attempts = job.attempts.saturating_add(1);
                job.started = Some(at);
                job.failure = None;
                job.retry_at = None;
            }
            Change::Continue => {}
            Change::Pause { reason } => job.reason.clone_from(reason),
            Change::Requeue { reason } | Change::Crashed { reason } => {
                if matches!(self, Change::Crashed { .. }) {
                    job.crashes = job.crashes.saturating_add(1);
                }
                if std::mem::take(&mut entry.begun) {
                    job.attempts = job.attempts.saturating_sub(1);
                    job.started = None;
                }
                job.retry_at = None;
                job.reason.clone_from(reason);
            }
            Change::TryAgain { failure, not_before } => {
                entry.begun = false;
                job.retry_at = Some(*not_before);
                job.reason = failure.chain();
                job.failure = Some(failure.clone());
            }
            Change::Retry { from_scratch } => {
                job.from_scratch = *from_scratch;
                (job.attempts, job.crashes) = (0, 0);
                (job.started, job.ended, job.retry_at) = (None, None, None);
                job.failure = None;
            }
            Change::Finish { summary } => {
                job.from_scratch = false;
                job.summary = Some(summary.clone());
                job.failure = None;
            }
            Change::Fail { failure } => {
                job.reason = failure.chain();
                job.failure = Some(failure.clone());
            }
            Change::Cancel { reason } => {
                job.reason.clone_from(reason);
                job.failure = None;
            }
        }
        if self.to().is_final() {
            entry.begun = false;
            job.ended = Some(at);
            job.retry_at = None;
        }
        // A job that begins keeps the time that it was to wait for, which has come.
        entry.wait_until = rows::wait_until(job);
    }
}

fn forget(connection: &Connection, sql: &str, id: JobId) -> Result<(), Trouble> {
    connection.prepare_cached(sql)?.execute([id.to_string()])?;
    Ok(())
}

fn gone(id: JobId) -> Error {
    Error::failed(format!("there is no job {id} any more"))
}
