//! Finds a model's weights and makes sure, cheaply, that they are still the ones they were.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

use super::super::catalog::Entry;
use super::super::hash;
use super::super::record::Record;
use super::{Missing, Store, Weights, missing_error};

/// A model's file that is here and whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Whether that is one of the catalog's; else it is a file that the user chose.
    pub pinned: bool,
    /// Where it came from, for people.
    pub origin: String,
}

/// How it stands with a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It lies in the binary.
    Embedded,
    /// It lies in a file.
    Here(Found),
    /// It is not here.
    Missing,
    /// Its file is not what it was, or not what it should be.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Store {
    /// How it stands with a model. Reads a file whole only when it looks different from when it
    /// was last read.
    ///
    /// # Errors
    /// When the model is not in the catalog.
    pub fn status(&self, id: &str) -> Result<Status> {
        self.look(self.entry(id)?, false, &Interrupt::new())
    }

    /// As [`Store::status`], but reads the file in any case.
    ///
    /// # Errors
    /// When the model is not in the catalog, or the user stops it.
    pub fn status_read_whole(&self, id: &str, interrupt: &Interrupt) -> Result<Status> {
        self.look(self.entry(id)?, true, interrupt)
    }

    /// The weights of a model that is here and whole.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] with its size, its license and the command that fetches it;
    /// or what is wrong with its file and how to mend that.
    pub fn locate(&self, id: &str) -> Result<Weights> {
        let entry = self.entry(id)?;
        match self.look(entry, false, &Interrupt::new())? {
            Status::Embedded => Ok(Weights::Embedded(super::super::embedded(id)?.bytes)),
            Status::Here(found) => Ok(Weights::File(found.path)),
            status => Err(missing_error(&[Missing::new(entry, &status)])),
        }
    }

    /// Those of these models, and of all that they need, that cannot be used now.
    ///
    /// # Errors
    /// When one of them is not in the catalog.
    pub fn missing(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Missing>> {
        let mut missing = Vec::new();
        for entry in self.with_needs(ids)? {
            let status = self.look(entry, false, &Interrupt::new())?;
            if matches!(status, Status::Missing | Status::Damaged { .. }) {
                missing.push(Missing::new(entry, &status));
            }
        }
        Ok(missing)
    }

    fn look(&self, entry: &Entry, whole: bool, interrupt: &Interrupt) -> Result<Status> {
        if self.catalog.is_builtin(&entry.id) && super::super::embedded(&entry.id).is_ok() {
            return Ok(Status::Embedded);
        }
        match Record::read(&self.folder, &entry.id) {
            Some(record) => self.recorded(entry, record, whole, interrupt),
            None => self.unrecorded(entry, interrupt),
        }
    }

    /// A model that was put here by facedeck.
    fn recorded(
        &self,
        entry: &Entry,
        mut record: Record,
        whole: bool,
        interrupt: &Interrupt,
    ) -> Result<Status> {
        let path = self.folder.join(&record.file);
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(_) if fs::symlink_metadata(&path).is_ok() => {
                let why = "it is a link to a file that is gone".to_owned();
                return Ok(Status::Damaged { path, why });
            }
            // Removed by hand, which is as good as any way.
            Err(_) => return self.unrecorded(entry, interrupt),
        };
        if metadata.len() != record.bytes {
            let why = format!("it has {} bytes instead of {}", metadata.len(), record.bytes);
            return Ok(Status::Damaged { path, why });
        }
        if whole || !record.matches(&metadata) {
            let sha256 = match hash::of_file(&path, interrupt) {
                Err(error) if error.exit_code() == 130 => return Err(error),
                Err(error) => return Ok(Status::Damaged { path, why: error.chain() }),
                Ok(sha256) => sha256,
            };
            if sha256 != record.sha256 {
                let why = format!("its SHA-256 is {sha256} instead of {}", record.sha256);
                return Ok(Status::Damaged { path, why });
            }
            if !record.matches(&metadata) {
                record.changed = super::super::record::changed(&metadata);
                // In a folder that cannot be written to it is read again next time.
                let _ = record.write(&self.folder);
            }
        }
        let pinned = entry.file_with_hash(&record.sha256).is_some();
        Ok(here(path, record, pinned))
    }

    /// A model that the user may have put here by hand: taken when it is one of the catalog's.
    fn unrecorded(&self, entry: &Entry, interrupt: &Interrupt) -> Result<Status> {
        let mut damaged = None;
        for file in &entry.files {
            let path = self.folder.join(&file.name);
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let why = match file.bytes {
                Some(bytes) if bytes != metadata.len() => {
                    format!("it has {} bytes instead of {bytes}", metadata.len())
                }
                _ => match self.adopt(entry, &path, interrupt)? {
                    Ok(record) => return Ok(here(path, record, true)),
                    Err(sha256) => {
                        format!("its SHA-256 is {sha256} instead of {}", file.sha256)
                    }
                },
            };
            damaged = Some(Status::Damaged { path, why });
        }
        Ok(damaged.unwrap_or(Status::Missing))
    }

    /// Records a file that is one of an entry's; its hash when it is not.
    fn adopt(
        &self,
        entry: &Entry,
        path: &Path,
        interrupt: &Interrupt,
    ) -> Result<std::result::Result<Record, String>> {
        let sha256 = hash::of_file(path, interrupt)?;
        if entry.file_with_hash(&sha256).is_none() {
            return Ok(Err(sha256));
        }
        let origin = "put here by hand".to_owned();
        let record = Record::of(&entry.id, path, sha256, true, origin)
            .map_err(|e| Error::failed(format!("cannot read {}", path.display())).because(e))?;
        // In a folder that cannot be written to it is read again next time.
        let _ = record.write(&self.folder);
        Ok(Ok(record))
    }
}

fn here(path: PathBuf, record: Record, pinned: bool) -> Status {
    let Record { bytes, sha256, origin, .. } = record;
    Status::Here(Found { path, bytes, sha256, pinned, origin })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, file, store};
    use super::*;

    #[test]
    fn what_lies_in_the_binary_needs_no_file() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[]);
        assert_eq!(store.status("open_nsfw").unwrap(), Status::Embedded);
        assert!(matches!(store.locate("open_nsfw").unwrap(), Weights::Embedded(b) if b.len() > 9));
        assert!(!store.folder().exists(), "looking writes nothing");
    }

    #[test]
    fn a_file_put_here_by_hand_is_recognized_and_watched() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("sharp.onnx", b"weights"), &[])]);
        let path = store.folder().join("sharp.onnx");
        assert_eq!(store.status("sharp").unwrap(), Status::Missing);
        fs::create_dir_all(store.folder()).unwrap();
        fs::write(&path, "weights").unwrap();
        assert_eq!(store.locate("sharp").unwrap(), Weights::File(path.clone()));
        assert!(Record::read(store.folder(), "sharp").unwrap().pinned);

        // One byte turns in place: same size, another time.
        fs::write(&path, "weightz").unwrap();
        let error = store.locate("sharp").unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.message().contains("damaged"), "{}", error.message());
        assert!(error.message().contains("SHA-256"), "{}", error.message());
        fs::write(&path, "weigh").unwrap();
        assert!(store.locate("sharp").unwrap_err().message().contains("5 bytes instead of 7"));
        // Whole again: the record follows the new time.
        fs::write(&path, "weights").unwrap();
        assert!(matches!(store.status("sharp").unwrap(), Status::Here(_)));
        let record = Record::read(store.folder(), "sharp").unwrap();
        assert!(record.matches(&fs::metadata(&path).unwrap()));
    }

    #[test]
    fn another_file_of_the_name_is_never_used() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("sharp.onnx", b"weights"), &[])]);
        fs::create_dir_all(store.folder()).unwrap();
        fs::write(store.folder().join("sharp.onnx"), "weightz").unwrap();
        assert!(matches!(store.status("sharp").unwrap(), Status::Damaged { .. }));
        assert!(Record::read(store.folder(), "sharp").is_none());
    }

    #[test]
    fn only_a_whole_read_sees_what_hides_behind_an_old_time() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("sharp.onnx", b"weights"), &[])]);
        fs::create_dir_all(store.folder()).unwrap();
        let path = store.folder().join("sharp.onnx");
        fs::write(&path, "weights").unwrap();
        store.locate("sharp").unwrap();
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "weightz").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert!(matches!(store.status("sharp").unwrap(), Status::Here(_)));
        let whole = store.status_read_whole("sharp", &Interrupt::new()).unwrap();
        assert!(matches!(whole, Status::Damaged { .. }), "{whole:?}");
    }

    #[test]
    fn what_is_missing_is_listed_with_its_needs() {
        let home = tempfile::tempdir().unwrap();
        let a = entry("a", &file("a.onnx", b"aa"), &["b", "open_nsfw"]);
        let store = store(home.path(), &[a, entry("b", &file("b.onnx", b"bb"), &[])]);
        let ids: Vec<String> =
            store.missing(&["a"]).unwrap().into_iter().map(|missing| missing.id).collect();
        assert_eq!(ids, ["b", "a"]);
        assert_eq!(store.missing(&["x"]).unwrap_err().exit_code(), 2);
    }
}
