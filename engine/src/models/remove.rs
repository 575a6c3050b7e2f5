//! Takes weights off the disk, together with what a broken download left.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

use super::catalog::Entry;
use super::download::part;
use super::lock::Lock;
use super::record::{Record, sync_folder};
use super::store::{Status, Store};

/// What lies on the disk for a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    /// Its file, whole or damaged.
    pub file: Option<PathBuf>,
    /// Beginnings of files that were on their way.
    pub parts: Vec<PathBuf>,
    /// Bytes that removing frees; nothing for a file that another model uses as well.
    pub bytes: u64,
}

/// What lies here for a model.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for one that lies in the binary.
pub fn holdings(store: &Store, entry: &Entry) -> Result<Holdings> {
    let file = match store.status(&entry.id)? {
        Status::Embedded => {
            return Err(Error::usage(format!(
                "{} lies in facedeck itself and cannot be removed",
                entry.id
            )));
        }
        Status::Here(found) => Some(found.path),
        Status::Damaged { path, .. } => Some(path),
        Status::Missing => None,
    };
    let parts: Vec<PathBuf> = entry
        .files
        .iter()
        .map(|file| part::path(store.folder(), &file.name))
        .filter(|path| path.is_file())
        .collect();
    // A link takes no room, whatever it leads to.
    let size = |path: &Path| fs::symlink_metadata(path).map_or(0, |metadata| metadata.len());
    let own = file.as_deref().filter(|path| !is_shared(store, &entry.id, path));
    let bytes = own.into_iter().chain(parts.iter().map(PathBuf::as_path)).map(size).sum();
    Ok(Holdings { file, parts, bytes })
}

/// Removes what lies here for a model.
///
/// # Errors
/// When the file system refuses, or the user stops the waiting for another process.
pub fn remove(
    store: &Store,
    entry: &Entry,
    holdings: &Holdings,
    interrupt: &Interrupt,
) -> Result<()> {
    let name = holdings.file.as_deref().and_then(Path::file_name).unwrap_or(entry.id.as_ref());
    let _lock = Lock::take(store.folder(), &name.to_string_lossy(), interrupt, || {})?;
    for path in &holdings.parts {
        part::remove(path);
    }
    if let Some(path) = holdings.file.as_deref().filter(|p| !is_shared(store, &entry.id, p)) {
        remove_file(path)?;
    }
    let record = Record::path(store.folder(), &entry.id);
    if record.is_file() {
        remove_file(&record)?;
    }
    // What is gone is gone; at worst it comes back with a power cut.
    let _ = sync_folder(store.folder());
    Ok(())
}

fn remove_file(path: &Path) -> Result<()> {
    fs::remove_file(path)
        .map_err(|e| Error::failed(format!("cannot remove {}", path.display())).because(e))
}

/// Whether another model uses the same file.
fn is_shared(store: &Store, id: &str, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Record::all(store.folder()).iter().any(|other| other.id != id && other.file == name)
}

#[cfg(test)]
mod tests {
    use super::super::store::tests::{entry, file, store};
    use super::*;

    #[test]
    fn a_file_that_two_models_use_goes_with_the_second() {
        let home = tempfile::tempdir().unwrap();
        let same = file("same.onnx", b"weights");
        let store = store(home.path(), &[entry("a", &same, &[]), entry("b", &same, &[])]);
        fs::create_dir_all(store.folder()).unwrap();
        let path = store.folder().join("same.onnx");
        fs::write(&path, "weights").unwrap();
        fs::write(store.folder().join(".same.onnx.part"), "wei").unwrap();
        for id in ["a", "b"] {
            assert!(matches!(store.status(id).unwrap(), Status::Here(_)));
        }
        let take_off = |id: &str| {
            let entry = store.entry(id).unwrap();
            let holdings = holdings(&store, entry).unwrap();
            remove(&store, entry, &holdings, &Interrupt::new()).unwrap();
            holdings.bytes
        };
        assert_eq!(take_off("a"), 3, "the part only");
        assert!(path.exists());
        assert_eq!(take_off("b"), 7);
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 0);
        let embedded = store.entry("open_nsfw").unwrap();
        assert_eq!(holdings(&store, embedded).unwrap_err().exit_code(), 2);
    }
}
