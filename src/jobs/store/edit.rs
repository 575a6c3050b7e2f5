//! Changing what can be changed about a job that has not begun.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::error::{Error, Result};

use super::super::{Job, JobId, State};
use super::access::Trouble;
use super::rows::Entry;
use super::{Place, Store, add, place, rows};

/// So many jobs of a circle are named.
const NAMED: usize = 8;

/// What is to be changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// A new priority; the job goes to the end of it unless a place is given too. A job that has it
    /// already stays where it is.
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

impl Store {
    /// Changes a job that is queued or paused. `Ok(None)` when it is neither, when there is no such
    /// job, or when one that `place` names has ended or is not there.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it would wait for itself, however long the way, or for a
    /// job that is not there; when what is stored of the job is not understood; when the store
    /// cannot be written.
    pub fn edit(&self, id: JobId, edit: &Edit) -> Result<Option<Job>> {
        self.write(|transaction| {
            let Some(entry) = rows::by_id(transaction, id)? else { return Ok(None) };
            if !matches!(entry.job.state, State::Queued | State::Paused) {
                return Ok(None);
            }
            match entry.complaint() {
                Some(complaint) => Err(complaint.into()),
                None => apply(transaction, entry, edit),
            }
        })
    }
}

fn apply(connection: &Connection, mut entry: Entry, edit: &Edit) -> Result<Option<Job>, Trouble> {
    let job = &mut entry.job;
    let id = job.id;
    if let Some(priority) = edit.priority.filter(|priority| *priority != job.priority) {
        job.priority = priority;
        job.place = place::bottom(connection, priority, id)?;
    }
    if let Some(place) = edit.place
        && !place::put(connection, job, place)?
    {
        return Ok(None);
    }
    if let Some(max_attempts) = edit.max_attempts {
        job.max_attempts = max_attempts;
    }
    if let Some(not_before) = edit.not_before {
        job.not_before = not_before;
        entry.wait_until = rows::wait_until(job);
    }
    rows::update(connection, &entry)?;
    if let Some(name) = &edit.name {
        rename(connection, &mut entry.job, name)?;
    }
    if let Some(after) = &edit.after {
        no_circle(connection, id, after)?;
        connection
            .prepare_cached("DELETE FROM dependencies WHERE job = ?1")?
            .execute([id.to_string()])?;
        add::depend(connection, id, after)?;
    }
    Ok(rows::by_id(connection, id)?.map(|entry| entry.job))
}

fn rename(connection: &Connection, job: &mut Job, name: &str) -> Result<(), Trouble> {
    name.clone_into(&mut job.spec.name);
    let (id, spec) = (job.id.to_string(), rows::json(&job.spec)?);
    connection
        .prepare_cached("UPDATE jobs SET name = ?2, search = ?3 WHERE id = ?1")?
        .execute(params![id, name, rows::search_text(job.id, &job.spec)])?;
    connection
        .prepare_cached("UPDATE specs SET spec = ?2 WHERE job = ?1")?
        .execute(params![id, spec])?;
    Ok(())
}

/// Checks that a job that waits for these does not wait for itself. Every pair of jobs is looked at
/// once, so that many ways to one job cost nothing.
fn no_circle(connection: &Connection, id: JobId, after: &[JobId]) -> Result<(), Trouble> {
    let sql = "WITH RECURSIVE way (job, via) AS ( \
         SELECT value, ?1 FROM json_each(?2) \
         UNION \
         SELECT before, dependencies.job FROM way JOIN dependencies ON dependencies.job = way.job) \
         SELECT job, via FROM way";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(params![id.to_string(), rows::json(&after)?])?;
    let mut via: HashMap<JobId, JobId> = HashMap::new();
    while let Some(row) = found.next()? {
        let (before, job) = (rows::parsed(row, 0)?, rows::parsed(row, 1)?);
        via.entry(before).or_insert(job);
        if before == id {
            return Err(Error::usage(circle(id, &via)).hint("leave one of these out").into());
        }
    }
    Ok(())
}

/// Who waits for whom, all the way round.
fn circle(id: JobId, via: &HashMap<JobId, JobId>) -> String {
    let mut way = vec![id];
    while let Some(job) = way.last().and_then(|job| via.get(job)) {
        way.push(*job);
        if *job == id {
            break;
        }
    }
    way.reverse();
    let mut text = format!("job {id} would wait for itself: {id}");
    for (index, job) in way.iter().enumerate().skip(1) {
        if index < NAMED || index + 1 == way.len() {
            let _ = write!(text, " after {job}");
        } else if index == NAMED {
            let _ = write!(text, " after … {} more", way.len() - NAMED - 1);
        }
    }
    text
}
