//! What facedeck remembers about weights on the disk: one small TOML file per model, beside them.
//!
//! The record says which file is the model, what its hash was when it was last read whole, and what
//! the file looked like then (size and time of change), so that a later run can tell without
//! reading half a gigabyte that it is still the same.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The record of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The model's catalog id.
    pub id: String,
    /// The name of its file, in the same folder.
    pub file: String,
    /// The file's size.
    pub bytes: u64,
    /// SHA-256 of the file in lower-case hexadecimal.
    pub sha256: String,
    /// Whether that is a hash of the catalog; an imported file may differ from it.
    pub pinned: bool,
    /// Where it came from, for people: an address, a path, a wheel.
    pub origin: String,
    /// When it came, as HTTP writes dates.
    pub added: String,
    /// The file's time of change when it was last hashed, in nanoseconds since 1970.
    pub changed: i64,
}

impl Record {
    /// The record of a file that was just hashed.
    ///
    /// # Errors
    /// When the file cannot be looked at.
    pub fn of(
        id: &str,
        path: &Path,
        sha256: String,
        pinned: bool,
        origin: String,
    ) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Record {
            id: id.to_owned(),
            file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            bytes: metadata.len(),
            sha256,
            pinned,
            origin,
            added: httpdate::fmt_http_date(SystemTime::now()),
            changed: changed(&metadata),
        })
    }

    /// Where the record of a model lies.
    pub fn path(folder: &Path, id: &str) -> PathBuf {
        folder.join(format!("{id}.toml"))
    }

    /// The record of a model; `None` when there is none, or none that can be read: the file is
    /// then looked at anew.
    pub fn read(folder: &Path, id: &str) -> Option<Self> {
        let text = fs::read_to_string(Record::path(folder, id)).ok()?;
        toml::from_str::<Record>(&text)
            .ok()
            // A name only: a record cannot point out of the folder.
            .filter(|record| record.id == id && is_plain_name(&record.file))
    }

    /// Every record of a folder.
    pub fn all(folder: &Path) -> Vec<Self> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut records: Vec<Record> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                Record::read(folder, name.to_str()?.strip_suffix(".toml")?)
            })
            .collect();
        records.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        records
    }

    /// Writes the record beside its place and moves it there.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = Record::path(folder, &self.id);
        let write = || -> io::Result<()> {
            let text = toml::to_string(self).map_err(io::Error::other)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            sync_folder(folder)
        };
        write().map_err(|e| unwritable(&path).because(e))
    }

    /// Whether a file still looks as it did when it was last hashed.
    pub fn matches(&self, metadata: &Metadata) -> bool {
        metadata.len() == self.bytes && changed(metadata) == self.changed
    }
}

/// A file's time of change in nanoseconds since 1970; 0 where the system cannot tell.
pub fn changed(metadata: &Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// Whether a name leads nowhere else.
pub(super) fn is_plain_name(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|only| only == name)
}

/// Makes renames in a folder outlive a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// "Cannot write", with what the user can do.
pub(super) fn unwritable(path: &Path) -> Error {
    Error::failed(format!("cannot write {}", path.display()))
        .hint("make room, or set FACEDECK_HOME to a folder that facedeck may write to")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(folder: &Path) -> Record {
        let path = folder.join("a.onnx");
        fs::write(&path, "weights").unwrap();
        Record::of("a", &path, "00".repeat(32), true, "a test".into()).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let record = record(dir.path());
        record.write(dir.path()).unwrap();
        assert_eq!(Record::read(dir.path(), "a"), Some(record.clone()));
        assert_eq!(Record::all(dir.path()), [record]);
        assert_eq!(Record::read(dir.path(), "b"), None);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no temporary file is left");
    }

    #[test]
    fn a_torn_or_false_record_counts_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let mut record = record(dir.path());
        record.file = "../../etc/passwd".into();
        record.write(dir.path()).unwrap();
        assert_eq!(Record::read(dir.path(), "a"), None);
        fs::write(Record::path(dir.path(), "a"), "id = \"a\"\nfile =").unwrap();
        assert_eq!(Record::read(dir.path(), "a"), None);
    }

    #[test]
    fn a_file_that_was_touched_no_longer_matches() {
        let dir = tempfile::tempdir().unwrap();
        let record = record(dir.path());
        let path = dir.path().join("a.onnx");
        assert!(record.matches(&fs::metadata(&path).unwrap()));
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(1)).unwrap();
        assert!(!record.matches(&fs::metadata(&path).unwrap()), "another time");
        fs::write(&path, "weight").unwrap();
        assert!(!record.matches(&fs::metadata(&path).unwrap()), "another size");
    }
}
