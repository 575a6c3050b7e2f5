//! One process at a time works in a folder.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Context, Error, Result};

/// The file that is locked while somebody works there. Not the ledger: SQLite locks that itself.
pub(super) const LOCK: &str = "lock";

/// A folder that is this process's, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Takes the folder in which an output is made.
    ///
    /// # Errors
    /// When somebody else works there, or nothing can be written there.
    pub fn take(folder: &Path, output: &Path) -> Result<Lock> {
        let path = folder.join(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .context(|| format!("cannot open {}", path.display()))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Lock(file)),
            Err(Errno::WOULDBLOCK) => {
                Err(Error::usage(format!("another facedeck is making {} now", output.display()))
                    .hint("wait for it, or give the output another name"))
            }
            // Some file systems know no locks: then nothing is known of others.
            Err(_) => Ok(Lock(file)),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a child that is just being started, for another job, has it
    /// open as well until it becomes its program.
    fn drop(&mut self) {
        // Where there are no locks there is nothing to give back.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// Whether somebody works in a folder now.
pub(super) fn is_busy(folder: &Path) -> bool {
    let Ok(file) = File::options().write(true).open(folder.join(LOCK)) else { return false };
    let locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
    // Given back as above.
    drop(Lock(file));
    locked == Err(Errno::WOULDBLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_free_whoever_has_the_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let take = || Lock::take(folder.path(), Path::new("out.mp4"));
        let lock = take().unwrap();
        let child = lock.0.try_clone().unwrap();
        assert!(is_busy(folder.path()));
        assert!(take().unwrap_err().message().contains("another facedeck"));
        drop(lock);
        assert!(!is_busy(folder.path()));
        drop(take().unwrap());
        drop(child);
    }
}
