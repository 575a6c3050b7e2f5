//! Lists a folder: bounded, sorted, and for clients of the network without a way out.

use std::collections::BinaryHeap;
use std::fs::{self, DirEntry};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use crate::error::Error;
use crate::jobs::Origin;
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultKind};

use super::{FileKind, FileView, FilesQuery, FilesView};

/// Entries that are told.
const MOST: usize = 10_000;
/// Entries that are looked at to find the first of them: more take too long on slow disks.
const MOST_SEEN: usize = 200_000;

/// An entry on its way into the list; they compare as they are sorted.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// Folders come first.
    is_file: bool,
    /// Upper and lower case are one.
    key: String,
    name: String,
    path: PathBuf,
}

/// What lies in a folder. Entries whose names are no UTF-8 are left out: no client could name
/// them. For clients of the network, so are links that lead out of the open folders.
///
/// # Errors
/// [`FaultKind::Forbidden`] for a folder that is not open to this client; [`FaultKind::NotFound`]
/// where there is none; [`FaultKind::Invalid`] for what is no folder; [`FaultKind::Failed`] for one
/// that cannot be read.
pub fn list(core: &Core, from: &Origin, query: &FilesQuery) -> Answer<FilesView> {
    let remote = *from == Origin::Network;
    if query.path.is_empty() && remote {
        return Ok(open_folders(core));
    }
    let folder = match query.path.as_str() {
        "" => home(),
        path => tidy(core.admit(from, "folder", path)?),
    };
    let may_be_told = |path: &Path| !remote || core.is_open(path);
    let (entries, truncated) = entries(&folder, query.hidden, MOST, may_be_told)?;
    let parent = match folder.parent() {
        // From the top of what is open one comes back to the list of it.
        Some(parent) if remote && !core.is_open(parent) => Some(String::new()),
        parent => parent.map(|parent| parent.display().to_string()),
    };
    Ok(FilesView { path: folder.display().to_string(), parent, entries, truncated })
}

fn open_folders(core: &Core) -> FilesView {
    let roots = core.open_roots().into_iter();
    let view = |root: PathBuf| view(root.display().to_string(), &root, true);
    FilesView {
        path: String::new(),
        parent: None,
        entries: roots.map(view).collect(),
        truncated: false,
    }
}

/// The home of the user; the root of the file system for one who has none, such as a daemon.
fn home() -> PathBuf {
    let home = directories::BaseDirs::new().map(|known| known.home_dir().to_owned());
    home.filter(|home| home.is_dir()).unwrap_or_else(|| "/".into())
}

/// The same path without detours, so that the folder above it is the one before the last `/`.
fn tidy(path: PathBuf) -> PathBuf {
    if path.components().any(|part| part == Component::ParentDir) {
        return fs::canonicalize(&path).unwrap_or(path);
    }
    path.components().collect()
}

/// The first entries of a folder, and whether there are more.
fn entries(
    folder: &Path,
    hidden: bool,
    most: usize,
    may_be_told: impl Fn(&Path) -> bool,
) -> Answer<(Vec<FileView>, bool)> {
    let listing = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut first: BinaryHeap<Found> = BinaryHeap::new();
    let mut truncated = false;
    for (seen, entry) in listing.flatten().enumerate() {
        if seen == MOST_SEEN {
            truncated = true;
            break;
        }
        let Some(found) = found(&entry, hidden, &may_be_told) else { continue };
        first.push(found);
        if first.len() > most {
            // The heap gives the last of them.
            first.pop();
            truncated = true;
        }
    }
    let sorted = first.into_sorted_vec().into_iter();
    Ok((sorted.map(|one| view(one.name, &one.path, !one.is_file)).collect(), truncated))
}

fn found(entry: &DirEntry, hidden: bool, may_be_told: impl Fn(&Path) -> bool) -> Option<Found> {
    let name = entry.file_name().into_string().ok()?;
    if name.starts_with('.') && !hidden {
        return None;
    }
    let path = entry.path();
    let kind = entry.file_type().ok()?;
    if kind.is_symlink() && !may_be_told(&path) {
        return None;
    }
    let is_folder = if kind.is_symlink() { path.is_dir() } else { kind.is_dir() };
    Some(Found { is_file: !is_folder, key: name.to_lowercase(), name, path })
}

fn view(name: String, path: &Path, is_folder: bool) -> FileView {
    let metadata = fs::metadata(path).ok();
    let file = metadata.as_ref().filter(|metadata| metadata.is_file());
    let kind = match (is_folder, file) {
        (true, _) => FileKind::Folder,
        (false, Some(_)) => FileKind::of_name(&name),
        (false, None) => FileKind::Other,
    };
    let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
    FileView {
        path: path.display().to_string(),
        kind,
        bytes: file.map(fs::Metadata::len),
        modified: modified.and_then(|time| Timestamp::try_from(time).ok()),
        name,
    }
}

fn unreadable(folder: &Path, error: std::io::Error) -> Fault {
    use std::io::ErrorKind;
    let shown = folder.display();
    let (kind, message) = match error.kind() {
        ErrorKind::NotFound => (FaultKind::NotFound, format!("there is no folder {shown}")),
        ErrorKind::NotADirectory => (FaultKind::Invalid, format!("{shown} is no folder")),
        _ => (FaultKind::Failed, format!("the folder {shown} cannot be read")),
    };
    Fault::new(kind, Error::usage(message).because(error).hint("check the path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.png", "A.mp4", ".hidden.png", "c.txt"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join("Zoo")).unwrap();
        std::os::unix::fs::symlink("Zoo", folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/nowhere", folder.path().join("gone.png")).unwrap();
        folder
    }

    fn names(entries: &[FileView]) -> Vec<&str> {
        entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn folders_come_first_then_names_and_what_is_hidden_on_demand() {
        let folder = folder();
        let (shown, truncated) = entries(folder.path(), false, 100, |_| true).unwrap();
        assert_eq!(names(&shown), ["link", "Zoo", "A.mp4", "b.png", "c.txt", "gone.png"]);
        assert!(!truncated);
        let kinds: Vec<FileKind> = shown.iter().map(|entry| entry.kind).collect();
        use FileKind::{Folder, Other, Picture, Video};
        assert_eq!(kinds, [Folder, Folder, Video, Picture, Other, Other]);
        assert_eq!((shown[1].bytes, shown[2].bytes, shown[5].bytes), (None, Some(5), None));
        assert!(shown[2].modified.is_some() && shown[5].modified.is_none());
        let (all, _) = entries(folder.path(), true, 100, |_| true).unwrap();
        assert_eq!(names(&all)[2], ".hidden.png");
        // Links that lead out are not told to everybody.
        let (inside, _) = entries(folder.path(), false, 100, |_| false).unwrap();
        assert_eq!(names(&inside), ["Zoo", "A.mp4", "b.png", "c.txt"]);
    }

    #[test]
    fn a_full_folder_is_told_by_its_first_entries() {
        let folder = folder();
        let (shown, truncated) = entries(folder.path(), false, 3, |_| true).unwrap();
        assert_eq!((names(&shown), truncated), (vec!["link", "Zoo", "A.mp4"], true));
    }

    #[test]
    fn what_is_no_folder_says_so() {
        let folder = folder();
        let kind =
            |name: &str| entries(&folder.path().join(name), false, 9, |_| true).unwrap_err().kind;
        assert_eq!((kind("nothing"), kind("b.png")), (FaultKind::NotFound, FaultKind::Invalid));
    }

    #[test]
    fn detours_are_left_out() {
        assert_eq!(tidy("/tmp/./a//b/".into()), Path::new("/tmp/a/b"));
        assert_eq!(tidy("/tmp/../usr".into()), fs::canonicalize("/usr").unwrap());
    }
}
