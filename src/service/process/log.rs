//! The service's log: a file a day, the old ones removed; and the end of the logs of old jobs.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::fmt::writer::{BoxMakeWriter, MakeWriterExt};

use crate::error::{Context, Result};
use crate::jobs::{JobId, Store};

use super::Places;

/// Lines that may wait for the disk; more are dropped, so that a slow disk stops nobody.
const LINES: usize = 8_192;
/// What libraries printed past the log is kept up to this size.
const MOST_STRAY: u64 = 1 << 20;

/// Where the log goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogTo {
    /// To files and to standard error.
    #[default]
    Both,
    /// To standard error, for those who keep logs themselves: systemd, containers.
    Stderr,
    /// To files.
    File,
}

/// The log as long as the service runs; writes what waits when it is dropped.
#[must_use]
pub(super) struct Log(Ending);

/// Ends the log from elsewhere: for whoever ends the process without going back to its `main`.
#[derive(Clone)]
pub(super) struct Ending(Arc<Mutex<Option<WorkerGuard>>>);

impl Log {
    fn new(guard: Option<WorkerGuard>) -> Self {
        Log(Ending(Arc::new(Mutex::new(guard))))
    }

    /// What ends it.
    pub(super) fn ending(&self) -> Ending {
        self.0.clone()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Ending {
    /// Writes what waits; what is said later is lost. A disk that hangs is waited for a second at
    /// most.
    pub(super) fn end(&self) {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(guard);
    }
}

/// Begins the log. `verbose` is 0 for what people want to know, 1 for more, 2 for everything.
///
/// # Errors
/// When the file cannot be made.
pub(super) fn begin(places: &Places, to: LogTo, verbose: u8, days: usize) -> Result<Log> {
    let level = match verbose {
        0 => tracing::Level::INFO,
        1 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let mut guard = None;
    let writer = match to {
        LogTo::Stderr => BoxMakeWriter::new(std::io::stderr),
        LogTo::Both | LogTo::File => {
            let (file, kept) = file(places, days)?;
            guard = Some(kept);
            match to {
                LogTo::Both => BoxMakeWriter::new(file.and(std::io::stderr)),
                _ => BoxMakeWriter::new(file),
            }
        }
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_target(false)
        .with_writer(writer);
    // Somebody who has a log already (a test, an embedding program) keeps it.
    let _ = log.try_init();
    tell_panics();
    Ok(Log::new(guard))
}

fn file(
    places: &Places,
    days: usize,
) -> Result<(tracing_appender::non_blocking::NonBlocking, WorkerGuard)> {
    let folder = places.logs();
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("service")
        .filename_suffix("log")
        .latest_symlink("service.log")
        .max_log_files(days.max(1))
        .build(&folder)
        .context(|| format!("cannot write the log in {}", folder.display()))?;
    Ok(NonBlockingBuilder::default()
        .buffered_lines_limit(LINES)
        .lossy(true)
        .thread_name("log")
        .finish(appender))
}

/// A panic is a bug, and the log is where it is looked for.
fn tell_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let trace = std::backtrace::Backtrace::force_capture();
        tracing::error!("{panic}\n{trace}");
        before(panic);
    }));
}

/// Removes the logs of jobs that are older than so many days and whose job has ended or is gone.
pub(super) fn sweep(places: &Places, store: &Store, days: usize) {
    let ended = |id: JobId| match store.job(id) {
        Ok(job) => job.is_none_or(|job| job.state.is_final()),
        // Better a log too many than one too few.
        Err(_) => false,
    };
    let removed = sweep_folder(&places.job_logs(), age(days), &ended);
    if removed > 0 {
        tracing::info!("removed {removed} logs of jobs older than {days} days");
    }
    trim(&places.stray_words());
}

fn age(days: usize) -> Duration {
    Duration::from_secs(u64::try_from(days).unwrap_or(u64::MAX).saturating_mul(86_400))
}

fn sweep_folder(folder: &Path, age: Duration, ended: &dyn Fn(JobId) -> bool) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let now = SystemTime::now();
    let mut removed = 0;
    for entry in entries.flatten() {
        let path = entry.path();
        let id = path.file_stem().and_then(|stem| stem.to_str()?.parse::<JobId>().ok());
        let is_log = path.extension().is_some_and(|extension| extension == "log");
        let old = entry
            .metadata()
            .and_then(|about| about.modified())
            .is_ok_and(|time| now.duration_since(time).is_ok_and(|passed| passed > age));
        if let Some(id) = id
            && is_log
            && old
            && ended(id)
            && fs::remove_file(&path).is_ok()
        {
            removed += 1;
        }
    }
    removed
}

/// Empties a file that became too large. Whoever appends to it goes on at its beginning.
fn trim(path: &Path) {
    let large = fs::metadata(path).is_ok_and(|about| about.len() > MOST_STRAY);
    if large && let Err(error) = fs::File::options().write(true).truncate(true).open(path) {
        tracing::warn!("cannot empty {}: {error}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_logs_of_jobs_that_ended_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (over, working, young) = (JobId::generate(), JobId::generate(), JobId::generate());
        let old = SystemTime::now() - Duration::from_secs(10 * 86_400);
        for (name, is_old) in [
            (format!("{over}.log"), true),
            (format!("{working}.log"), true),
            (format!("{young}.log"), false),
            (format!("{over}.txt"), true),
            ("mine.log".to_owned(), true),
        ] {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            if is_old {
                file.set_modified(old).unwrap();
            }
        }
        let ended = |id: JobId| id != working;
        assert_eq!(sweep_folder(folder.path(), age(9), &ended), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
        assert!(!folder.path().join(format!("{over}.log")).exists());
        assert_eq!(sweep_folder(folder.path(), age(usize::MAX), &ended), 0);
        assert_eq!(sweep_folder(&folder.path().join("gone"), age(1), &ended), 0);
    }

    #[test]
    fn what_was_said_last_is_in_the_file_when_the_log_is_ended() {
        use std::io::Write;
        let home = tempfile::tempdir().unwrap();
        let directories = crate::settings::Directories::beneath(home.path()).unwrap();
        let places = Places::of(&directories);
        places.make().unwrap();
        let (mut writer, guard) = file(&places, 1).unwrap();
        let log = Log::new(Some(guard));
        // It is kept elsewhere, too, as the thread that hears signals does.
        let elsewhere = log.ending();
        for line in 0..2_000 {
            writeln!(writer, "line {line}").unwrap();
        }
        elsewhere.end();
        let text = fs::read_to_string(places.logs().join("service.log")).unwrap();
        assert_eq!(text.lines().last(), Some("line 1999"));
        elsewhere.end();
        drop(log);
    }

    #[test]
    fn stray_words_do_not_fill_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.err");
        fs::write(&path, "some").unwrap();
        trim(&path);
        assert_eq!(fs::read(&path).unwrap(), b"some");
        fs::File::options().write(true).open(&path).unwrap().set_len(MOST_STRAY + 1).unwrap();
        trim(&path);
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }
}
