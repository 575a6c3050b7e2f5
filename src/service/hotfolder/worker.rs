//! One hot folder at work: hears what happens in its folder, takes what is whole, puts away what has
//! ended.
//!
//! Each turn gets what was told since the last one, and says how long nothing needs to be done. The
//! clock comes from outside, so that a day of waiting can be tried in no time.

mod by_file;
mod check;
mod closely;
mod look;
mod prune;
mod settle;
mod show;
mod take;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::jobs::JobId;
use crate::jobs::store::Taken;
use crate::settings::config::Watch;

use super::area::Area;
use super::ear::Ear;
use super::ledger::{Fate, Ledger};
use super::mailbox::{Mailbox, News};
use super::settling::Settling;
use show::Status;

pub(super) use show::view;

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
            // With other rules everything is looked at anew; the ledger knows what was taken.
            if let Some(watch) = news.rules.take() {
                self = Worker::new(*watch, self.ledger, self.mailbox, Instant::now());
            }
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
}

#[cfg(test)]
mod tests;
