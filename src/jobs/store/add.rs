//! Adding jobs.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::error::{Error, Result};

use super::super::{Job, JobId, Origin, State};
use super::access::Trouble;
use super::{NewRow, Store, place, rows};

impl Store {
    /// Adds jobs at the end of their priority, all or none, in this order. One may wait for another
    /// that stands before it in the list.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when a job that one waits for is not there, when there is a
    /// job with that id, when a state is neither queued nor paused, or when a path is not UTF-8;
    /// when the store cannot be written.
    pub fn add(&self, new: &[NewRow], at: Timestamp) -> Result<Vec<Job>> {
        self.write(|transaction| new.iter().map(|new| insert(transaction, new, at)).collect())
    }
}

/// Adds one job.
pub(super) fn insert(connection: &Connection, new: &NewRow, at: Timestamp) -> Result<Job, Trouble> {
    let NewRow { id, spec, .. } = new;
    if !matches!(new.state, State::Queued | State::Paused) {
        let message =
            format!("job {id} cannot be added as {}: only as queued or paused", new.state);
        return Err(Error::usage(message).into());
    }
    if exists(connection, *id)? {
        return Err(Error::usage(format!("there is a job {id} already")).into());
    }
    let text = serde_json::to_string(spec).map_err(|e| {
        Error::usage(format!("job {} cannot be stored", spec.name))
            .because(e)
            .hint("give its files names in UTF-8")
    })?;
    let watch = match &spec.origin {
        Origin::Watch { name } => Some(name),
        Origin::Local | Origin::Network => None,
    };
    let not_before = new.not_before.map(Timestamp::as_millisecond);
    let sql = "INSERT INTO jobs (id, name, profile_name, watch, target, output, search, state, \
         priority, place, device, not_before, wait_until, max_attempts, created) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13, ?14)";
    connection.prepare_cached(sql)?.execute(params![
        id.to_string(),
        spec.name,
        spec.profile_name,
        watch,
        spec.target.to_str(),
        spec.output.to_str(),
        rows::search_text(*id, spec),
        new.state.name(),
        new.priority,
        place::bottom(connection, new.priority, *id)?,
        spec.device(),
        not_before,
        new.max_attempts,
        at.as_millisecond(),
    ])?;
    connection
        .prepare_cached("INSERT INTO specs (job, spec) VALUES (?1, ?2)")?
        .execute(params![id.to_string(), text])?;
    depend(connection, *id, &new.after)?;
    rows::record(connection, *id, at, None, new.state, "")?;
    match rows::by_id(connection, *id)? {
        Some(entry) => Ok(entry.sound()?),
        None => Err(rusqlite::Error::QueryReturnedNoRows.into()),
    }
}

/// Whether there is such a job.
pub(super) fn exists(connection: &Connection, id: JobId) -> Result<bool, Trouble> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM jobs WHERE id = ?1")?;
    Ok(statement.exists([id.to_string()])?)
}

/// Lets a job wait for others, which must be there.
pub(super) fn depend(connection: &Connection, id: JobId, after: &[JobId]) -> Result<(), Trouble> {
    let sql = "INSERT INTO dependencies (job, before) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql)?;
    for before in after {
        if *before == id {
            return Err(Error::usage(format!("job {id} would wait for itself")).into());
        }
        if !exists(connection, *before)? {
            let message = format!("job {id} is to wait for job {before}, which is not there");
            return Err(Error::usage(message).hint("see the ids: facedeck jobs list").into());
        }
        statement.execute(params![id.to_string(), before.to_string()])?;
    }
    Ok(())
}
