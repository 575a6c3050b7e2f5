//! One process at a time works on a model's file: the others wait and take its result.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Result;
use crate::interrupt::Interrupt;

use super::record::unwritable;

/// How often a lock that another process holds is asked for again.
const AGAIN: Duration = Duration::from_millis(100);

/// Holds the right to change one model's file; gives it back when dropped, even by `kill -9`.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock of a file of this folder, which is made when needed. Calls `waiting` once
    /// when another process has it.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the user stops the waiting.
    pub fn take(
        folder: &Path,
        name: &str,
        interrupt: &Interrupt,
        waiting: impl FnOnce(),
    ) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|e| unwritable(folder).because(e))?;
        let path = folder.join(format!(".{name}.lock"));
        let mut waiting = Some(waiting);
        loop {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(|e| unwritable(&path).because(e))?;
            match file.try_lock() {
                // Whoever had it before has removed the file: only a lock on the one that has the
                // name now keeps others out.
                Ok(()) if has_the_name(&file, &path) => return Ok(Lock { path, _file: file }),
                Ok(()) => {}
                // Asked again and again rather than waited for: a signal must get through.
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    interrupt.check()?;
                    std::thread::sleep(AGAIN);
                }
                Err(TryLockError::Error(e)) => return Err(unwritable(&path).because(e)),
            }
        }
    }
}

fn has_the_name(file: &File, path: &Path) -> bool {
    let (Ok(held), Ok(named)) = (file.metadata(), fs::metadata(path)) else { return false };
    (held.dev(), held.ino()) == (named.dev(), named.ino())
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is held. One that stays does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("models");
        let (inside, waited) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let told = || {
                        waited.fetch_add(1, Ordering::SeqCst);
                    };
                    let _held = Lock::take(&folder, "a", &Interrupt::new(), told).unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    std::thread::sleep(Duration::from_millis(30));
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert!((1..=3).contains(&waited.load(Ordering::SeqCst)));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[test]
    fn waiting_can_be_stopped() {
        let dir = tempfile::tempdir().unwrap();
        let _held = Lock::take(dir.path(), "a", &Interrupt::new(), || {}).unwrap();
        let stop = Interrupt::new();
        let error = Lock::take(dir.path(), "a", &stop, || stop.set()).unwrap_err();
        assert_eq!(error.exit_code(), 130);
        // Another file's lock is free.
        Lock::take(dir.path(), "b", &Interrupt::new(), || {}).unwrap();
    }
}
