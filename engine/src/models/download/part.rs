//! The beginning of a file that is on its way: what came so far, kept through failures, kills and
//! power cuts, so that the next try goes on where this one ended.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;

use super::super::catalog::WeightFile;
use super::super::hash::{feed, hex};
use super::super::record::{sync_folder, unwritable};
use super::super::store::mebibytes;

/// What must be known about a part to go on with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Notes {
    /// The hash that the whole file is to have.
    sha256: String,
    /// Where the bytes came from, and what told that version of the file from others.
    url: Option<String>,
    validator: Option<String>,
}

/// A file on its way.
pub(super) struct Part<'a> {
    pin: &'a WeightFile,
    path: PathBuf,
    file: File,
    hash: Sha256,
    length: u64,
    notes: Notes,
    /// Whether bytes of an earlier connection are in it.
    inherited: bool,
}

impl<'a> Part<'a> {
    /// The part of a file of this folder under this name: what an earlier try left, if it fits.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the user stops the reading of what is there.
    pub(super) fn open(
        folder: &Path,
        name: &str,
        pin: &'a WeightFile,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|e| unwritable(folder).because(e))?;
        let path = path(folder, name);
        let refuse = |e: io::Error| unwritable(&path).because(e);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(refuse)?;
        let notes = fs::read_to_string(notes_path(&path))
            .ok()
            .and_then(|text| toml::from_str::<Notes>(&text).ok())
            .unwrap_or_default();
        let mut part = Part {
            pin,
            path: path.clone(),
            file,
            hash: Sha256::new(),
            length: 0,
            notes,
            inherited: true,
        };
        if part.notes.sha256 == pin.sha256 {
            // Reading leaves the file's position at its end, where writing goes on.
            let unreadable = || Error::failed(format!("cannot read {}", path.display()));
            let Part { file, hash, .. } = &mut part;
            part.length = feed(file, hash, interrupt, |_| Ok(()), unreadable)?;
        }
        let too_long = pin.bytes.is_some_and(|bytes| part.length >= bytes);
        if part.length == 0 || (too_long && !part.is_whole()) {
            part.restart()?;
        }
        Ok(part)
    }

    /// Bytes that are here.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether bytes of an earlier connection are in it.
    pub(super) fn inherited(&self) -> bool {
        self.inherited
    }

    /// What a server must find true of its file for the rest to fit, where that is known.
    pub(super) fn validator(&self, url: &str) -> Option<&str> {
        self.notes.validator.as_deref().filter(|_| self.notes.url.as_deref() == Some(url))
    }

    /// Bytes from a connection follow: remembers whose.
    ///
    /// # Errors
    /// When the notes cannot be written.
    pub(super) fn begin(&mut self, url: &str, validator: Option<String>) -> Result<()> {
        self.inherited = self.length > 0;
        self.notes = Notes { sha256: self.pin.sha256.clone(), url: Some(url.into()), validator };
        self.write_notes()
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// When the disk is full or fails; what was there before stays.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| {
            let error = Error::failed(format!("cannot write {}", self.path.display())).because(e);
            match self.pin.bytes {
                Some(all) => error.hint(format!(
                    "make room for {} more and run the same command again: it goes on from here",
                    mebibytes(all.saturating_sub(self.length))
                )),
                None => error.hint("make room and run the same command again"),
            }
        })?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Whether these are all bytes of the file, and the right ones.
    pub(super) fn is_whole(&self) -> bool {
        self.pin.bytes.is_none_or(|bytes| bytes == self.length) && self.sha256() == self.pin.sha256
    }

    /// SHA-256 of what is here.
    pub(super) fn sha256(&self) -> String {
        hex(&self.hash)
    }

    /// Throws away what is here.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn restart(&mut self) -> Result<()> {
        let refuse = |e: io::Error| unwritable(&self.path).because(e);
        self.file.set_len(0).map_err(refuse)?;
        io::Seek::rewind(&mut self.file).map_err(refuse)?;
        self.hash = Sha256::new();
        self.length = 0;
        self.inherited = false;
        Ok(())
    }

    /// Gives the whole file its name, for good.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn finish(self, to: &Path) -> Result<()> {
        let put = || -> io::Result<()> {
            self.file.sync_all()?;
            fs::rename(&self.path, to)?;
            sync_folder(to.parent().unwrap_or(Path::new(".")))
        };
        put().map_err(|e| unwritable(to).because(e))?;
        // They only say something about a part.
        let _ = fs::remove_file(notes_path(&self.path));
        Ok(())
    }

    /// Leaves what is here for the next try; nothing where there is nothing.
    pub(super) fn leave(self) {
        if self.length == 0 {
            remove(&self.path);
        }
    }

    fn write_notes(&self) -> Result<()> {
        let path = notes_path(&self.path);
        let write = || -> io::Result<()> {
            let text = toml::to_string(&self.notes).map_err(io::Error::other)?;
            let folder = path.parent().unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|e| unwritable(&path).because(e))
    }
}

/// Where the part of a file lies.
pub(in crate::models) fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!(".{name}.part"))
}

/// Removes a part and its notes, as far as they are there; how many bytes it had.
pub(in crate::models) fn remove(part: &Path) -> Option<u64> {
    let bytes = fs::metadata(part).ok().map(|metadata| metadata.len());
    let _ = fs::remove_file(notes_path(part));
    fs::remove_file(part).ok().and(bytes)
}

fn notes_path(part: &Path) -> PathBuf {
    part.with_added_extension("toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin() -> WeightFile {
        let sha256 = super::super::super::hash::of_bytes(b"abcdef");
        WeightFile { name: "a.onnx".into(), bytes: Some(6), sha256, sources: Vec::new() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn it_goes_on_where_it_ended() {
        let (dir, pin, go) = (tempfile::tempdir().unwrap(), pin(), Interrupt::new());
        let mut part = Part::open(dir.path(), "a.onnx", &pin, &go).unwrap();
        part.begin("https://a/x", Some("\"1\"".into())).unwrap();
        part.append(b"abc").unwrap();
        assert!(!part.is_whole() && !part.inherited());
        part.leave();
        assert_eq!(names(dir.path()), [".a.onnx.part", ".a.onnx.part.toml"]);

        let mut part = Part::open(dir.path(), "a.onnx", &pin, &go).unwrap();
        assert_eq!((part.length(), part.inherited()), (3, true));
        assert_eq!(part.validator("https://a/x"), Some("\"1\""));
        assert_eq!(part.validator("https://b/x"), None, "another server's tag says nothing");
        part.append(b"def").unwrap();
        assert!(part.is_whole());
        part.finish(&dir.path().join("a.onnx")).unwrap();
        assert_eq!(names(dir.path()), ["a.onnx"]);
        assert_eq!(fs::read(dir.path().join("a.onnx")).unwrap(), b"abcdef");
    }

    #[test]
    fn what_does_not_fit_is_not_gone_on_with() {
        let (dir, pin, go) = (tempfile::tempdir().unwrap(), pin(), Interrupt::new());
        let leave = |bytes: &[u8]| {
            let mut part = Part::open(dir.path(), "a.onnx", &pin, &go).unwrap();
            part.begin("https://a/x", None).unwrap();
            part.append(bytes).unwrap();
            part.leave();
        };
        // Of another version of the catalog.
        leave(b"abc");
        let other = WeightFile { sha256: "00".repeat(32), ..pin.clone() };
        let part = Part::open(dir.path(), "a.onnx", &other, &go).unwrap();
        assert_eq!(part.length(), 0);
        part.leave();
        assert_eq!(names(dir.path()), [""; 0], "nothing is left of nothing");
        // As long as it should be, and wrong.
        leave(b"abcdeX");
        let part = Part::open(dir.path(), "a.onnx", &pin, &go).unwrap();
        assert_eq!((part.length(), part.inherited()), (0, false));
        part.leave();
        // Whole: the process was killed just before the end.
        leave(b"abcdef");
        assert!(Part::open(dir.path(), "a.onnx", &pin, &go).unwrap().is_whole());
    }
}
