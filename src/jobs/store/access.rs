//! The two ways to the file: one transaction at a time that writes, and several that only read.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError, TryLockError};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::error::{Error, Result};

use super::{READERS, Store};

/// What can go wrong inside a transaction.
pub(super) enum Trouble {
    /// SQLite's word; it becomes an error that names the file.
    Sql(rusqlite::Error),
    /// An error that says it all.
    Told(Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble::Sql(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Told(error)
    }
}

impl Trouble {
    /// As an error of the store in this file.
    pub(super) fn told(self, verb: &str, path: &Path) -> Error {
        match self {
            Trouble::Told(error) => error,
            Trouble::Sql(error) => explained(verb, path, error),
        }
    }
}

impl Store {
    /// Runs this in one transaction that sees the store as it is now, whatever is written
    /// meanwhile.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T> {
        within(&mut self.reader(), TransactionBehavior::Deferred, |transaction| work(transaction))
            .map_err(|trouble| trouble.told("read", &self.path))
    }

    /// Runs this in the one transaction that writes. It is on the disk when this returns; nothing
    /// of it is when the work fails.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>,
    ) -> Result<T> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        within(&mut writer, TransactionBehavior::Immediate, work)
            .map_err(|trouble| trouble.told("write", &self.path))
    }

    /// A connection that nobody uses, else the one whose turn it is.
    /// Moves what the log of changes holds into the file.
    pub(super) fn checkpoint(&self) -> Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|error| Trouble::from(error).told("write", &self.path))
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        for step in 0..READERS {
            match self.readers[first.wrapping_add(step) % READERS].try_lock() {
                Ok(reader) => return reader,
                Err(TryLockError::Poisoned(reader)) => return reader.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        self.readers[first % READERS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn within<T>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// SQLite's word, with the file and what can be done about it.
pub(super) fn explained(verb: &str, path: &Path, error: rusqlite::Error) -> Error {
    let folder = path.parent().unwrap_or(path).display();
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            format!("the disk of {folder} is full: free some space; no job that was stored is lost")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            format!("see that {folder} can be written and that its disk is not mounted read-only")
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed) => format!(
            "see that the disk of {folder} is whole, has space left and can lock files; a network \
             file system often cannot"
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds it open, perhaps sqlite3 or a backup: end that, and try again"
                .to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "it is damaged: start the service again, which then moves it aside".to_owned()
        }
        _ => {
            return Error::failed(format!("cannot {verb} the store {}", path.display()))
                .because(error);
        }
    };
    Error::failed(format!("cannot {verb} the store {}", path.display())).because(error).hint(hint)
}

/// Whether the file is not at fault, but its disk, its rights or another program.
pub(super) fn is_of_the_surroundings(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OperationInterrupted
                | ErrorCode::OutOfMemory
        )
    )
}
