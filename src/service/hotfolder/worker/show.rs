//! Telling how the hot folder stands.

use std::time::Instant;

use crate::service::wire::WatchView;
use crate::settings::config::Watch;

use super::super::ledger::Ledger;
use super::{HOLD, SAFETY, TELL, Worker};

/// How a hot folder stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) word: &'static str,
    pub(super) reason: String,
}

impl Status {
    pub(super) fn of(word: &'static str, reason: impl Into<String>) -> Self {
        Status { word, reason: reason.into() }
    }
}

impl<L: Ledger> Worker<L> {
    /// Tells how the hot folder stands, when that is something new; says when to look again.
    pub(super) fn show(&mut self, now: Instant) -> Instant {
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

    pub(super) fn status(&self) -> Status {
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
pub(in super::super) fn view(watch: &Watch) -> WatchView {
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
