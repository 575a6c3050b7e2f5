//! Takes weights that the user has already: recognized by their hash, or named by the user.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::Sha256;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

use super::catalog::Entry;
use super::download::room;
use super::fits;
use super::hash::{self, feed, hex};
use super::lock::Lock;
use super::record::{sync_folder, unwritable};
use super::store::{Found, Status, Store};

/// How a file gets into facedeck's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is copied.
    Copy,
    /// It stays where it is: a second name for it, or a link where that cannot be.
    Link,
}

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl Candidate {
    /// Looks at a file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none; a failure when it cannot be read.
    pub fn of(path: &Path, interrupt: &Interrupt) -> Result<Self> {
        let no_file = || Error::usage(format!("{} is no file", path.display()));
        let metadata = fs::metadata(path).map_err(|e| no_file().because(e))?;
        if !metadata.is_file() {
            return Err(no_file());
        }
        let sha256 = hash::of_file(path, interrupt)?;
        Ok(Candidate { path: path.to_owned(), sha256 })
    }

    /// The models of the catalog that this file is, byte for byte.
    pub fn recognize<'a>(&self, store: &'a Store) -> Vec<&'a Entry> {
        let is = |entry: &&Entry| entry.file_with_hash(&self.sha256).is_some();
        store.entries().iter().filter(is).collect()
    }

    /// Whether the size of a file is that of any file of the catalog: where it is not, there is
    /// no need to read it.
    pub fn could_be_known(path: &Path, store: &Store) -> bool {
        let Ok(metadata) = fs::metadata(path) else { return false };
        let fits = |bytes: Option<u64>| bytes.is_none_or(|bytes| bytes == metadata.len());
        let mut files = store.entries().iter().flat_map(|entry| &entry.files);
        metadata.is_file() && files.any(|file| fits(file.bytes))
    }
}

/// Makes a file the weights of a model. A file that is not one of the catalog's is taken too; the
/// record then says so.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it is no network, or one that cannot be used as the entry
/// says; a failure when the folder cannot be written to or it changes meanwhile; when the user stops
/// it. Nothing is left then.
pub fn import(
    store: &Store,
    entry: &Entry,
    candidate: &Candidate,
    way: Way,
    interrupt: &Interrupt,
) -> Result<Found> {
    if let Status::Embedded = store.status(&entry.id)? {
        return Err(Error::usage(format!("{} lies in facedeck itself", entry.id)).hint(
            "give your file an id of its own: facedeck models import FILE --entry ENTRY.toml",
        ));
    }
    let pinned = entry.file_with_hash(&candidate.sha256);
    if pinned.is_none() {
        fits::check(entry, &candidate.path)?;
    }
    let name = match pinned {
        Some(file) => file.name.clone(),
        None => custom_name(entry, &candidate.path),
    };
    let name = store.free_name(&entry.id, name, &candidate.sha256);
    let to = store.folder().join(&name);
    let _lock = Lock::take(store.folder(), &name, interrupt, || {})?;
    if !is_same_file(&candidate.path, &to) {
        match way {
            Way::Copy => copy(candidate, &to, interrupt)?,
            Way::Link => link(&candidate.path, &to)?,
        }
    }
    let from = std::path::absolute(&candidate.path).unwrap_or_else(|_| candidate.path.clone());
    let origin = format!("imported from {}", from.display());
    store.record(&entry.id, &to, candidate.sha256.clone(), pinned.is_some(), origin)
}

/// `inswapper_128.onnx` for the model's own file, whatever it was called.
fn custom_name(entry: &Entry, path: &Path) -> String {
    let extension = path.extension().unwrap_or("onnx".as_ref()).to_string_lossy();
    format!("{}.{extension}", entry.id)
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) else { return false };
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Copies a file to its place, whole or not at all.
///
/// # Errors
/// As [`import`].
pub(super) fn copy(candidate: &Candidate, to: &Path, interrupt: &Interrupt) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let unreadable = || Error::failed(format!("cannot read {}", candidate.path.display()));
    let mut from = File::open(&candidate.path).map_err(|e| unreadable().because(e))?;
    let length = from.metadata().map_err(|e| unreadable().because(e))?.len();
    room::check(folder, length)?;
    let refuse = |e: io::Error| unwritable(to).because(e);
    let mut file = tempfile::Builder::new()
        .prefix(".importing-")
        // As any other file; the temporary ones are for their owner alone otherwise.
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(refuse)?;
    let mut sum = sha2::Digest::new();
    let write = |block: &[u8]| io::Write::write_all(&mut file, block).map_err(refuse);
    feed(&mut from, &mut sum, interrupt, write, unreadable)?;
    let sum: Sha256 = sum;
    if hex(&sum) != candidate.sha256 {
        return Err(Error::failed(format!("{} is being changed", candidate.path.display()))
            .hint("wait until it is whole, then run the same command again"));
    }
    file.as_file().sync_all().map_err(refuse)?;
    file.persist(to).map_err(|e| refuse(e.error))?;
    sync_folder(folder).map_err(refuse)
}

/// Gives a file a second name, or a link where it lies on another disk.
fn link(from: &Path, to: &Path) -> Result<()> {
    let refuse = |e: io::Error| unwritable(to).because(e);
    let folder = to.parent().unwrap_or(Path::new("."));
    let from = from
        .canonicalize()
        .map_err(|e| Error::failed(format!("cannot read {}", from.display())).because(e))?;
    let make = |path: &Path| {
        fs::hard_link(&from, path).or_else(|_| std::os::unix::fs::symlink(&from, path))
    };
    let linked =
        tempfile::Builder::new().prefix(".importing-").make_in(folder, make).map_err(refuse)?;
    linked.into_temp_path().persist(to).map_err(|e| refuse(e.error))?;
    sync_folder(folder).map_err(refuse)
}

#[cfg(test)]
mod tests {
    use super::super::store::Weights;
    use super::super::store::tests::{entry, file, store};
    use super::*;

    fn take(store: &Store, id: &str, path: &Path, way: Way) -> Result<Found> {
        let go = Interrupt::new();
        import(store, store.entry(id)?, &Candidate::of(path, &go)?, way, &go)
    }

    #[test]
    fn a_known_file_is_recognized_and_gets_its_name() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("sharp.onnx", b"weights"), &[])]);
        let mine = home.path().join("whatever.bin");
        fs::write(&mine, "weights").unwrap();
        let candidate = Candidate::of(&mine, &Interrupt::new()).unwrap();
        assert_eq!(candidate.recognize(&store)[0].id, "sharp");
        assert!(Candidate::could_be_known(&mine, &store));
        let found = take(&store, "sharp", &mine, Way::Copy).unwrap();
        assert_eq!(found.path, store.folder().join("sharp.onnx"));
        assert!(found.pinned && found.origin.contains("whatever.bin"), "{}", found.origin);
        assert_eq!(store.locate("sharp").unwrap(), Weights::File(found.path.clone()));
        // Again, and from its own place: nothing happens to it.
        assert_eq!(take(&store, "sharp", &found.path, Way::Link).unwrap().path, found.path);
        assert_eq!(fs::read(&found.path).unwrap(), b"weights");
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 2, "the file and its record");
    }

    #[test]
    fn a_file_of_the_users_choice_is_marked() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("s.onnx", b"weights"), &[])]);
        let mine = home.path().join("mine.onnx");
        fs::write(&mine, "my own").unwrap();
        let error = take(&store, "sharp", &mine, Way::Copy).unwrap_err();
        assert_eq!(error.exit_code(), 2, "no network: {}", error.message());
        let other = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/models/tiny_crossface.onnx");
        fs::copy(other, &mine).unwrap();
        assert!(Candidate::of(&mine, &Interrupt::new()).unwrap().recognize(&store).is_empty());
        let found = take(&store, "sharp", &mine, Way::Copy).unwrap();
        assert!(!found.pinned);
        assert_eq!(found.path, store.folder().join("sharp.onnx"));
        assert!(matches!(store.status("sharp").unwrap(), Status::Here(f) if !f.pinned));
        // The catalog's own takes its place; the other file goes.
        fs::write(&mine, "weights").unwrap();
        let found = take(&store, "sharp", &mine, Way::Copy).unwrap();
        assert_eq!(found.path, store.folder().join("s.onnx"));
        assert!(!store.folder().join("sharp.onnx").exists());
    }

    #[test]
    fn a_link_shares_the_bytes_and_is_watched() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("s.onnx", b"weights"), &[])]);
        let mine = home.path().join("mine.onnx");
        fs::write(&mine, "weights").unwrap();
        let found = take(&store, "sharp", &mine, Way::Link).unwrap();
        assert!(is_same_file(&mine, &found.path));
        fs::write(&mine, "weightz").unwrap();
        assert!(store.locate("sharp").unwrap_err().message().contains("damaged"));
    }

    #[test]
    fn nothing_is_left_of_what_fails() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[entry("sharp", &file("s.onnx", b"weights"), &[])]);
        let mine = home.path().join("mine.onnx");
        fs::write(&mine, "weights").unwrap();
        let candidate = Candidate::of(&mine, &Interrupt::new()).unwrap();
        fs::write(&mine, "weightz").unwrap();
        let entry = store.entry("sharp").unwrap();
        let error = import(&store, entry, &candidate, Way::Copy, &Interrupt::new()).unwrap_err();
        assert!(error.message().contains("being changed"), "{}", error.message());
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 0);
        assert_eq!(take(&store, "sharp", home.path(), Way::Copy).unwrap_err().exit_code(), 2);
        assert_eq!(take(&store, "open_nsfw", &mine, Way::Copy).unwrap_err().exit_code(), 2);
    }
}
