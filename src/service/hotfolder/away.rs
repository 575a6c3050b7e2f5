//! Putting inputs away when their jobs have ended: into `done/`, or into `failed/` beside a file
//! that says why in words.
//!
//! Nothing is ever overwritten, and what was moved is synced with its folders before anybody is
//! told: after a power cut a file lies in one place, and the ledger knows which.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::output::numbered;

/// The longest name that file systems take, in bytes.
const LONGEST: usize = 255;
/// What stands behind the name of a file with a reason.
const REASON: &str = ".reason.txt";
/// So many files of one name are kept beside each other.
const MOST: u32 = 99_999;

/// Moves a file or a folder of the hot folder to the same place below one of its own folders, and
/// says where it lies now. A reason is written beside that place before.
///
/// # Errors
/// When it cannot be moved; it lies where it was then.
pub(super) fn put(
    folder: &Path,
    into: &str,
    path: &Path,
    reason: Option<&str>,
) -> io::Result<PathBuf> {
    // What is gone leaves no reason behind.
    fs::symlink_metadata(path)?;
    let to = folder.join(into).join(path.strip_prefix(folder).unwrap_or(path));
    make_folders(folder, to.parent().unwrap_or(folder))?;
    let to = first_free(&to, |to| {
        if fs::symlink_metadata(to).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if let Some(text) = reason {
            write_reason(folder, to, text)?;
        }
        match rename(path, to) {
            Err(e) if e.kind() == io::ErrorKind::CrossesDevices => copy_over(path, to),
            other => other,
        }
    })?;
    sync_folder(path.parent().unwrap_or(folder));
    sync_folder(to.parent().unwrap_or(folder));
    Ok(to)
}

/// Removes an input. One that is gone already is no error.
///
/// # Errors
/// When it cannot be removed.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    match removed {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(()) => {
            sync_folder(path.parent().unwrap_or(Path::new("/")));
            Ok(())
        }
        other => other,
    }
}

/// Writes the reason beside the place of a file in `failed/`; one that is there is replaced.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_reason(folder: &Path, moved: &Path, text: &str) -> io::Result<PathBuf> {
    let path = reason_beside(moved);
    let beside = path.parent().unwrap_or(folder);
    make_folders(folder, beside)?;
    let mut file = tempfile::Builder::new()
        .prefix(".facedeck-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(beside)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|e| e.error)?;
    sync_folder(beside);
    Ok(path)
}

/// Where the reason for a file lies.
pub(super) fn reason_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut end = name.len().min(LONGEST - REASON.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    path.with_file_name(format!("{}{REASON}", &name[..end]))
}

/// Makes the folders from the hot folder down to this one, but never the hot folder itself: where
/// that is gone, its file system is not mounted.
fn make_folders(folder: &Path, to: &Path) -> io::Result<()> {
    let below = to.strip_prefix(folder).unwrap_or(Path::new(""));
    let mut path = folder.to_owned();
    for part in below {
        path.push(part);
        match fs::create_dir(&path) {
            Ok(()) => sync_folder(path.parent().unwrap_or(folder)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn first_free(to: &Path, take: impl Fn(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let to = if number == 1 { to.to_owned() } else { numbered(to, number) };
        match take(&to) {
            Ok(()) => return Ok(to),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && number < MOST => number += 1,
            Err(e) => return Err(e),
        }
    }
}

/// Renames, unless there is something with the new name.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] then, and what the system says.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Network file systems cannot do that in one step.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::symlink_metadata(to) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
            Err(e) => Err(e),
        },
        Err(e) => Err(e.into()),
    }
}

/// Copies to another file system under a hidden name, syncs, renames, and removes the original.
fn copy_over(from: &Path, to: &Path) -> io::Result<()> {
    let beside = to.parent().unwrap_or(Path::new("/"));
    let hidden = tempfile::Builder::new().prefix(".facedeck-").tempdir_in(beside)?;
    let copy = hidden.path().join("copy");
    copy_tree(from, &copy)?;
    rename(&copy, to)?;
    sync_folder(beside);
    remove(from)
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(from)?;
    if metadata.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy_tree(&entry.path(), &to.join(entry.file_name()))?;
        }
        return File::open(to)?.sync_all();
    }
    if metadata.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    if !metadata.is_file() {
        return Err(io::Error::other(format!("{} is no regular file", from.display())));
    }
    fs::copy(from, to)?;
    let file = File::options().append(true).open(to)?;
    if let Ok(modified) = metadata.modified() {
        file.set_modified(modified)?;
    }
    file.sync_all()
}

fn sync_folder(folder: &Path) {
    // A file system that cannot sync a folder has its own way of keeping it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// What is written about an input that did not become an output.
#[derive(Debug, Clone, Default)]
pub(super) struct Reason {
    /// What is told of it: `failed`, `refused`, `cancelled`, `could not become a job`.
    pub(super) outcome: String,
    /// What happened.
    pub(super) what: String,
    /// Why, outermost first.
    pub(super) causes: Vec<String>,
    /// What can be done.
    pub(super) hint: Option<String>,
    /// The job, and where its log lies.
    pub(super) job: Option<(String, PathBuf)>,
}

impl Reason {
    /// From an error of something that could not become a job.
    pub(super) fn of(error: &crate::Error) -> Self {
        let failure = crate::jobs::Failure::from(error);
        Reason {
            outcome: "could not become a job".into(),
            what: failure.message,
            causes: failure.causes,
            hint: failure.hint,
            job: None,
        }
    }

    /// As a text for people.
    pub(super) fn text(&self, path: &Path, at: jiff::Timestamp) -> String {
        let name = OsString::from(path.file_name().unwrap_or_default());
        let name = name.to_string_lossy();
        let mut text = format!("{name}: {}\n\nWhat happened: {}\n", self.outcome, self.what);
        for cause in &self.causes {
            text.push_str(&format!("Why: {cause}\n"));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("What to do: {hint}\n"));
        }
        if let Some((id, log)) = &self.job {
            text.push_str(&format!(
                "Job: {id} (facedeck jobs show {id})\nLog: {}\n",
                log.display()
            ));
        }
        let back = path.parent().unwrap_or(Path::new("/")).display();
        text.push_str(&format!("When: {at}\n\nTo try it again, move it back into {back}\n"));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_and_folders_are_kept() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        fs::create_dir(folder.join("sub")).unwrap();
        for (content, expected) in
            [("1", "done/sub/a.b.png"), ("2", "done/sub/a.b-2.png"), ("3", "done/sub/a.b-3.png")]
        {
            let path = folder.join("sub/a.b.png");
            fs::write(&path, content).unwrap();
            let to = put(folder, "done", &path, None).unwrap();
            assert_eq!(to, folder.join(expected));
            assert_eq!(fs::read_to_string(to).unwrap(), content);
            assert!(!path.exists());
        }
        // A folder as a whole.
        let to = put(folder, "failed", &folder.join("sub"), Some("why")).unwrap();
        assert!(to.is_dir() && to.ends_with("failed/sub"));
        assert_eq!(fs::read_to_string(folder.join("failed/sub.reason.txt")).unwrap(), "why");
        let error = put(folder, "done", &folder.join("nothing"), None).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_hot_folder_that_is_gone_is_not_made_again() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("gone");
        assert!(put(&folder, "done", &folder.join("a.png"), None).is_err());
        assert!(write_reason(&folder, &folder.join("failed/a.png"), "x").is_err());
        assert!(!folder.exists());
    }

    #[test]
    fn another_file_system_gets_a_copy() {
        let home = tempfile::tempdir().unwrap();
        let other = home.path().join("other");
        fs::create_dir(&other).unwrap();
        let from = home.path().join("job");
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::write(from.join("deep/a.png"), "content").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        File::options()
            .append(true)
            .open(from.join("deep/a.png"))
            .unwrap()
            .set_modified(old)
            .unwrap();
        fs::write(other.join("job"), "in the way").unwrap();
        let error = copy_over(&from, &other.join("job")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        let to = other.join("job-2");
        copy_over(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("deep/a.png")).unwrap(), "content");
        assert_eq!(fs::metadata(to.join("deep/a.png")).unwrap().modified().unwrap(), old);
        assert!(!from.exists());
        assert_eq!(fs::read_dir(&other).unwrap().count(), 2);
    }

    #[test]
    fn the_reason_lies_beside_also_for_the_longest_name() {
        let home = tempfile::tempdir().unwrap();
        let name = format!("{}.png", "ä".repeat(125));
        let reason = Reason {
            outcome: "failed".into(),
            what: "there is no face".into(),
            causes: vec!["too dark".into()],
            hint: Some("take another photo".into()),
            job: Some(("01X".into(), "/log".into())),
        };
        let text = reason.text(&home.path().join(&name), jiff::Timestamp::UNIX_EPOCH);
        for word in [
            "failed",
            "no face",
            "too dark",
            "another photo",
            "jobs show 01X",
            "/log",
            "1970",
            "move it back",
        ] {
            assert!(text.contains(word), "{text}");
        }
        let path =
            write_reason(home.path(), &home.path().join("failed").join(&name), &text).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(path.file_name().unwrap().to_string_lossy().ends_with(".reason.txt"));
        let short = reason_beside(Path::new("/in/failed/a.png"));
        assert_eq!(short, Path::new("/in/failed/a.png.reason.txt"));
    }
}
