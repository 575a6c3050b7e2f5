//! Which files are whole: what is known about each file of a hot folder, and since when it has not
//! changed.
//!
//! A file is whole when it was closed after writing, or renamed into place, and is quiet for a
//! moment. Where nobody says so (on polled folders, and for files that lay there before anybody
//! listened) it is whole when its size and time stay the same for longer. A file of which the
//! system said that it is being written is not whole before it says that it was closed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::area::Stamp;

/// So long a file that was closed must be quiet: some writers close and open it again.
pub(super) const GRACE: Duration = Duration::from_millis(250);

/// What is known about one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// As it was last seen.
    pub(super) stamp: Stamp,
    /// Since when nothing changed.
    since: Instant,
    /// What the system said last about who writes it.
    writer: Writer,
    /// Files are taken in the order in which they came.
    pub(super) order: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// Nothing was said.
    Unknown,
    /// It is being written.
    Writes,
    /// It was closed, or got its name, as a whole.
    Closed,
}

/// All files of a hot folder.
#[derive(Debug)]
pub(super) struct Settling {
    files: HashMap<PathBuf, Known>,
    settle: Duration,
    next: u64,
}

impl Settling {
    /// No files yet; where nobody says that a file was closed, it must be quiet for this long.
    pub(super) fn new(settle: Duration) -> Self {
        Settling { files: HashMap::new(), settle, next: 0 }
    }

    /// A file was seen. Says whether it is new or has changed.
    pub(super) fn seen(&mut self, path: &Path, stamp: Stamp, now: Instant) -> bool {
        if let Some(known) = self.files.get_mut(path) {
            let changed = known.stamp != stamp;
            if changed {
                known.stamp = stamp;
                known.since = now;
            }
            return changed;
        }
        let known = Known { stamp, since: now, writer: Writer::Unknown, order: self.next };
        self.next += 1;
        self.files.insert(path.to_owned(), known);
        true
    }

    /// A file was closed after writing, or renamed into place.
    pub(super) fn closed(&mut self, path: &Path, stamp: Stamp, now: Instant) {
        self.said(path, stamp, now, Writer::Closed);
    }

    /// A file is being written.
    pub(super) fn written(&mut self, path: &Path, stamp: Stamp, now: Instant) {
        self.said(path, stamp, now, Writer::Writes);
    }

    /// A file has no writer that the system knows of, though nobody said that it was closed.
    pub(super) fn touched(&mut self, path: &Path, now: Instant) {
        if let Some(known) = self.files.get_mut(path) {
            known.since = now;
        }
    }

    fn said(&mut self, path: &Path, stamp: Stamp, now: Instant, writer: Writer) {
        self.seen(path, stamp, now);
        if let Some(known) = self.files.get_mut(path) {
            known.since = now;
            known.writer = writer;
        }
    }

    /// A file, or everything in a folder, is no longer there.
    pub(super) fn gone(&mut self, path: &Path) {
        if self.files.remove(path).is_none() {
            self.files.retain(|file, _| !file.starts_with(path));
        }
    }

    /// Only these files are there.
    pub(super) fn retain(&mut self, there: impl Fn(&Path) -> bool) {
        self.files.retain(|path, _| there(path));
    }

    /// The system lost count of what it said: nothing that it said about writers counts any more.
    pub(super) fn doubt(&mut self, now: Instant) {
        for known in self.files.values_mut().filter(|known| known.writer == Writer::Writes) {
            known.writer = Writer::Unknown;
            known.since = now;
        }
    }

    /// Everything is forgotten.
    pub(super) fn clear(&mut self) {
        self.files.clear();
    }

    /// For how long nothing has changed about a file.
    pub(super) fn quiet(&self, path: &Path, now: Instant) -> Duration {
        self.get(path).map_or(Duration::ZERO, |known| now.saturating_duration_since(known.since))
    }

    /// What is known about a file.
    pub(super) fn get(&self, path: &Path) -> Option<&Known> {
        self.files.get(path)
    }

    /// All files.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Path, &Known)> {
        self.files.iter().map(|(path, known)| (path.as_path(), known))
    }

    /// How long until a file is whole, when nothing happens to it; nothing where that is no matter
    /// of time. `slow` is for files that belong together, of which more may come.
    pub(super) fn wait(&self, known: &Known, slow: bool, now: Instant) -> Option<Duration> {
        let quiet = match known.writer {
            Writer::Writes => return None,
            // Nobody's picture is empty: its content is still to come.
            _ if known.stamp.size == 0 => return None,
            Writer::Closed if !slow => GRACE,
            _ => self.settle,
        };
        Some((known.since + quiet).saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::hotfolder::area::{Area, Found};
    use crate::settings::config::Watch;

    const SETTLE: Duration = Duration::from_secs(2);

    struct Clock {
        settling: Settling,
        begun: Instant,
    }

    fn stamp(size: usize) -> Stamp {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![0; size]).unwrap();
        let area = Area::of(&Watch { folder: folder.path().into(), ..Watch::default() });
        match area.look(&path).unwrap() {
            Some(Found::File(stamp)) => stamp,
            other => panic!("{other:?}"),
        }
    }

    impl Clock {
        fn new() -> Self {
            Clock { settling: Settling::new(SETTLE), begun: Instant::now() }
        }

        fn at(&self, ms: u64) -> Instant {
            self.begun + Duration::from_millis(ms)
        }

        fn is_whole(&self, ms: u64, slow: bool) -> bool {
            let known = self.settling.get(Path::new("a")).unwrap();
            self.settling.wait(known, slow, self.at(ms)) == Some(Duration::ZERO)
        }
    }

    #[test]
    fn a_closed_file_is_whole_after_a_moment_and_one_with_others_later() {
        let mut clock = Clock::new();
        let (a, one) = (Path::new("a"), stamp(1));
        clock.settling.written(a, one, clock.at(0));
        assert!(!clock.is_whole(60_000, false), "it was never closed");
        clock.settling.closed(a, one, clock.at(60_000));
        assert!(!clock.is_whole(60_249, false));
        assert!(clock.is_whole(60_250, false));
        assert!(!clock.is_whole(61_999, true));
        assert!(clock.is_whole(62_000, true));
    }

    #[test]
    fn who_opens_it_again_within_the_moment_is_waited_for() {
        let mut clock = Clock::new();
        let (a, one, two) = (Path::new("a"), stamp(1), stamp(2));
        for at in (0..2000).step_by(200) {
            clock.settling.closed(a, one, clock.at(at));
            assert!(!clock.is_whole(at + 199, false));
            clock.settling.written(a, two, clock.at(at + 199));
        }
        assert!(!clock.is_whole(60_000, false));
    }

    #[test]
    fn where_nobody_says_so_size_and_time_must_stay_the_same() {
        let mut clock = Clock::new();
        let a = Path::new("a");
        for (at, size) in [(0, 1), (1500, 2), (3000, 3)] {
            assert!(clock.settling.seen(a, stamp(size), clock.at(at)));
            assert!(!clock.is_whole(at + 1400, false));
        }
        let known = *clock.settling.get(a).unwrap();
        assert!(!clock.settling.seen(a, known.stamp, clock.at(4000)));
        assert_eq!(
            clock.settling.wait(&known, false, clock.at(4000)),
            Some(Duration::from_secs(1))
        );
        assert!(clock.is_whole(5000, false));
        // An empty one never is.
        clock.settling.seen(a, stamp(0), clock.at(5000));
        assert!(!clock.is_whole(60_000, false));
    }

    #[test]
    fn when_the_system_lost_count_size_and_time_decide() {
        let mut clock = Clock::new();
        let (a, one) = (Path::new("a"), stamp(1));
        clock.settling.written(a, one, clock.at(0));
        clock.settling.doubt(clock.at(1000));
        assert!(!clock.is_whole(2999, false));
        assert!(clock.is_whole(3000, false));
        clock.settling.gone(a);
        assert!(clock.settling.get(a).is_none());
    }
}
