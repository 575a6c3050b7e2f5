//! The order of the jobs of one priority: places are numbers with gaps between them.

use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::super::{Job, JobId};
use super::access::Trouble;
use super::rows;

/// From one place to the next, so that about twenty jobs fit between two before all are numbered
/// anew.
pub(super) const GAP: i64 = 1 << 20;

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

/// Jobs whose places count, but for this one; the same words as in the index `jobs_places`.
macro_rules! others {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM jobs WHERE state IN ('queued', 'running', 'paused') AND priority = ?1 \
             AND id <> ?2",
            $rest
        )
    };
}

/// The place behind all other jobs of a priority.
pub(super) fn bottom(connection: &Connection, priority: i32, id: JobId) -> Result<i64, Trouble> {
    let last = || number(connection, others!("max(place)", ""), params![priority, id.to_string()]);
    match last()?.map_or(Some(GAP), |last| last.checked_add(GAP)) {
        Some(place) => Ok(place),
        None => {
            renumber(connection, priority)?;
            Ok(last()?.unwrap_or(0).saturating_add(GAP))
        }
    }
}

/// Gives a job its new priority and place; false when the job that `place` names is not in the
/// queue.
pub(super) fn put(connection: &Connection, job: &mut Job, place: Place) -> Result<bool, Trouble> {
    let first = others!("id", " ORDER BY place LIMIT 1");
    let earlier =
        others!("id", " AND state <> 'running' AND place < ?3 ORDER BY place DESC LIMIT 1");
    let later = others!("id", " AND state <> 'running' AND place > ?3 ORDER BY place LIMIT 1");
    let (other, before) = match place {
        Place::Before(other) => (Some(other), true),
        Place::Behind(other) => (Some(other), false),
        Place::Top => (neighbor(connection, job, first, &[])?, true),
        Place::Up => (neighbor(connection, job, earlier, &[&job.place])?, true),
        Place::Down => (neighbor(connection, job, later, &[&job.place])?, false),
        Place::Bottom => {
            job.place = bottom(connection, job.priority, job.id)?;
            return Ok(true);
        }
    };
    // Nobody to stand beside: it is the first or the last as it is.
    let Some(other) = other else { return Ok(true) };
    let Some(entry) = rows::by_id(connection, other)? else { return Ok(false) };
    if entry.job.state.is_final() {
        return Ok(false);
    }
    if other == job.id {
        return Ok(true);
    }
    job.priority = entry.job.priority;
    job.place = match beside(connection, job, entry.job.place, before)? {
        Some(place) => place,
        None => {
            renumber(connection, job.priority)?;
            let here = rows::by_id(connection, other)?.map_or(0, |entry| entry.job.place);
            beside(connection, job, here, before)?.unwrap_or(here)
        }
    };
    Ok(true)
}

/// The job that a look-up finds.
fn neighbor(
    connection: &Connection,
    job: &Job,
    sql: &str,
    place: &[&dyn ToSql],
) -> Result<Option<JobId>, Trouble> {
    let id = job.id.to_string();
    let mut values: Vec<&dyn ToSql> = vec![&job.priority, &id];
    values.extend(place);
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(values.as_slice(), |row| rows::parsed(row, 0)).optional()?)
}

/// A free place right before or behind this one; none when there is no room.
fn beside(
    connection: &Connection,
    job: &Job,
    here: i64,
    before: bool,
) -> Result<Option<i64>, Trouble> {
    let sql = if before {
        others!("max(place)", " AND place < ?3")
    } else {
        others!("min(place)", " AND place > ?3")
    };
    match number(connection, sql, params![job.priority, job.id.to_string(), here])? {
        Some(next) => Ok(Some(here.midpoint(next)).filter(|free| *free != here && *free != next)),
        None if before => Ok(here.checked_sub(GAP)),
        None => Ok(here.checked_add(GAP)),
    }
}

/// Numbers all jobs of a priority anew, in their order.
fn renumber(connection: &Connection, priority: i32) -> Result<(), Trouble> {
    let sql = "UPDATE jobs SET place = new.number * ?2 FROM \
         (SELECT seq, row_number() OVER (ORDER BY place, seq) AS number FROM jobs \
         WHERE state IN ('queued', 'running', 'paused') AND priority = ?1) AS new \
         WHERE jobs.seq = new.seq";
    connection.prepare_cached(sql)?.execute(params![priority, GAP])?;
    Ok(())
}

fn number(
    connection: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
) -> Result<Option<i64>, Trouble> {
    Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}
