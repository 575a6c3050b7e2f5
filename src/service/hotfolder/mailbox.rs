//! What a hot folder's worker is told: by the system about files, by the queue about jobs, by people
//! about itself.
//!
//! News about a file takes the place of older news about it, and when there is too much of it the
//! worker is told to look for itself: it never grows and nobody waits.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::jobs::JobId;
use crate::settings::config::Watch;

/// News about so many files are kept.
const MOST_FILES: usize = 16_384;
/// News about so many jobs are kept.
const MOST_JOBS: usize = 4096;

/// What the system said about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Somebody writes it.
    Written,
    /// It was closed after writing, or renamed into place.
    Closed,
    /// Something appeared, or changed without being written.
    Appeared,
    /// It is gone.
    Gone,
}

/// Everything that was told since the last look.
#[derive(Debug, Default)]
pub(super) struct News {
    /// About files.
    pub(super) files: HashMap<PathBuf, Heard>,
    /// Some was lost: look at everything.
    pub(super) lost: bool,
    /// Jobs that ended.
    pub(super) ended: Vec<JobId>,
    /// Some ends of jobs were lost: look at all of them.
    pub(super) sweep: bool,
    /// The ledger was changed by somebody else.
    pub(super) reload: bool,
    /// Somebody paused it, or let it go on.
    pub(super) paused: Option<bool>,
    /// It has other rules.
    pub(super) rules: Option<Box<Watch>>,
    /// It is to end.
    pub(super) stop: bool,
}

impl News {
    fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.ended.is_empty()
            && self.paused.is_none()
            && self.rules.is_none()
            && !(self.lost || self.sweep || self.reload || self.stop)
    }
}

/// Where news are left.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    news: Mutex<News>,
    bell: Condvar,
}

impl Mailbox {
    fn leave(&self, change: impl FnOnce(&mut News)) {
        change(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
        self.bell.notify_one();
    }

    /// The system said something about a file.
    pub(super) fn file(&self, path: PathBuf, heard: Heard) {
        self.leave(|news| {
            // Being touched after it was closed does not make it open again.
            let weaker = heard == Heard::Appeared && news.files.contains_key(&path);
            if weaker && news.files.get(&path) != Some(&Heard::Gone) {
                return;
            }
            if news.files.len() < MOST_FILES || news.files.contains_key(&path) {
                news.files.insert(path, heard);
            } else {
                news.lost = true;
            }
        });
    }

    /// The system lost count.
    pub(super) fn lost(&self) {
        self.leave(|news| news.lost = true);
    }

    /// A job of this hot folder ended.
    pub(super) fn ended(&self, job: JobId) {
        self.leave(|news| {
            if news.ended.len() < MOST_JOBS {
                news.ended.push(job);
            } else {
                news.sweep = true;
            }
        });
    }

    /// Some job may have ended.
    pub(super) fn sweep(&self) {
        self.leave(|news| news.sweep = true);
    }

    /// The ledger was changed by somebody else.
    pub(super) fn reload(&self) {
        self.leave(|news| news.reload = true);
    }

    /// Somebody paused it, or let it go on.
    pub(super) fn pause(&self, paused: bool) {
        self.leave(|news| news.paused = Some(paused));
    }

    /// Somebody gave it other rules, which say whether it is paused, too.
    pub(super) fn change(&self, watch: Watch) {
        self.leave(|news| {
            news.rules = Some(Box::new(watch));
            news.paused = None;
        });
    }

    /// It is to end.
    pub(super) fn stop(&self) {
        self.leave(|news| news.stop = true);
    }

    /// Waits for news, but no longer than this, and takes them.
    pub(super) fn wait(&self, longest: Duration) -> News {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.bell.wait_timeout_while(news, longest, |news| news.is_empty());
        let (mut news, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts_and_too_many_words_mean_a_look() {
        let mailbox = Mailbox::default();
        let a = || PathBuf::from("a");
        mailbox.file(a(), Heard::Written);
        mailbox.file(a(), Heard::Closed);
        mailbox.file(a(), Heard::Appeared);
        let news = mailbox.wait(Duration::ZERO);
        assert_eq!(news.files.get(&a()), Some(&Heard::Closed));
        mailbox.file(a(), Heard::Gone);
        mailbox.file(a(), Heard::Appeared);
        assert_eq!(mailbox.wait(Duration::ZERO).files.get(&a()), Some(&Heard::Appeared));
        for i in 0..2 * MOST_FILES {
            mailbox.file(PathBuf::from(i.to_string()), Heard::Closed);
        }
        let news = mailbox.wait(Duration::from_secs(60));
        assert!(news.lost && news.files.len() == MOST_FILES);
        for _ in 0..2 * MOST_JOBS {
            mailbox.ended(JobId::generate());
        }
        let news = mailbox.wait(Duration::from_secs(60));
        assert!(news.sweep && news.ended.len() == MOST_JOBS);
        assert!(mailbox.wait(Duration::from_millis(1)).is_empty());
    }
}
