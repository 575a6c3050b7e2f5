//! What hot folders have taken: each file once, also across restarts.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use crate::error::Result;

use super::super::{Job, JobId};
use super::rows::StoredPath;
use super::{NewRow, Store, add, rows};

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

impl TakenState {
    const ALL: [TakenState; 3] = [TakenState::Working, TakenState::Settled, TakenState::Rejected];

    /// Its name, as it is stored.
    fn name(self) -> &'static str {
        match self {
            TakenState::Working => "working",
            TakenState::Settled => "settled",
            TakenState::Rejected => "rejected",
        }
    }
}

impl FromStr for TakenState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let state = TakenState::ALL.into_iter().find(|state| state.name() == text);
        state.ok_or_else(|| format!("{text} is no state of a file"))
    }
}

/// One file and no other.
const THIS: &str = "watch = ?1 AND path = ?2 AND stamp = ?3";
const COLUMNS: &str = "watch, path, stamp, job, state, at";

impl Store {
    /// Adds a job and the file that it was made of, in one transaction. `Ok(None)` when that very
    /// file was taken before: nothing is changed then. The job that is remembered for the file is
    /// the new one where there is one.
    ///
    /// # Errors
    /// As [`Store::add`].
    pub fn take(
        &self,
        taken: &Taken,
        new: Option<&NewRow>,
        at: Timestamp,
    ) -> Result<Option<Option<Job>>> {
        let sql = format!(
            "INSERT INTO taken ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO NOTHING"
        );
        self.write(|transaction| {
            let job = new.map(|new| new.id).or(taken.job).map(|id| id.to_string());
            let rows = transaction.prepare_cached(&sql)?.execute(params![
                taken.watch,
                StoredPath(&taken.path),
                taken.stamp,
                job,
                taken.state.name(),
                taken.at.as_millisecond(),
            ])?;
            if rows == 0 {
                return Ok(None);
            }
            Ok(Some(new.map(|new| add::insert(transaction, new, at)).transpose()?))
        })
    }

    /// Whether that very file was taken before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn was_taken(&self, watch: &str, path: &Path, stamp: &str) -> Result<bool> {
        let sql = format!("SELECT 1 FROM taken WHERE {THIS}");
        self.read(|connection| {
            let values = params![watch, StoredPath(path), stamp];
            Ok(connection.prepare_cached(&sql)?.exists(values)?)
        })
    }

    /// The files of a hot folder whose jobs had not ended when last looked at, in the order in
    /// which they were taken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unsettled(&self, watch: &str) -> Result<Vec<Taken>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM taken WHERE watch = ?1 AND state = 'working' \
             ORDER BY rowid"
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let files = statement.query_map([watch], file)?;
            Ok(files.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The file that this job was made of.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn taken_for(&self, job: JobId) -> Result<Option<Taken>> {
        let sql = format!("SELECT {COLUMNS} FROM taken WHERE job = ?1 LIMIT 1");
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_row([job.to_string()], file).optional()?)
        })
    }

    /// Says what has become of a file; nothing happens when it is not known.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle(&self, watch: &str, path: &Path, stamp: &str, state: TakenState) -> Result<()> {
        let sql = format!("UPDATE taken SET state = ?4 WHERE {THIS}");
        self.write(|transaction| {
            let values = params![watch, StoredPath(path), stamp, state.name()];
            transaction.prepare_cached(&sql)?.execute(values)?;
            Ok(())
        })
    }

    /// Forgets a file, so that it would be taken again: it no longer lies where it was taken.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_taken(&self, watch: &str, path: &Path, stamp: &str) -> Result<()> {
        let sql = format!("DELETE FROM taken WHERE {THIS}");
        self.write(|transaction| {
            let values = params![watch, StoredPath(path), stamp];
            transaction.prepare_cached(&sql)?.execute(values)?;
            Ok(())
        })
    }

    /// Files of a hot folder that were taken before this time and whose jobs have ended, or that
    /// could become none, after a place in the ledger (0: from its beginning). Beside them the
    /// place at which to go on; none at the end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn settled_before(
        &self,
        watch: &str,
        before: Timestamp,
        after: i64,
        limit: usize,
    ) -> Result<(Vec<Taken>, Option<i64>)> {
        // In the order of the table, so that each page goes on where the last one ended.
        let sql = format!(
            "SELECT {COLUMNS}, rowid FROM taken NOT INDEXED WHERE rowid > ?3 AND watch = ?1 \
             AND state <> 'working' AND at < ?2 ORDER BY rowid LIMIT ?4"
        );
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let limit_sql = i64::try_from(limit).unwrap_or(i64::MAX);
            let values = params![watch, before.as_millisecond(), after, limit_sql];
            let rows = statement.query_map(values, |row| Ok((file(row)?, row.get(6)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<(Taken, i64)>>>()?;
            let last = rows.last().map(|(_, place)| *place).filter(|_| rows.len() == limit);
            Ok((rows.into_iter().map(|(taken, _)| taken).collect(), last))
        })
    }

    /// Forgets many files in one transaction.
    ///
    /// # Errors
    /// When the store cannot be written; none is forgotten then.
    pub fn forget_all_taken(&self, files: &[Taken]) -> Result<()> {
        let sql = format!("DELETE FROM taken WHERE {THIS}");
        self.write(|transaction| {
            let mut statement = transaction.prepare_cached(&sql)?;
            for taken in files {
                statement.execute(params![taken.watch, StoredPath(&taken.path), taken.stamp])?;
            }
            Ok(())
        })
    }

    /// How many files a hot folder has taken: working, settled, rejected.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn taken_counts(&self, watch: &str) -> Result<(u64, u64, u64)> {
        let sql = "SELECT count(*) FROM taken WHERE watch = ?1 AND state = ?2";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut of = |state: TakenState| {
                statement.query_row([watch, state.name()], |row| rows::count(row, 0))
            };
            let (working, settled) = (of(TakenState::Working)?, of(TakenState::Settled)?);
            Ok((working, settled, of(TakenState::Rejected)?))
        })
    }
}

fn file(row: &Row<'_>) -> rusqlite::Result<Taken> {
    let job: Option<String> = row.get(3)?;
    Ok(Taken {
        watch: row.get(0)?,
        path: rows::path(row, 1)?,
        stamp: row.get(2)?,
        job: job.map(|_| rows::parsed(row, 3)).transpose()?,
        state: rows::parsed(row, 4)?,
        at: rows::time(row, 5)?.unwrap_or_default(),
    })
}
