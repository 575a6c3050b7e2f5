//! Rows turned into jobs and back.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::{FromSqlError, ToSqlOutput, Type, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use crate::error::Error;
use crate::profiles::Profile;

use super::super::{Failure, Job, JobId, JobSpec, Origin, State};
use super::access::Trouble;

/// A job with what the store alone needs to know.
pub(super) struct Entry {
    pub(super) seq: i64,
    pub(super) job: Job,
    /// An attempt has begun and has not come to its end.
    pub(super) begun: bool,
    /// So many jobs before it are not done.
    pub(super) blocked: i64,
    /// See [`super::schema`].
    pub(super) wait_until: Option<i64>,
    /// Why its spec cannot be understood.
    broken: Option<String>,
}

impl Entry {
    /// The job, whose spec must be understood: it may be worked on.
    pub(super) fn sound(self) -> Result<Job, Error> {
        match self.complaint() {
            Some(complaint) => Err(complaint),
            None => Ok(self.job),
        }
    }

    /// The job as it can be shown and removed, even where its spec is not understood: then with the
    /// built-in profile, and with a failure that says so.
    pub(super) fn shown(self) -> Job {
        let complaint = self.complaint();
        let mut job = self.job;
        if let Some(complaint) = complaint {
            tracing::warn!("{}", complaint.chain());
            job.failure.get_or_insert_with(|| Failure::from(&complaint));
        }
        job
    }

    /// What is wrong with the spec.
    pub(super) fn complaint(&self) -> Option<Error> {
        let why = self.broken.clone()?;
        Some(
            Error::failed(format!("what is stored of job {} is not understood", self.job.id))
                .because(why)
                .hint(format!(
                    "another version of facedeck may have added it: go on with that one, or remove \
                     the job: facedeck jobs remove {}",
                    self.job.id
                )),
        )
    }
}

const SELECT: &str = "SELECT jobs.seq, id, name, profile_name, watch, target, output, state, \
     priority, place, device, not_before, retry_at, wait_until, blocked, attempts, begun, \
     max_attempts, crashes, from_scratch, created, started, ended, reason, failure, summary, spec \
     FROM jobs LEFT JOIN specs ON specs.job = jobs.id";

/// The job with this id.
pub(super) fn by_id(connection: &Connection, id: JobId) -> Result<Option<Entry>, Trouble> {
    one(connection, &format!("{SELECT} WHERE id = ?1"), &id.to_string())
}

/// The job in this row.
pub(super) fn by_seq(connection: &Connection, seq: i64) -> Result<Option<Entry>, Trouble> {
    one(connection, &format!("{SELECT} WHERE jobs.seq = ?1"), &seq)
}

fn one(connection: &Connection, sql: &str, key: &dyn ToSql) -> Result<Option<Entry>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    let Some(mut entry) = statement.query_row([key], entry).optional()? else { return Ok(None) };
    entry.job.after = before(connection, entry.job.id)?;
    Ok(Some(entry))
}

/// The jobs before a job, as they were given.
pub(super) fn before(connection: &Connection, id: JobId) -> Result<Vec<JobId>, Trouble> {
    let sql = "SELECT before FROM dependencies WHERE job = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let ids = statement.query_map([id.to_string()], |row| parsed(row, 0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let (spec, broken) = spec(row)?;
    let failure: Option<String> = row.get("failure")?;
    let summary: Option<String> = row.get("summary")?;
    Ok(Entry {
        seq: row.get("seq")?,
        begun: row.get("begun")?,
        blocked: row.get("blocked")?,
        wait_until: row.get("wait_until")?,
        broken,
        job: Job {
            id: parsed(row, 1)?,
            spec,
            state: parsed(row, 7)?,
            priority: row.get("priority")?,
            place: row.get("place")?,
            device: row.get("device")?,
            after: Vec::new(),
            not_before: time(row, 11)?,
            retry_at: time(row, 12)?,
            attempts: row.get("attempts")?,
            max_attempts: row.get("max_attempts")?,
            crashes: row.get("crashes")?,
            from_scratch: row.get("from_scratch")?,
            created: time(row, 20)?.unwrap_or_default(),
            started: time(row, 21)?,
            ended: time(row, 22)?,
            reason: row.get("reason")?,
            // Told as it stands where its form is one that is not known.
            failure: failure.map(|text| {
                serde_json::from_str(&text)
                    .unwrap_or_else(|_| Failure::of_kind("failed", text, None))
            }),
            summary: summary.and_then(|text| serde_json::from_str(&text).ok()),
        },
    })
}

/// The spec, and why it is not understood; then as much of it as is.
fn spec(row: &Row<'_>) -> rusqlite::Result<(JobSpec, Option<String>)> {
    let text: Option<String> = row.get("spec")?;
    let text = text.unwrap_or_default();
    let error = match serde_json::from_str(&text) {
        Ok(spec) => return Ok((spec, None)),
        Err(error) => error.to_string(),
    };
    let without_profile = || {
        let mut value: serde_json::Value = serde_json::from_str(&text).ok()?;
        *value.get_mut("profile")? = serde_json::to_value(Profile::default()).ok()?;
        serde_json::from_value(value).ok()
    };
    let watch: Option<String> = row.get("watch")?;
    let spec = match without_profile() {
        Some(spec) => spec,
        None => JobSpec {
            name: row.get("name")?,
            sources: Vec::new(),
            source_face: None,
            target: row.get::<_, String>("target")?.into(),
            output: row.get::<_, String>("output")?.into(),
            overwrite: false,
            profile_name: row.get("profile_name")?,
            profile: Profile::default(),
            origin: watch.map_or(Origin::Local, |name| Origin::Watch { name }),
        },
    };
    Ok((spec, Some(error)))
}

/// Writes back everything about a job that can change but its name and what is before it.
pub(super) fn update(connection: &Connection, entry: &Entry) -> Result<(), Trouble> {
    let job = &entry.job;
    let sql = "UPDATE jobs SET state = ?2, priority = ?3, place = ?4, not_before = ?5, \
         retry_at = ?6, wait_until = ?7, attempts = ?8, begun = ?9, max_attempts = ?10, \
         crashes = ?11, from_scratch = ?12, started = ?13, ended = ?14, reason = ?15, \
         failure = ?16, summary = ?17 WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute(params![
        entry.seq,
        job.state.name(),
        job.priority,
        job.place,
        job.not_before.map(Timestamp::as_millisecond),
        job.retry_at.map(Timestamp::as_millisecond),
        entry.wait_until,
        job.attempts,
        entry.begun,
        job.max_attempts,
        job.crashes,
        job.from_scratch,
        job.started.map(Timestamp::as_millisecond),
        job.ended.map(Timestamp::as_millisecond),
        job.reason,
        job.failure.as_ref().map(json).transpose()?,
        job.summary.as_ref().map(json).transpose()?,
    ])?;
    Ok(())
}

/// Writes a row of the history.
pub(super) fn record(
    connection: &Connection,
    id: JobId,
    at: Timestamp,
    from: Option<State>,
    to: State,
    reason: &str,
) -> Result<(), Trouble> {
    let sql = "INSERT INTO transitions (job, at, from_state, to_state, reason) \
         VALUES (?1, ?2, ?3, ?4, ?5)";
    let at = at.as_millisecond();
    let from = from.map(State::name);
    let values = params![id.to_string(), at, from, to.name(), reason];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// The later one of two times that a job waits for.
pub(super) fn wait_until(job: &Job) -> Option<i64> {
    job.not_before.max(job.retry_at).map(Timestamp::as_millisecond)
}

/// What a search looks through.
pub(super) fn search_text(id: JobId, spec: &JobSpec) -> String {
    let mut text = format!("{}\n{id}", spec.name);
    for path in [&spec.target, &spec.output].into_iter().chain(&spec.sources) {
        text.push('\n');
        text.push_str(&path.to_string_lossy());
    }
    text.to_lowercase()
}

/// A value as JSON.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, Trouble> {
    serde_json::to_string(value)
        .map_err(|e| Trouble::Told(Error::failed("cannot be stored as JSON").because(e)))
}

/// A column of text as something that is written in text.
pub(super) fn parsed<T: std::str::FromStr<Err: ToString>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.to_string().into())
    })
}

/// A column of milliseconds as a time.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?
        .map(Timestamp::from_millisecond)
        .transpose()
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, e.into()))
}

/// A column with a number of things.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A path as text where it is UTF-8, so that people can read it, and as bytes where it is not.
pub(super) struct StoredPath<'a>(pub(super) &'a Path);

impl ToSql for StoredPath<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0.to_str() {
            Some(text) => ValueRef::Text(text.as_bytes()),
            None => ValueRef::Blob(self.0.as_os_str().as_bytes()),
        }))
    }
}

/// A column that [`StoredPath`] wrote.
pub(super) fn path(row: &Row<'_>, column: usize) -> rusqlite::Result<PathBuf> {
    match row.get::<_, Value>(column)? {
        Value::Text(text) => Ok(text.into()),
        Value::Blob(bytes) => Ok(OsStr::from_bytes(&bytes).into()),
        other => Err(rusqlite::Error::FromSqlConversionFailure(
            column,
            other.data_type(),
            FromSqlError::InvalidType.into(),
        )),
    }
}
