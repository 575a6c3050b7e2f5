//! Looking at the folder from outside: whether it is there, and still the same.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Instant;

use crate::settings::config::Look;

use super::super::area::Area;
use super::super::ear::Ear;
use super::super::ledger::Ledger;
use super::super::system;
use super::show::Status;
use super::{CHECK, SAFETY, Worker};

impl<L: Ledger> Worker<L> {
    /// Looks at the folder from outside: one that comes back, or is another one, is begun anew.
    pub(super) fn check(&mut self, now: Instant) {
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
    pub(super) fn begin(&mut self, now: Instant) {
        self.absent = None;
        self.area = Arc::new(Area::of(&self.watch));
        self.files.clear();
        self.known.clear();
        self.inputs.clear();
        self.ear = None;
        (self.listen_at, self.scan_at, self.sweep_at) = (now, now, now);
    }

    /// Begins to listen, where the folder is one of which the system tells what changes.
    pub(super) fn listen(&mut self, now: Instant) {
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
}
