//! An output that gets its name only when it is whole.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::{PathPersistError, TempPath};

use crate::error::{Context, Error, Result};

/// How the names of hidden files begin.
pub const HIDDEN: &str = ".facedeck-";

/// A hidden file beside an output's final name; removed again unless it is published.
#[must_use = "an output that is not published is removed"]
#[derive(Debug)]
pub struct Pending {
    temporary: TempPath,
    output: PathBuf,
}

impl Pending {
    /// Makes the hidden file beside the output. It has the output's extension, so that a muxer takes
    /// it for the same.
    pub(crate) fn beside(output: &Path) -> Result<Self> {
        let folder = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Self::within(folder, output)
    }

    /// The same in another folder of the same file system.
    pub(crate) fn within(folder: &Path, output: &Path) -> Result<Self> {
        let what = || format!("cannot write {}", output.display());
        if output.is_dir() {
            return Err(
                Error::usage(format!("{}: it is a folder", what())).hint("name a file inside it")
            );
        }
        if !folder.is_dir() {
            return Err(Error::usage(format!(
                "{}: there is no folder {}",
                what(),
                folder.display()
            ))
            .hint("make the folder first"));
        }
        let suffix = output
            .extension()
            .map_or_else(String::new, |e| format!(".{}", e.to_string_lossy().to_lowercase()));
        let temporary = tempfile::Builder::new()
            .prefix(HIDDEN)
            .suffix(&suffix)
            // The umask takes off what others may not do.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)
            .map_err(|e| {
                Error::failed(what())
                    .because(reason(&e))
                    .hint(format!("check that you may write to {}", folder.display()))
            })?
            .into_temp_path();
        Ok(Pending { temporary, output: output.to_owned() })
    }

    /// Where the hidden file lies.
    pub(crate) fn path(&self) -> &Path {
        &self.temporary
    }

    /// The name that it is to get.
    pub(super) fn output(&self) -> &Path {
        &self.output
    }

    /// The hidden file, open for writing.
    pub(super) fn create(&self) -> Result<File> {
        File::create(&self.temporary).context(|| format!("cannot write {}", self.output.display()))
    }

    /// Syncs the file to the disk. What is written must be whole and closed.
    pub(crate) fn sync(self) -> Result<Whole> {
        File::open(&self.temporary)
            .and_then(|file| file.sync_all())
            .context(|| format!("cannot write {}", self.output.display()))?;
        Ok(Whole(self))
    }
}

/// An output that is whole and safe on the disk, still under its hidden name; removed again unless
/// it is published.
#[derive(Debug)]
#[must_use = "an output that is not published is removed"]
pub struct Whole(Pending);

impl Whole {
    /// Where the hidden file lies.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Gives it its name. One that is there is replaced only with `overwrite`.
    ///
    /// # Errors
    /// When somebody else has made a file of that name since, which is left as it is, or the system
    /// refuses; the output is removed then.
    pub fn publish(self, overwrite: bool) -> Result<()> {
        let Whole(Pending { temporary, output }) = self;
        let folder = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let named = if overwrite {
            temporary.persist(&output)
        } else {
            persist_new(temporary, &output, |hidden, output| hidden.persist_noclobber(output))
        };
        named.map_err(|refused| unnamed(&output, overwrite, refused.error))?;
        // The name is only safe with its folder; a file system that cannot sync one says so here
        // after the work is done, which is no reason to call it failed.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Gives a hidden file a name that nobody has. `persist` is the way that cannot take one away.
fn persist_new(
    hidden: TempPath,
    output: &Path,
    persist: impl FnOnce(TempPath, &Path) -> Result<(), PathPersistError>,
) -> Result<(), PathPersistError> {
    let Err(refused) = persist(hidden, output) else { return Ok(()) };
    let found = fs::symlink_metadata(output);
    match (refused.error.kind(), found) {
        // A network file system that lost its own answer asks twice, and finds the name that it
        // gave the first time. The hidden one goes.
        (ErrorKind::AlreadyExists, Ok(found)) if is_same(&refused.path, &found) => Ok(()),
        (ErrorKind::AlreadyExists, _) => Err(refused),
        // Some file systems know no such way; then looking first is the best there is.
        (_, Err(e)) if e.kind() == ErrorKind::NotFound => refused.path.persist(output),
        _ => Err(refused),
    }
}

fn is_same(hidden: &Path, found: &Metadata) -> bool {
    fs::symlink_metadata(hidden)
        .is_ok_and(|hidden| (hidden.dev(), hidden.ino()) == (found.dev(), found.ino()))
}

/// Why an output got no name.
fn unnamed(output: &Path, overwrite: bool, error: io::Error) -> Error {
    let name = output.display();
    if !overwrite && fs::symlink_metadata(output).is_ok() {
        return Error::failed(format!(
            "cannot write {name}: somebody else made a file of that name meanwhile"
        ))
        .hint("that file was left as it is; move it away or give --overwrite, and start again");
    }
    Error::failed(format!("cannot write {name}")).because(error)
}

/// What the system said when a hidden file could not be made, without the name of that file: nobody
/// asked for it.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_the_name_until_it_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("Clip.MP4");
        let pending = Pending::beside(&output).unwrap();
        assert!(pending.path().to_str().unwrap().ends_with(".mp4"));
        std::fs::write(pending.path(), b"whole").unwrap();
        assert!(!output.exists());
        let whole = pending.sync().unwrap();
        assert!(whole.path().exists() && !output.exists());
        whole.publish(false).unwrap();
        assert_eq!(std::fs::read(&output).unwrap(), b"whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn given_up_it_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(Pending::beside(&folder.path().join("a.png")).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let error = Pending::beside(&folder.path().join("none/a.png")).unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }

    fn whole(output: &Path) -> Whole {
        let pending = Pending::beside(output).unwrap();
        fs::write(pending.path(), b"ours").unwrap();
        pending.sync().unwrap()
    }

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_somebody_else_made_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.png");
        let ours = whole(&output);
        fs::write(&output, b"theirs").unwrap();
        let error = ours.publish(false).unwrap_err();
        assert_eq!(error.exit_code(), 1);
        assert!(error.message().contains("a.png") && error.message().contains("somebody else"));
        assert!(error.hint_text().unwrap().contains("--overwrite"));
        assert_eq!(fs::read(&output).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), 1);
        // A link that leads nowhere is somebody's, too.
        let link = folder.path().join("link.png");
        let ours = whole(&link);
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(ours.publish(false).is_err());
        assert!(link.is_symlink());

        whole(&output).publish(true).unwrap();
        assert_eq!(fs::read(&output).unwrap(), b"ours");
        assert_eq!(names(folder.path()), 2);
    }

    #[test]
    fn where_no_safe_way_is_known_only_a_free_name_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.png");
        // As FAT answers where the system is old.
        let unknown = |path: TempPath, _: &Path| {
            Err(PathPersistError { error: io::Error::from_raw_os_error(libc::EPERM), path })
        };
        let hidden = || whole(&output).0.temporary;
        persist_new(hidden(), &output, unknown).unwrap();
        assert_eq!(fs::read(&output).unwrap(), b"ours");
        fs::write(&output, b"theirs").unwrap();
        assert!(persist_new(hidden(), &output, unknown).is_err());
        assert_eq!(fs::read(&output).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), 1);
    }

    #[test]
    fn a_name_that_was_given_twice_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.png");
        let twice = |path: TempPath, output: &Path| {
            fs::hard_link(&path, output).unwrap();
            path.persist_noclobber(output)
        };
        persist_new(whole(&output).0.temporary, &output, twice).unwrap();
        assert_eq!(fs::read(&output).unwrap(), b"ours");
        assert_eq!(names(folder.path()), 1);
    }

    #[test]
    fn the_hidden_name_is_not_told() {
        let error = tempfile::Builder::new().prefix(".facedeck-").tempfile_in("/proc").unwrap_err();
        assert!(error.to_string().contains(".facedeck-"), "{error}");
        let told = reason(&error);
        assert!(!told.contains(".facedeck-") && told.contains("os error"), "{told}");
        assert_eq!(reason(&std::io::Error::other("EIO")), "EIO");
    }
}
