//! Which job is to run next, found without looking at those that cannot.
//!
//! A job that can run lies in the index of its device, in the order of the queue, so that the first
//! entry of each device is enough; jobs that wait for another one are in no index. Those that wait
//! for a time lie in an index by that time. When one job begins, those of its device whose time has
//! come move to the first index, a few at a time, so that they are not sorted again and again.

use std::cmp::Reverse;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::Result;

use super::super::Job;
use super::access::Trouble;
use super::rows::Entry;
use super::{Store, rows};

/// No fault that can pass is waited for longer, in milliseconds: a retry that is further away was
/// set before the clock was put back, and is due.
const LONGEST_RETRY: i64 = 60 * 60 * 1000;

/// So many jobs move to the index of those that can run when one begins.
const MOVED: i64 = 512;

/// The texts of the queries, so that the tests can ask how each one is done.
pub(super) mod sql {
    pub(in super::super) const OPEN_DEVICES: &str = "SELECT device FROM jobs INDEXED BY jobs_open \
         WHERE state = 'queued' AND blocked = 0 AND wait_until IS NULL AND device > ?1 \
         ORDER BY device LIMIT 1";
    pub(in super::super) const TIMED_DEVICES: &str = "SELECT device FROM jobs INDEXED BY jobs_timed \
         WHERE state = 'queued' AND blocked = 0 AND wait_until IS NOT NULL AND device > ?1 \
         ORDER BY device LIMIT 1";
    pub(in super::super) const OPEN: &str = "SELECT seq, crashes > 0, priority, place, device \
         FROM jobs INDEXED BY jobs_open \
         WHERE state = 'queued' AND blocked = 0 AND wait_until IS NULL AND device = ?1 \
         ORDER BY crashes > 0 DESC, priority DESC, place LIMIT 1";
    pub(in super::super) const TIMED: &str = "SELECT seq, crashes > 0, priority, place, device \
         FROM jobs INDEXED BY jobs_timed \
         WHERE state = 'queued' AND blocked = 0 AND wait_until IS NOT NULL AND device = ?1 \
         AND wait_until <= ?2 \
         ORDER BY crashes > 0 DESC, priority DESC, place LIMIT 1";
    pub(in super::super) const RETRIED: &str = "SELECT seq, crashes > 0, priority, place, device \
         FROM jobs INDEXED BY jobs_retried \
         WHERE state = 'queued' AND blocked = 0 AND retry_at IS NOT NULL AND retry_at > ?1 \
         AND (not_before IS NULL OR not_before <= ?2)";
    pub(in super::super) const DUE: &str = "SELECT wait_until FROM jobs INDEXED BY jobs_timed \
         WHERE state = 'queued' AND blocked = 0 AND wait_until IS NOT NULL AND device = ?1 \
         AND wait_until > ?2 AND (retry_at IS NULL OR retry_at <= ?3) ORDER BY wait_until LIMIT 1";
    pub(in super::super) const RETRIED_DUE: &str = "SELECT min(not_before) \
         FROM jobs INDEXED BY jobs_retried \
         WHERE state = 'queued' AND blocked = 0 AND retry_at IS NOT NULL AND retry_at > ?2 \
         AND not_before > ?1";
    pub(in super::super) const MOVE: &str = "UPDATE jobs SET wait_until = NULL WHERE seq IN ( \
         SELECT seq FROM jobs INDEXED BY jobs_timed \
         WHERE state = 'queued' AND blocked = 0 AND wait_until IS NOT NULL AND device = ?1 \
         AND wait_until <= ?2 LIMIT ?3)";
}

/// What decides which of several jobs goes first; the least one does.
type Rank = (Reverse<bool>, Reverse<i32>, i64, i64);

impl Store {
    /// The job that is to run next on any device but these: queued, its time has come, everything
    /// before it is done. Jobs that the service may have died of come first, so that each is proven
    /// alone. A few look-ups in indexes, whatever the length of the queue. A retry that is more
    /// than an hour away is due: the clock was put back.
    ///
    /// # Errors
    /// When what is stored of the job is not understood, which names the job; when the store cannot
    /// be read.
    pub fn next(&self, now: Timestamp, busy_devices: &[String]) -> Result<Option<Job>> {
        let now = now.as_millisecond();
        let free = |device: &String| !busy_devices.contains(device);
        self.read(|connection| {
            let mut found: Vec<Rank> = Vec::new();
            for device in devices(connection, sql::OPEN_DEVICES)?.into_iter().filter(free) {
                let mut open = connection.prepare_cached(sql::OPEN)?;
                found.extend(open.query_row([device], rank).optional()?);
            }
            for device in devices(connection, sql::TIMED_DEVICES)?.into_iter().filter(free) {
                let mut timed = connection.prepare_cached(sql::TIMED)?;
                found.extend(timed.query_row(params![device, now], rank).optional()?);
            }
            let mut retried = connection.prepare_cached(sql::RETRIED)?;
            let mut rows = retried.query([now.saturating_add(LONGEST_RETRY), now])?;
            while let Some(row) = rows.next()? {
                if free(&row.get(4)?) {
                    found.push(rank(row)?);
                }
            }
            let Some((.., seq)) = found.into_iter().min() else { return Ok(None) };
            Ok(rows::by_seq(connection, seq)?.map(Entry::sound).transpose()?)
        })
    }

    /// When the next queued job becomes due that waits for a time alone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let now = now.as_millisecond();
        let far = now.saturating_add(LONGEST_RETRY);
        self.read(|connection| {
            let mut times = Vec::new();
            for device in devices(connection, sql::TIMED_DEVICES)? {
                let mut due = connection.prepare_cached(sql::DUE)?;
                let values = params![device, now, far];
                times.extend(due.query_row(values, |row| rows::time(row, 0)).optional()?);
            }
            let mut retried = connection.prepare_cached(sql::RETRIED_DUE)?;
            times.push(retried.query_row([now, far], |row| rows::time(row, 0))?);
            Ok(times.into_iter().flatten().min())
        })
    }
}

/// Whether the time of a job has come, as [`Store::next`] sees it.
pub(super) fn is_due(entry: &Entry, at: Timestamp) -> bool {
    let now = at.as_millisecond();
    let Some(until) = entry.wait_until else { return true };
    let passed = |time: Option<Timestamp>| time.is_none_or(|time| time.as_millisecond() <= now);
    let far = now.saturating_add(LONGEST_RETRY);
    let put_back = entry.job.retry_at.is_some_and(|time| time.as_millisecond() > far);
    until <= now || (put_back && passed(entry.job.not_before))
}

/// Moves jobs of this device whose time has come to those that can run.
pub(super) fn release(connection: &Connection, device: &str, at: Timestamp) -> Result<(), Trouble> {
    let values = params![device, at.as_millisecond(), MOVED];
    connection.prepare_cached(sql::MOVE)?.execute(values)?;
    Ok(())
}

/// The devices in an index, one look-up for each.
fn devices(connection: &Connection, sql: &str) -> Result<Vec<String>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut devices: Vec<String> = Vec::new();
    loop {
        let last = devices.last().map_or("", String::as_str);
        match statement.query_row([last], |row| row.get(0)).optional()? {
            Some(device) => devices.push(device),
            None => return Ok(devices),
        }
    }
}

fn rank(row: &Row<'_>) -> rusqlite::Result<Rank> {
    Ok((Reverse(row.get(1)?), Reverse(row.get(2)?), row.get(3)?, row.get(0)?))
}
