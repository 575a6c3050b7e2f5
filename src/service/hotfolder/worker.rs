//! One hot folder at work: hears what happens in its folder, takes what is whole, puts away what has
//! ended.
//!
//! Each turn gets what was told since the last one, and says how long nothing needs to be done. The
//! clock comes from outside, so that a day of waiting can be tried in no time.

mod prune;
mod settle;
mod take;

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::jobs::JobId;
use crate::jobs::store::Taken;
use crate::service::wire::WatchView;
use crate::settings::config::{Look, Rule, Watch};

use super::area::{Area, Found};
use super::ear::Ear;
use super::ledger::{Fate, Ledger};
use super::mailbox::{Heard, Mailbox, News};
use super::settling::Settling;
use super::system;

/// The folder is looked at from outside this often: whether it is there, and still the same.
const CHECK: Duration = Duration::from_secs(5);
/// Where the system tells what changes, everything is looked at this often nevertheless.
const SAFETY: Duration = Duration::from_secs(60);
/// The ends of jobs are heard of at once; this often they are looked for.
const SWEEP: Duration = Duration::from_secs(30);
/// After something that is not the fault of a file, so long nothing is taken.
const HOLD: Duration = Duration::from_secs(5);
/// A folder in the folder is looked at again so long after it appeared: until the system listens
/// there, too.
const AGAIN: Duration = Duration::from_secs(1);
/// How the hot folder stands is told at most this often.
const TELL: Duration = Duration::from_millis(250);
/// News are gathered for so long before they are looked at.
const GATHER: Duration = Duration::from_millis(20);
/// Looking at everything takes at most one part in so many of the time.
const SHARE: u32 = 20;

/// How a hot folder stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Status {
    word: &'static str,
    reason: String,
}

impl Status {
    fn of(word: &'static str, reason: impl Into<String>) -> Self {
        Status { word, reason: reason.into() }
    }
}

/// See the module.
pub(super) struct Worker<L> {
    watch: Watch,
    ledger: L,
    mailbox: Arc<Mailbox>,
    area: Arc<Area>,
    files: Settling,
    /// Units that need no look any more, with the stamps with which they were taken or refused.
    known: HashMap<PathBuf, String>,
    /// What was taken and whose job has not ended; none before it was read from the ledger.
    unsettled: Option<HashMap<PathBuf, Taken>>,
    by_job: HashMap<JobId, PathBuf>,
    /// Results of jobs that have not ended, where they could be taken for inputs.
    results: HashMap<PathBuf, JobId>,
    /// What job files read, with the stamps of the job files.
    inputs: HashMap<PathBuf, (String, Vec<PathBuf>)>,
    ear: Option<Ear>,
    /// Device and inode of the folder, and whether it is one where a file system is mounted.
    identity: Option<(u64, u64, bool)>,
    /// Why the folder cannot be looked at.
    absent: Option<Status>,
    /// Why nothing is taken for the moment.
    trouble: Option<String>,
    /// Why something that ended cannot be put away.
    stuck: Option<String>,
    /// Why the system does not tell what changes, though it should.
    deaf: Option<String>,
    /// Units that wait for others, in words.
    waiting: Vec<String>,
    check_at: Instant,
    scan_at: Instant,
    sweep_at: Instant,
    prune_at: Instant,
    /// How far the ledger was looked through for rows that nobody needs.
    pruned_to: i64,
    hold_until: Instant,
    ready_until: Instant,
    listen_at: Instant,
    told: Option<(Status, (u64, u64, u64), bool)>,
    told_at: Instant,
    tell: bool,
}

impl<L: Ledger> Worker<L> {
    /// A worker that has not looked at anything yet.
    pub(super) fn new(watch: Watch, ledger: L, mailbox: Arc<Mailbox>, now: Instant) -> Self {
        Worker {
            area: Arc::new(Area::of(&watch)),
            files: Settling::new(Duration::from_secs_f64(watch.settle_seconds.clamp(0.0, 3600.0))),
            watch,
            ledger,
            mailbox,
            known: HashMap::new(),
            unsettled: None,
            by_job: HashMap::new(),
            results: HashMap::new(),
            inputs: HashMap::new(),
            ear: None,
            identity: None,
            absent: None,
            trouble: None,
            stuck: None,
            deaf: None,
            waiting: Vec::new(),
            check_at: now,
            scan_at: now,
            sweep_at: now,
            prune_at: now,
            pruned_to: 0,
            hold_until: now,
            ready_until: now,
            listen_at: now,
            told: None,
            told_at: now,
            tell: true,
        }
    }

    /// Works until it is told to stop.
    pub(super) fn run(mut self) {
        let mut news = News::default();
        while let Some(wait) = self.turn(&news, Instant::now()) {
            news = self.mailbox.wait(wait);
            // What comes in a storm is looked at together.
            std::thread::sleep(GATHER);
        }
    }

    /// One turn: how long nothing needs to be done, unless there are news; none when it is to end.
    pub(super) fn turn(&mut self, news: &News, now: Instant) -> Option<Duration> {
        if news.stop || self.ledger.is_stopping() {
            return None;
        }
        if let Some(paused) = news.paused {
            self.watch.paused = paused;
            self.tell = true;
        }
        if news.reload {
            self.unsettled = None;
            self.tell = true;
        }
        if self.load() {
            let own = news.files.contains_key(&self.area.folder);
            if now >= self.check_at || own {
                self.check(now);
            }
            if self.absent.is_none() {
                self.look(news, now);
            }
        } else {
            self.check_at = now + HOLD;
        }
        let mut next = self.check_at;
        if self.absent.is_none() && self.unsettled.is_some() {
            self.put_away(news, now);
            self.prune(now);
            next = next.min(self.scan_at).min(self.sweep_at).min(self.prune_at);
            if !self.watch.paused {
                next = next.min(now + self.take_whole(now));
            }
        }
        next = next.min(self.show(now));
        Some(next.saturating_duration_since(now))
    }

    /// Reads from the ledger what was taken before, once.
    fn load(&mut self) -> bool {
        if self.unsettled.is_some() {
            return true;
        }
        match self.ledger.unsettled().and_then(|rows| Ok((self.results_of(&rows)?, rows))) {
            Ok((results, rows)) => {
                self.results = results;
                self.by_job =
                    rows.iter().filter_map(|row| Some((row.job?, row.path.clone()))).collect();
                let rows = rows.into_iter().map(|row| (row.path.clone(), row));
                self.unsettled = Some(rows.collect());
                self.trouble = None;
                true
            }
            Err(error) => {
                self.trouble = Some(error.chain());
                false
            }
        }
    }

    /// The results of jobs that could be taken for inputs.
    fn results_of(&self, rows: &[Taken]) -> crate::Result<HashMap<PathBuf, JobId>> {
        let mut results = HashMap::new();
        for job in rows.iter().filter_map(|row| row.job) {
            if let Fate::Going(files) | Fate::Done(files) = self.ledger.fate(job)?
                && self.area.objection(&files.output).is_none()
            {
                results.insert(files.output, job);
            }
        }
        Ok(results)
    }

    /// Looks at the folder from outside: one that comes back, or is another one, is begun anew.
    fn check(&mut self, now: Instant) {
        self.check_at = now + CHECK;
        let folder = &self.watch.folder;
        let found = match std::fs::metadata(folder) {
            Ok(metadata) if metadata.is_dir() => {
                let above = folder.parent().and_then(|above| std::fs::metadata(above).ok());
                let mounted = above.is_some_and(|above| above.dev() != metadata.dev());
                Ok((metadata.dev(), metadata.ino(), mounted))
            }
            Ok(_) => Err(Status::of("broken", "it is no folder")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Err(Status::of("gone", "the folder is not there"))
            }
            Err(e) => Err(Status::of("gone", format!("the folder cannot be looked at: {e}"))),
        };
        let found = match (found, self.identity) {
            // An empty place where something was mounted is not the folder.
            (Ok((_, _, false)), Some((_, _, true))) => {
                Err(Status::of("gone", "its file system is not mounted"))
            }
            (found, _) => found,
        };
        match found {
            Ok(identity) => {
                if self.identity != Some(identity) || self.absent.is_some() {
                    self.identity = Some(identity);
                    self.begin(now);
                }
                if self.ear.is_none() && now >= self.listen_at {
                    self.listen(now);
                }
            }
            Err(status) => {
                if self.absent.as_ref() != Some(&status) {
                    tracing::warn!("hot folder {}: {}", self.watch.name, status.reason);
                }
                self.absent = Some(status);
                self.ear = None;
            }
        }
    }

    /// Forgets what was seen, and begins to look.
    fn begin(&mut self, now: Instant) {
        self.absent = None;
        self.area = Arc::new(Area::of(&self.watch));
        self.files.clear();
        self.known.clear();
        self.inputs.clear();
        self.ear = None;
        (self.listen_at, self.scan_at, self.sweep_at) = (now, now, now);
    }

    /// Begins to listen, where the folder is one of which the system tells what changes.
    fn listen(&mut self, now: Instant) {
        let polled = match self.watch.look {
            Look::Poll => true,
            Look::Notify => false,
            Look::Auto => system::is_remote(&self.watch.folder),
        };
        self.listen_at = now + SAFETY;
        if polled {
            return;
        }
        match Ear::open(&self.area, &self.mailbox) {
            Ok(ear) => {
                self.ear = Some(ear);
                self.deaf = None;
                // What happened before is not told.
                self.scan_at = now;
            }
            Err(error) => {
                let hint = error.hint_text().map_or(String::new(), |hint| format!(" ({hint})"));
                let why = format!("{}{hint}", error.chain());
                if self.deaf.as_ref() != Some(&why) {
                    tracing::warn!("hot folder {}: {why}; it is polled", self.watch.name);
                }
                self.deaf = Some(why);
            }
        }
    }

    /// Learns what is new about files.
    fn look(&mut self, news: &News, now: Instant) {
        for (path, heard) in &news.files {
            self.hear(path, *heard, now);
        }
        if news.lost {
            self.files.doubt(now);
            self.scan_at = now;
        }
        if now >= self.scan_at {
            self.scan(now);
        }
    }

    fn hear(&mut self, path: &Path, heard: Heard, now: Instant) {
        if path == self.area.folder {
            return;
        }
        match self.area.look(path) {
            Ok(Some(Found::File(stamp))) => match heard {
                Heard::Written => self.files.written(path, stamp, now),
                Heard::Closed => self.files.closed(path, stamp, now),
                Heard::Appeared | Heard::Gone => _ = self.files.seen(path, stamp, now),
            },
            Ok(Some(Found::Other(_))) => {
                self.files.gone(path);
                if self.area.is_deep() && path.is_dir() {
                    self.scan_at = self.scan_at.min(now + AGAIN);
                }
            }
            Ok(None) => self.forget_seen(path),
            // It will be seen when everything is looked at.
            Err(_) => {}
        }
    }

    fn forget_seen(&mut self, path: &Path) {
        self.files.gone(path);
        self.known.remove(path);
    }

    /// Looks at everything.
    fn scan(&mut self, now: Instant) {
        let begun = Instant::now();
        let mut there: HashSet<PathBuf> = HashSet::new();
        let (files, area, rule) = (&mut self.files, &self.area, self.watch.rule);
        let scanned = area.scan(&mut |path, found| {
            if let Found::File(stamp) = found {
                files.seen(&path, stamp, now);
                if rule == Rule::Folder
                    && let Some(first) = area.below(&path).components().next()
                {
                    there.insert(area.folder.join(first));
                }
                there.insert(path);
            }
        });
        let usual = match &self.ear {
            Some(_) => SAFETY,
            None => Duration::from_secs_f64(self.watch.poll_seconds.clamp(0.01, 3600.0)),
        };
        self.scan_at = now + usual.max(begun.elapsed() * SHARE);
        match scanned {
            Ok(()) => {
                self.files.retain(|path| there.contains(path));
                self.known.retain(|path, _| there.contains(path));
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.check_at = now,
            Err(e) => {
                let why = format!("the folder cannot be read: {e}");
                self.absent = Some(Status::of("broken", why));
                self.ear = None;
            }
        }
    }

    /// Tells how the hot folder stands, when that is something new; says when to look again.
    fn show(&mut self, now: Instant) -> Instant {
        let far = now + SAFETY;
        let status = self.status();
        let paused = self.watch.paused;
        let changed = self.told.as_ref().is_none_or(|(told, _, p)| *told != status || *p != paused);
        if !changed && !self.tell {
            return far;
        }
        if self.told.is_some() && now < self.told_at + TELL {
            return self.told_at + TELL;
        }
        let Ok(counts) = self.ledger.counts() else { return now + HOLD };
        self.tell = false;
        self.told_at = now;
        let new = (status, counts, paused);
        if self.told.as_ref() != Some(&new) {
            self.told = Some(new.clone());
            let (status, (working, settled, rejected), _) = new;
            self.ledger.publish(WatchView {
                working,
                settled,
                rejected,
                status: status.word.to_owned(),
                reason: status.reason,
                ..view(&self.watch)
            });
        }
        far
    }

    fn status(&self) -> Status {
        if let Some(absent) = &self.absent {
            return absent.clone();
        }
        if let Some(trouble) = self.trouble.as_ref().or(self.stuck.as_ref()) {
            return Status::of("broken", trouble.as_str());
        }
        if self.watch.paused {
            return Status::of("paused", "");
        }
        let waiting = self.waiting.join("; ");
        match (&self.ear, &self.deaf) {
            (Some(_), _) => Status::of("watching", waiting),
            (None, Some(deaf)) if waiting.is_empty() => Status::of("polling", deaf.as_str()),
            (None, _) => Status::of("polling", waiting),
        }
    }
}

/// A hot folder as it is shown before anything is known about it.
pub(super) fn view(watch: &Watch) -> WatchView {
    WatchView {
        name: watch.name.clone(),
        folder: watch.folder.display().to_string(),
        rules: serde_json::to_value(watch).unwrap_or_default(),
        paused: watch.paused,
        status: if watch.paused { "paused" } else { "watching" }.to_owned(),
        reason: String::new(),
        working: 0,
        settled: 0,
        rejected: 0,
    }
}

#[cfg(test)]
mod tests;
