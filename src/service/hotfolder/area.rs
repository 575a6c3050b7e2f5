//! The part of the disk that a hot folder looks at: what lies in it, and what of that is no file
//! that could be taken.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::settings::config::{Rule, Watch};

use super::names::{Filter, is_temporary};
use super::system;

/// Where inputs go that became outputs.
pub(super) const DONE: &str = "done";
/// Where inputs go that did not, beside the reason.
pub(super) const FAILED: &str = "failed";
/// Folders in folders are followed so deep.
const DEPTH: usize = 32;

/// What tells one content of a file from another: its size, its time of change in nanoseconds, and
/// its inode where the file system keeps that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Stamp {
    /// In bytes.
    pub(super) size: u64,
    changed: i128,
    inode: u64,
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.size, self.changed, self.inode)
    }
}

/// What lies somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A file that could be taken.
    File(Stamp),
    /// Something that is never taken, and why.
    Other(&'static str),
}

/// The folder of a hot folder, and what of it is looked at.
#[derive(Debug, Clone)]
pub(super) struct Area {
    /// The folder.
    pub(super) folder: PathBuf,
    filter: Filter,
    /// Folders in it that hold what we put there.
    ours: Vec<PathBuf>,
    /// So many folders deep; 0 is the folder itself alone.
    depth: usize,
    inodes_stay: bool,
    /// The fixed sources, which may lie in the folder themselves.
    sources: Vec<PathBuf>,
}

impl Area {
    /// The area of a hot folder.
    pub(super) fn of(watch: &Watch) -> Self {
        let mut ours =
            vec![watch.folder.join(DONE), watch.folder.join(FAILED), watch.folder.join("output")];
        let output = watch.output_folder();
        // Results in the folder itself are known by the ledger.
        if !watch.folder.starts_with(&output) {
            ours.push(output);
        }
        let deep = watch.recursive || watch.rule == Rule::Folder;
        let real = fs::canonicalize(&watch.folder).unwrap_or_default();
        let inside = |source: &PathBuf| {
            // By whatever way it is named.
            let source = fs::canonicalize(source).ok()?;
            Some(watch.folder.join(source.strip_prefix(&real).ok()?))
        };
        let sources = watch.sources.iter().filter(|_| watch.rule == Rule::Source);
        let sources = sources.filter_map(inside).collect();
        Area {
            folder: watch.folder.clone(),
            filter: Filter::new(&watch.include, &watch.ignore),
            ours,
            depth: if deep { DEPTH } else { 0 },
            inodes_stay: system::keeps_inodes(&watch.folder),
            sources,
        }
    }

    /// Whether folders in the folder are looked into.
    pub(super) fn is_deep(&self) -> bool {
        self.depth > 0
    }

    /// The path below the folder.
    pub(super) fn below<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.folder).unwrap_or(path)
    }

    /// Whether a unit with this path may become a job.
    pub(super) fn includes(&self, path: &Path) -> bool {
        self.filter.includes(self.below(path))
    }

    /// Why nothing with this path is ever looked at, whatever lies there.
    pub(super) fn objection(&self, path: &Path) -> Option<&'static str> {
        let Ok(below) = path.strip_prefix(&self.folder) else {
            return Some("it lies outside the folder");
        };
        if self.ours.iter().any(|ours| path.starts_with(ours)) {
            return Some("it is what facedeck put there");
        }
        if below.components().count() > self.depth + 1 {
            return Some("it lies deeper than is looked at");
        }
        let temporary = |part: &OsStr| is_temporary(&part.to_string_lossy());
        if below.iter().any(temporary) {
            return Some("its name is that of a temporary or hidden file");
        }
        let mut part = below;
        while !part.as_os_str().is_empty() {
            if self.filter.ignores(part) {
                return Some("an ignore pattern fits it");
            }
            part = part.parent().unwrap_or(Path::new(""));
        }
        if self.sources.iter().any(|source| source == path) {
            return Some("it is a source of this hot folder");
        }
        None
    }

    /// What lies at this path; none when nothing does. Links are not followed.
    pub(super) fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(self.found(&metadata))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The stamp of a file that is open or was looked at.
    pub(super) fn stamp(&self, metadata: &fs::Metadata) -> Stamp {
        Stamp {
            size: metadata.size(),
            changed: i128::from(metadata.mtime()) * 1_000_000_000
                + i128::from(metadata.mtime_nsec()),
            inode: if self.inodes_stay { metadata.ino() } else { 0 },
        }
    }

    fn found(&self, metadata: &fs::Metadata) -> Found {
        let kind = metadata.file_type();
        if kind.is_file() {
            Found::File(self.stamp(metadata))
        } else if kind.is_symlink() {
            Found::Other("it is a symbolic link")
        } else if kind.is_dir() {
            Found::Other("it is a folder")
        } else {
            Found::Other("it is no regular file")
        }
    }

    /// Visits everything in the folder, in no order; folders that are not looked into are visited
    /// themselves. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub(super) fn scan(&self, visit: &mut dyn FnMut(PathBuf, Found)) -> io::Result<()> {
        self.scan_folder(&self.folder, 0, visit)
    }

    fn scan_folder(
        &self,
        folder: &Path,
        depth: usize,
        visit: &mut dyn FnMut(PathBuf, Found),
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if let Some(why) = self.objection(&path) {
                visit(path, Found::Other(why));
                continue;
            }
            // Neither follows a link.
            let Ok(metadata) = entry.metadata() else { continue };
            if !metadata.is_dir() {
                visit(path, self.found(&metadata));
            } else if depth >= self.depth {
                visit(path, Found::Other("it is a folder, and folders are not looked into"));
            } else if self.scan_folder(&path, depth + 1, visit).is_err() && path.exists() {
                visit(path, Found::Other("it is a folder that cannot be read"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_plain_files_outside_of_our_own_folders_are_found() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        for dir in ["done", "failed", "output", "results", "sub/deeper", ".hidden"] {
            fs::create_dir_all(folder.join(dir)).unwrap();
        }
        fs::write(home.path().join("outside.png"), b"x").unwrap();
        for file in [
            "a.png",
            "me.jpg",
            ".a.png.Xy",
            "done/b.png",
            "output/b.png",
            "results/b.png",
            "sub/c.png",
            "sub/deeper/d.png",
            ".hidden/e.png",
            "no.png",
        ] {
            fs::write(folder.join(file), b"x").unwrap();
        }
        symlink(home.path().join("outside.png"), folder.join("link.png")).unwrap();
        symlink("nowhere", folder.join("broken.png")).unwrap();
        symlink(home.path(), folder.join("up")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket.png")).unwrap();
        let mut watch = Watch {
            folder: folder.clone(),
            sources: vec![folder.join("me.jpg")],
            output: Some("results".into()),
            ignore: vec!["no.*".into()],
            ..Watch::default()
        };
        let files = |watch: &Watch| {
            let area = Area::of(watch);
            let mut files = Vec::new();
            area.scan(&mut |path, found| {
                if matches!(found, Found::File(_)) {
                    files.push(area.below(&path).display().to_string());
                }
            })
            .unwrap();
            files.sort();
            files
        };
        assert_eq!(files(&watch), ["a.png"]);
        watch.recursive = true;
        assert_eq!(files(&watch), ["a.png", "sub/c.png", "sub/deeper/d.png"]);
        // Results in the folder itself hide nothing else.
        watch.output = Some(".".into());
        assert_eq!(files(&watch), ["a.png", "results/b.png", "sub/c.png", "sub/deeper/d.png"]);
        watch.ignore.push("sub".into());
        assert_eq!(
            files(&watch),
            ["a.png", "no.png", "results/b.png"]
                .map(String::from)
                .into_iter()
                .filter(|f| f != "no.png")
                .collect::<Vec<_>>()
        );
        let area = Area::of(&watch);
        let other = area.look(&folder.join("socket.png")).unwrap().unwrap();
        assert_eq!(other, Found::Other("it is no regular file"));
        assert_eq!(area.look(&folder.join("gone")).unwrap(), None);
        fs::remove_dir_all(&folder).unwrap();
        assert!(area.scan(&mut |_, _| {}).is_err());
    }
}
