//! An output that gets its name only when it is whole.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::error::{Context, Error, Result};

/// A hidden file beside an output's final name; removed again unless it is published.
#[derive(Debug)]
pub(super) struct Pending {
    temporary: TempPath,
    output: PathBuf,
}

impl Pending {
    /// Makes the hidden file. It has the output's extension, so that a muxer takes it for the same.
    pub(super) fn beside(output: &Path) -> Result<Self> {
        let what = || format!("cannot write {}", output.display());
        if output.is_dir() {
            return Err(
                Error::usage(format!("{}: it is a folder", what())).hint("name a file inside it")
            );
        }
        let folder = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
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
            .prefix(".facedeck-")
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
    pub(super) fn path(&self) -> &Path {
        &self.temporary
    }

    /// The hidden file, open for writing.
    pub(super) fn create(&self) -> Result<File> {
        File::create(&self.temporary).context(|| format!("cannot write {}", self.output.display()))
    }

    /// Syncs the file to the disk and gives it its name; one that was there is replaced.
    pub(super) fn publish(self) -> Result<()> {
        let what = || format!("cannot write {}", self.output.display());
        File::open(&self.temporary).and_then(|file| file.sync_all()).context(what)?;
        let folder = self.temporary.parent().map(Path::to_owned);
        self.temporary.persist(&self.output).map_err(|e| Error::failed(what()).because(e.error))?;
        // The name is only safe with its folder; a file system that cannot sync one says so here
        // after the work is done, which is no reason to call it failed.
        if let Some(folder) = folder {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
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
        pending.publish().unwrap();
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

    #[test]
    fn the_hidden_name_is_not_told() {
        let error = tempfile::Builder::new().prefix(".facedeck-").tempfile_in("/proc").unwrap_err();
        assert!(error.to_string().contains(".facedeck-"), "{error}");
        let told = reason(&error);
        assert!(!told.contains(".facedeck-") && told.contains("os error"), "{told}");
        assert_eq!(reason(&std::io::Error::other("EIO")), "EIO");
    }
}
