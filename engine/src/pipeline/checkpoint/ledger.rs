//! The ledger of a job's work: one SQLite file in its folder.
//!
//! A segment is recorded in one transaction when its file is whole, synced and has its name; what
//! is not recorded was never made.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};

use super::super::gaps::Gaps;
use super::fingerprint::Fingerprint;

/// The version of the tables; one that is not known is no ledger of ours.
const VERSION: i64 = 1;

/// How long another reader of the ledger is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

const TABLES: &str = "
    CREATE TABLE print (
        label TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE film (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        target BLOB NOT NULL,
        output BLOB NOT NULL,
        frames INTEGER,
        per_segment INTEGER NOT NULL CHECK (per_segment > 0)
    ) STRICT;
    CREATE TABLE segments (
        number INTEGER PRIMARY KEY,
        first_frame INTEGER NOT NULL,
        first_tick INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        sealed TEXT NOT NULL
    ) STRICT;
    CREATE TABLE state (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        tracker BLOB NOT NULL,
        selector BLOB NOT NULL,
        screener BLOB NOT NULL,
        processor BLOB NOT NULL
    ) STRICT;
";

/// The film that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    /// The target.
    pub target: PathBuf,
    /// The output.
    pub output: PathBuf,
    /// How many frames it has, as far as that is known.
    pub frames: Option<u64>,
    /// Frames of every segment but the last.
    pub per_segment: u64,
}

/// What was done to some frames.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Frames written.
    pub frames: u64,
    /// Those in which a face was swapped.
    pub frames_with_swap: u64,
    /// Those without.
    pub gaps: Gaps,
    /// Faces swapped.
    pub faces_swapped: u64,
    /// Frames that the content filter looked at.
    pub screened: u64,
}

/// A segment that is whole, synced and has its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Its number, from 0.
    pub number: u64,
    /// The number of its first frame.
    pub first_frame: u64,
    /// How many frames it has.
    pub frames: u64,
    /// The tick of its first frame on the clock of the output.
    pub first_tick: i64,
    /// The tick of its last frame.
    pub last_tick: i64,
    /// The timestamp of its last frame in ticks of the target.
    pub last_pts: i64,
    /// The timestamp of the film's first frame in ticks of the target.
    pub origin: i64,
    /// SHA-256 of its last frame as it was decoded, in hex: who goes on makes sure to go on there.
    pub last_hash: String,
    /// Bytes of its file.
    pub bytes: u64,
    /// The film ends with it.
    pub is_last: bool,
    /// What was done up to its end, from the beginning of the film.
    pub counts: Counts,
}

/// What the stages remember at the end of a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Of the faces that are followed.
    pub tracker: Vec<u8>,
    /// Of who is swapped.
    pub selector: Vec<u8>,
    /// Of the content filter's last look.
    pub screener: Vec<u8>,
    /// Of the processors.
    pub processor: Vec<u8>,
}

/// The ledger, open.
#[derive(Debug)]
pub struct Ledger(Connection);

impl Ledger {
    /// Begins a ledger in a file that does not exist.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(path: &Path, print: &Fingerprint, film: &Film) -> Result<Self> {
        let what = || format!("cannot begin the ledger {}", path.display());
        let mut ledger = Ledger(connect(path).context(what)?);
        ledger.fill(print, film).context(what)?;
        Ok(ledger)
    }

    fn fill(&mut self, print: &Fingerprint, film: &Film) -> rusqlite::Result<()> {
        let change = self.0.transaction()?;
        change.execute_batch(TABLES)?;
        for (label, value) in print.parts() {
            change.execute("INSERT INTO print VALUES (?1, ?2)", params![label, value])?;
        }
        change.execute(
            "INSERT INTO film VALUES (1, ?1, ?2, ?3, ?4)",
            params![
                film.target.as_os_str().as_bytes(),
                film.output.as_os_str().as_bytes(),
                film.frames.map(u64::cast_signed),
                film.per_segment.cast_signed()
            ],
        )?;
        change.pragma_update(None, "user_version", VERSION)?;
        change.commit()
    }

    /// Opens a ledger; nothing when the file is empty, since its beginning was cut off.
    ///
    /// # Errors
    /// When it cannot be read, or is no ledger of this version.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let what = || format!("cannot read the ledger {}", path.display());
        let connection = connect(path).context(what)?;
        let version: i64 =
            connection.pragma_query_value(None, "user_version", |row| row.get(0)).context(what)?;
        match version {
            0 => Ok(None),
            VERSION => Ok(Some(Ledger(connection))),
            other => Err(Error::failed(format!("{}: it has version {other}", what()))
                .hint("another version of facedeck began this work: go on with that one")),
        }
    }

    /// What the job was begun with.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn print(&self) -> Result<Fingerprint> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            let mut rows = self.0.prepare("SELECT label, value FROM print")?;
            rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map(Fingerprint::from_parts).context(unreadable)
    }

    /// The film that is made.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn film(&self) -> Result<Film> {
        let select = "SELECT target, output, frames, per_segment FROM film";
        let film = self.0.query_row(select, [], |row| {
            Ok(Film {
                target: path(row.get(0)?),
                output: path(row.get(1)?),
                frames: row.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned),
                per_segment: row.get::<_, i64>(3)?.cast_unsigned(),
            })
        });
        film.context(unreadable)
    }

    /// Records a segment and what the stages remember at its end.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing is recorded.
    pub fn record(&mut self, sealed: &Sealed, state: &State) -> Result<()> {
        let what = || format!("cannot record segment {}", sealed.number);
        let text = serde_json::to_string(sealed).context(what)?;
        let mut write = || -> rusqlite::Result<()> {
            let change = self.0.transaction()?;
            change.execute(
                "INSERT INTO segments VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    sealed.number.cast_signed(),
                    sealed.first_frame.cast_signed(),
                    sealed.first_tick,
                    sealed.bytes.cast_signed(),
                    text
                ],
            )?;
            // Only the last one is of use.
            change.execute(
                "INSERT OR REPLACE INTO state VALUES (1, ?1, ?2, ?3, ?4)",
                params![state.tracker, state.selector, state.screener, state.processor],
            )?;
            change.commit()
        };
        write().context(what)
    }

    /// How many frames are in segments that are recorded, and the bytes of these.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn done(&self) -> Result<(u64, u64)> {
        let frames = self.last()?.map_or(0, |(last, _)| last.first_frame + last.frames);
        let sum = "SELECT coalesce(sum(bytes), 0) FROM segments";
        let bytes: i64 = self.0.query_row(sum, [], |row| row.get(0)).context(unreadable)?;
        Ok((frames, bytes.cast_unsigned()))
    }

    /// How many segments are recorded.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn count(&self) -> Result<u64> {
        let count: i64 = self
            .0
            .query_row("SELECT count(*) FROM segments", [], |row| row.get(0))
            .context(unreadable)?;
        Ok(count.cast_unsigned())
    }

    /// The place and size of a segment's file: the tick of its first frame, and its bytes.
    ///
    /// # Errors
    /// When the ledger cannot be read, or has no such segment.
    pub fn segment(&self, number: u64) -> Result<(i64, u64)> {
        let select = "SELECT first_tick, bytes FROM segments WHERE number = ?1";
        let row = self.0.query_row(select, [number.cast_signed()], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
        });
        row.context(unreadable)
    }

    /// The last segment, and what the stages remembered at its end.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn last(&self) -> Result<Option<(Sealed, State)>> {
        let select = "SELECT sealed FROM segments ORDER BY number DESC LIMIT 1";
        let text: Option<String> =
            self.0.query_row(select, [], |row| row.get(0)).optional().context(unreadable)?;
        let Some(text) = text else { return Ok(None) };
        let sealed = serde_json::from_str(&text).context(unreadable)?;
        let select = "SELECT tracker, selector, screener, processor FROM state";
        let state = self.0.query_row(select, [], |row| {
            Ok(State {
                tracker: row.get(0)?,
                selector: row.get(1)?,
                screener: row.get(2)?,
                processor: row.get(3)?,
            })
        });
        Ok(Some((sealed, state.context(unreadable)?)))
    }
}

fn path(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

fn unreadable() -> String {
    "cannot read the ledger of the work".to_owned()
}

/// No write-ahead log: the folder may lie on a network file system, which cannot share memory.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    Ok(connection)
}
