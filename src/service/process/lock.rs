//! One service for each home: whoever holds the lock is it.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

use super::{Places, Record};

/// So long the lock is asked for again: clients that look whether a service runs hold it for a
/// moment, too.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it is asked for.
const AGAIN: Duration = Duration::from_millis(10);

/// The right to be the service of a home; given back when dropped, even by `kill -9`.
#[derive(Debug)]
pub(super) struct Lock(#[allow(dead_code)] File);

impl Lock {
    /// Takes it. The file stays when it is given back: a lock on a file that lost its name keeps
    /// nobody out.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], with the process and its socket, when another service runs.
    pub(super) fn take(places: &Places) -> Result<Self> {
        let path = places.lock();
        let cannot = |e: std::io::Error| {
            Error::usage(format!("cannot lock {}", path.display()))
                .because(e)
                .hint("facedeck's state must lie on a file system that has locks")
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(cannot)?;
        let begin = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::WouldBlock) if begin.elapsed() < PATIENCE => {
                    std::thread::sleep(AGAIN);
                }
                Err(TryLockError::WouldBlock) => return Err(taken(places)),
                Err(TryLockError::Error(e)) => return Err(cannot(e)),
            }
        }
    }
}

fn taken(places: &Places) -> Error {
    let who = match Record::read(places) {
        Some(record) => {
            let Record { pid, socket, version, .. } = &record;
            format!("process {pid}, version {version}, socket {}", socket.display())
        }
        None => "it is starting or stopping".to_owned(),
    };
    let home = places.folder().display();
    Error::usage(format!("a service runs already for {home}: {who}")).hint(
        "use that one, end it with: facedeck service stop, or set FACEDECK_HOME to another folder",
    )
}

/// Whether a service runs, starts or stops.
pub fn is_running(places: &Places) -> bool {
    let Ok(file) = File::open(places.lock()) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Directories;

    fn places(home: &tempfile::TempDir) -> Places {
        let places = Places::of(&Directories::beneath(home.path()).unwrap());
        places.make().unwrap();
        places
    }

    #[test]
    fn the_second_is_told_who_the_first_is() {
        let home = tempfile::tempdir().unwrap();
        let places = places(&home);
        assert!(!is_running(&places));
        let lock = Lock::take(&places).unwrap();
        assert!(is_running(&places));
        let error = Lock::take(&places).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message().contains("starting or stopping"), "{error}");
        let record = Record {
            pid: 4711,
            started: jiff::Timestamp::UNIX_EPOCH,
            socket: places.socket(),
            version: "9.9.9".into(),
        };
        record.write(&places).unwrap();
        let error = Lock::take(&places).unwrap_err();
        for word in ["4711", "9.9.9", "service.sock"] {
            assert!(error.message().contains(word), "{error}");
        }
        drop(lock);
        assert!(!is_running(&places));
        Lock::take(&places).unwrap();
    }

    #[test]
    fn clients_that_look_do_not_keep_a_service_from_starting() {
        let home = tempfile::tempdir().unwrap();
        let places = places(&home);
        std::fs::write(places.lock(), "").unwrap();
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        is_running(&places);
                        std::thread::sleep(Duration::from_millis(1));
                    }
                });
            }
            for _ in 0..20 {
                Lock::take(&places).unwrap();
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
