//! Opening the store; what cannot be read or comes from a newer facedeck is moved aside.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::error::{Error, Result};

use super::access::{Trouble, explained, is_of_the_surroundings};
use super::aside::{self, Reason};
use super::{Store, read, schema, understood};

/// So long another program may hold the file before that is an error.
const PATIENCE: Duration = Duration::from_secs(5);
/// The log of what was written goes back to this size in bytes once it is in the file.
const LOG_BYTES: i64 = 16 * 1024 * 1024;
/// There are more texts of queries than rusqlite keeps ready by itself.
const STATEMENTS: usize = 64;
/// SQLite's pages are not smaller, in bytes.
const LEAST_PAGE: usize = 512;
/// This facedeck, which understands what it has written itself.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why a file is not opened.
enum Refused {
    /// Nothing is wrong with the file.
    Surroundings(Error),
    /// It is moved aside.
    File(Reason),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Refused::File(Reason::Unreadable(error.into()))
    }
}

impl Store {
    /// Opens the store in this file, which is made where there is none, and brings it up to date.
    /// After a crash it is checked from the first page to the last. Queued jobs that another
    /// version of facedeck wrote and this one does not understand are failed, which says so.
    ///
    /// # Errors
    /// When it is unreadable, damaged, or written by a newer facedeck: then it has been moved
    /// aside, and the message says where. When the folder cannot be written, the disk is full or
    /// another program holds the store: then nothing is moved.
    pub fn open(path: &Path) -> Result<Self> {
        make(path)?;
        connect(path).map_err(|refused| match refused {
            Refused::Surroundings(error) => error,
            Refused::File(reason) => aside::refuse(path, reason),
        })
    }
}

impl Store {
    /// Brings everything into the one file and says there that nothing is half-way, so that the next
    /// start need not check it all. For the end of a process, in which somebody may still hold it.
    pub fn close(&self) {
        let closed = self.write(|transaction| Ok(mark(transaction, "clean", "1")?));
        if let Err(error) = closed.and_then(|()| self.checkpoint()) {
            // The log of changes holds what the file does not.
            tracing::debug!("{}", error.chain());
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

/// Makes the folder and an empty file that only its owner can read, where there is none.
fn make(path: &Path) -> Result<()> {
    let hint = "see that its folder can be written, or name another one with FACEDECK_HOME";
    let failed = |e: std::io::Error| {
        Error::failed(format!("cannot make the store {}", path.display())).because(e).hint(hint)
    };
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    if !holds_something(path) && holds_something(&aside::beside(path, "-wal")) {
        // SQLite would throw the log away.
        let why = "there is a log of changes, but not the file that it belongs to";
        return Err(aside::refuse(path, Reason::Unreadable(why.into())));
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            let about = path.metadata().map_err(failed)?;
            if about.is_dir() {
                return Err(Error::failed(format!("the store {} is a folder", path.display()))
                    .hint("move it away, and start again"));
            }
            if about.len() > 0 && !begins_like_a_store(path).map_err(failed)? {
                let why = "it is no SQLite file";
                return Err(aside::refuse(path, Reason::Unreadable(why.into())));
            }
            // A backup that was put back, perhaps.
            if about.permissions().mode() & 0o077 != 0
                && let Err(error) = std::fs::set_permissions(path, Permissions::from_mode(0o600))
            {
                tracing::warn!("others can read {}: {error}", path.display());
            }
            Ok(())
        }
        Err(e) => Err(failed(e)),
    }
}

/// SQLite takes a file that is shorter than a page for an empty one, and writes over it.
fn begins_like_a_store(path: &Path) -> std::io::Result<bool> {
    let mut page = Vec::with_capacity(LEAST_PAGE);
    File::open(path)?.take(LEAST_PAGE as u64).read_to_end(&mut page)?;
    Ok(page.len() == LEAST_PAGE && page.starts_with(b"SQLite format 3\0"))
}

fn holds_something(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.len() > 0)
}

fn connect(path: &Path) -> Result<Store, Refused> {
    let sort = |refused| match refused {
        Refused::File(Reason::Unreadable(cause)) => match cause.downcast::<rusqlite::Error>() {
            Ok(error) if is_of_the_surroundings(&error) => {
                Refused::Surroundings(explained("open", path, *error))
            }
            Ok(error) => Refused::File(Reason::Unreadable(error)),
            Err(cause) => Refused::File(Reason::Unreadable(cause)),
        },
        other => other,
    };
    let (writer, known) = writer(path).map_err(sort)?;
    let readers = [reader(path), reader(path), reader(path)];
    let [first, second, third] = readers;
    let readers = [first.map_err(sort)?, second.map_err(sort)?, third.map_err(sort)?];
    let store = Store {
        path: path.to_owned(),
        turn: AtomicUsize::new(0),
        readers: readers.map(Mutex::new),
        writer: Mutex::new(writer),
    };
    if !known {
        understood::check(&store)
            .and_then(|()| store.write(|transaction| Ok(mark(transaction, "version", VERSION)?)))
            .map_err(Refused::Surroundings)?;
    }
    Ok(store)
}

/// The connection that writes, and whether it was this very version that had the store before.
fn writer(path: &Path) -> Result<(Connection, bool), Refused> {
    let logged = holds_something(&aside::beside(path, "-wal"));
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // Until the file has proven good nothing of it is touched, also when this fails.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if connection.is_readonly("main")? {
        let error = Error::failed(format!("the store {} can only be read", path.display()));
        let hint = "see who owns it, and that its disk is not mounted read-only";
        return Err(Refused::Surroundings(error.hint(hint)));
    }
    let version = recognize(&connection)?;
    if !logged {
        is_whole(&connection, path)?;
    }
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        let error = Error::failed(format!("the store {} cannot have a log", path.display()));
        return Err(Refused::Surroundings(error.hint("put it on a disk of this machine")));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    let clean = version == 0 || marked(&connection, "clean")?.as_deref() == Some("1");
    if !clean {
        check(&connection)?;
    }
    schema::migrations().to_latest(&mut connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => Refused::File(Reason::Unreadable(other.into())),
    })?;
    read::counts(&connection).map_err(|trouble| match trouble {
        Trouble::Sql(error) => error.into(),
        Trouble::Told(error) => Refused::File(Reason::Unreadable(error.into())),
    })?;
    let known = marked(&connection, "version")?.as_deref() == Some(VERSION);
    mark(&connection, "clean", "0")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok((connection, known))
}

fn reader(path: &Path) -> Result<Connection, Refused> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The version of the tables; 0 for a file in which there is nothing yet.
fn recognize(connection: &Connection) -> Result<i32, Refused> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (version, application) = (number("user_version")?, number("application_id")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version == 0 && application == 0 && tables == 0 {
        return Ok(0);
    }
    if application != schema::APPLICATION || version < 1 {
        let why = "it is a SQLite file of another program";
        return Err(Refused::File(Reason::Unreadable(why.into())));
    }
    if version > schema::VERSION {
        return Err(Refused::File(Reason::Newer(version)));
    }
    Ok(version)
}

/// SQLite takes what is missing of the last page for zeros. With a log the file may be shorter than
/// it will be.
fn is_whole(connection: &Connection, path: &Path) -> Result<(), Refused> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let expected = number("page_count")?.saturating_mul(number("page_size")?);
    match path.metadata() {
        Ok(about) if i128::from(about.len()) < i128::from(expected) => {
            let why = format!("it is cut off: {} of {expected} bytes are left", about.len());
            Err(Refused::File(Reason::Unreadable(why.into())))
        }
        _ => Ok(()),
    }
}

/// Looks at every page.
fn check(connection: &Connection) -> Result<(), Refused> {
    let word: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if word == "ok" { Ok(()) } else { Err(Refused::File(Reason::Unreadable(word.into()))) }
}

fn marked(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
        .optional()
}

fn mark(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", [key, value])
        .map(|_| ())
}
