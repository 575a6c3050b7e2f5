//! Moving a store aside that cannot be used. It is never overwritten and never deleted.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::Error;

use super::schema;

/// The file itself, and what SQLite keeps beside it.
const FILES: [&str; 4] = ["", "-wal", "-shm", "-journal"];
/// So many stores can be moved aside within one second.
const TRIES: u32 = 1000;

/// What is wrong with a store.
pub(super) enum Reason {
    /// It is damaged, or no store at all.
    Unreadable(Box<dyn std::error::Error + Send + Sync>),
    /// Its tables have this version, which is not known.
    Newer(i32),
}

/// Moves the store in this file aside and says so.
pub(super) fn refuse(path: &Path, reason: Reason) -> Error {
    let (word, what) = match &reason {
        Reason::Unreadable(_) => ("unreadable", "cannot be read".to_owned()),
        Reason::Newer(version) => (
            "newer",
            format!(
                "was written by a newer facedeck (version {version} of its tables, and this one \
                 knows {})",
                schema::VERSION
            ),
        ),
    };
    let to = match free_name(path, word, Timestamp::now()) {
        Ok(to) => to,
        Err(error) => return stuck(path, &what, error),
    };
    let mut back = Vec::new();
    for ending in FILES {
        let (from, to) = (beside(path, ending), beside(&to, ending));
        // The file itself is the first: without it the others are never taken for a whole store.
        match fs::rename(&from, &to) {
            Ok(()) if ending == "-shm" => {}
            Ok(()) => back.push(format!("mv {} {}", to.display(), from.display())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return stuck(path, &what, e),
        }
    }
    let error =
        Error::failed(format!("the store {} {what}: moved to {}", path.display(), to.display()));
    match reason {
        Reason::Unreadable(cause) => error.because(cause).hint(format!(
            "start again to begin with an empty queue; to put a backup back, copy it to {} before; \
             to see what can be saved: sqlite3 {} .recover",
            path.display(),
            to.display()
        )),
        Reason::Newer(_) => error.hint(format!(
            "start again to begin with an empty queue, or go on with the newer facedeck after: {}",
            back.join(" && ")
        )),
    }
}

/// What SQLite keeps beside a file.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// A name that nothing has, for the file and all that lies beside it.
fn free_name(path: &Path, word: &str, now: Timestamp) -> std::io::Result<PathBuf> {
    let time = now.strftime("%Y%m%dT%H%M%SZ");
    (1..=TRIES)
        .map(|number| match number {
            1 => beside(path, &format!(".{word}-{time}")),
            _ => beside(path, &format!(".{word}-{time}-{number}")),
        })
        .find(|name| FILES.iter().all(|ending| beside(name, ending).symlink_metadata().is_err()))
        .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::AlreadyExists))
}

fn stuck(path: &Path, what: &str, error: std::io::Error) -> Error {
    Error::failed(format!("the store {} {what}, and it cannot be moved aside", path.display()))
        .because(error)
        .hint(format!(
            "move it and its -wal yourself, out of {}",
            path.parent().unwrap_or(path).display()
        ))
}
