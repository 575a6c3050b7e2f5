//! Looking things up, on connections that only read.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;

use super::super::{Job, JobId, State, Transition};
use super::access::Trouble;
use super::{Store, list, rows};

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

impl Counts {
    /// All jobs.
    pub fn sum(&self) -> u64 {
        State::ALL.into_iter().map(|state| self.of(state)).sum()
    }

    /// The number of jobs in this state.
    pub fn of(&self, state: State) -> u64 {
        match state {
            State::Queued => self.queued,
            State::Running => self.running,
            State::Paused => self.paused,
            State::Done => self.done,
            State::Failed => self.failed,
            State::Refused => self.refused,
            State::Cancelled => self.cancelled,
        }
    }

    fn set(&mut self, state: State, number: u64) {
        *match state {
            State::Queued => &mut self.queued,
            State::Running => &mut self.running,
            State::Paused => &mut self.paused,
            State::Done => &mut self.done,
            State::Failed => &mut self.failed,
            State::Refused => &mut self.refused,
            State::Cancelled => &mut self.cancelled,
        } = number;
    }
}

/// The texts of the queries, so that the tests can ask how each one is done.
pub(super) mod sql {
    pub(in super::super) const COUNTS: &str = "SELECT state, number FROM counters";
    pub(in super::super) const WRITER_OF: &str = "SELECT id FROM jobs WHERE output = ?1 \
         AND state IN ('queued', 'running', 'paused') LIMIT 1";
    pub(in super::super) const IN_STATE: &str = "SELECT id FROM jobs WHERE list_rank = ?1 \
         AND state = ?2 ORDER BY list_key, list_tie";
    pub(in super::super) const FIND: &str =
        "SELECT id FROM jobs WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 10";
    /// Looks at every id, but at nothing else of a job.
    pub(in super::super) const FIND_END: &str =
        "SELECT id FROM jobs WHERE substr(id, -length(?1)) = ?1 ORDER BY id DESC LIMIT 10";
    pub(in super::super) const WAITS_FOR: &str = "SELECT before, coalesce(state, 'cancelled') \
         FROM dependencies LEFT JOIN jobs ON id = before \
         WHERE job = ?1 AND state IS NOT 'done' ORDER BY dependencies.seq";
    pub(in super::super) const FOLLOWERS: &str =
        "SELECT job FROM dependencies WHERE before = ?1 ORDER BY job";
    pub(in super::super) const HISTORY: &str = "SELECT at, from_state, to_state, reason \
         FROM transitions WHERE job = ?1 ORDER BY seq";
}

impl Store {
    /// The job with this id.
    ///
    /// # Errors
    /// When what is stored of it is not understood, which names the job; when the store cannot be
    /// read.
    pub fn job(&self, id: JobId) -> Result<Option<Job>> {
        self.read(|connection| {
            Ok(rows::by_id(connection, id)?.map(rows::Entry::sound).transpose()?)
        })
    }

    /// The ids that begin or end with these letters, at most ten of them, the newest first: all ids
    /// of a day begin alike, so it is their ends that people type.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find(&self, prefix: &str) -> Result<Vec<JobId>> {
        let prefix = prefix.to_ascii_uppercase();
        // Behind all letters and digits that an id is made of.
        let end = format!("{prefix}~");
        self.read(|connection| {
            let begin = ids(connection, sql::FIND, &[&prefix, &end])?;
            if !begin.is_empty() || prefix.is_empty() {
                return Ok(begin);
            }
            ids(connection, sql::FIND_END, &[&prefix])
        })
    }

    /// How many jobs are in each state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn counts(&self) -> Result<Counts> {
        self.read(counts)
    }

    /// The ids of all jobs in this state, in the order of [`super::Sort::Queue`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn in_state(&self, state: State) -> Result<Vec<JobId>> {
        self.read(|connection| ids(connection, sql::IN_STATE, &[&list::rank(state), &state.name()]))
    }

    /// The jobs before this one that are not done, with their states; one that was removed counts
    /// as cancelled.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waits_for(&self, id: JobId) -> Result<Vec<(JobId, State)>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql::WAITS_FOR)?;
            let jobs = statement.query_map([id.to_string()], |row| {
                Ok((rows::parsed(row, 0)?, rows::parsed(row, 1)?))
            })?;
            Ok(jobs.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The jobs, by id, that name this one in their `after`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn followers(&self, id: JobId) -> Result<Vec<JobId>> {
        self.read(|connection| ids(connection, sql::FOLLOWERS, &[&id.to_string()]))
    }

    /// A job that is queued, running or paused and will write this output.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn writer_of(&self, output: &std::path::Path) -> Result<Option<JobId>> {
        // No job has a path that is not UTF-8.
        let Some(output) = output.to_str() else { return Ok(None) };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql::WRITER_OF)?;
            Ok(statement.query_row(params![output], |row| rows::parsed(row, 0)).optional()?)
        })
    }

    /// Every change of a job's state, the first one first, whatever the clock said.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(&self, id: JobId) -> Result<Vec<Transition>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql::HISTORY)?;
            let rows = statement.query_map([id.to_string()], |row| {
                let from: Option<String> = row.get(1)?;
                Ok(Transition {
                    at: rows::time(row, 0)?.unwrap_or_default(),
                    from: from.map(|_| rows::parsed(row, 1)).transpose()?,
                    to: rows::parsed(row, 2)?,
                    reason: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// How many jobs are in each state.
pub(super) fn counts(connection: &Connection) -> Result<Counts, Trouble> {
    let mut statement = connection.prepare_cached(sql::COUNTS)?;
    let mut rows = statement.query([])?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        counts.set(rows::parsed(row, 0)?, rows::count(row, 1)?);
    }
    Ok(counts)
}

fn ids(
    connection: &Connection,
    sql: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<JobId>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    let ids = statement.query_map(values, |row| rows::parsed(row, 0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}
