//! Looking at what lies in the folder: as the system tells it, and all of it now and then.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::settings::config::Rule;

use super::super::area::Found;
use super::super::ledger::Ledger;
use super::super::mailbox::{Heard, News};
use super::show::Status;
use super::{AGAIN, SAFETY, SHARE, Worker};

impl<L: Ledger> Worker<L> {
    /// Learns what is new about files.
    pub(super) fn look(&mut self, news: &News, now: Instant) {
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

    pub(super) fn hear(&mut self, path: &Path, heard: Heard, now: Instant) {
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

    pub(super) fn forget_seen(&mut self, path: &Path) {
        self.files.gone(path);
        self.known.remove(path);
    }

    /// Looks at everything.
    pub(super) fn scan(&mut self, now: Instant) {
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
}
