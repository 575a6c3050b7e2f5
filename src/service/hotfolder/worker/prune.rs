//! Forgetting what nobody asks for any more.
//!
//! A row of the ledger keeps a file from being taken twice, so it is needed for as long as the file
//! lies there, however old it is. Without an end for the others the ledger of a busy folder would
//! only ever grow.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::jobs::store::Taken;

use super::super::area::Area;
use super::super::ledger::Ledger;
use super::{AGAIN, SWEEP, Worker};

/// After everything was looked at, it is looked at again so much later.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl<L: Ledger> Worker<L> {
    /// Forgets rows that are settled for long and whose files are gone, a page at a time.
    pub(super) fn prune(&mut self, now: Instant) {
        if now < self.prune_at {
            return;
        }
        let (rows, last) = match self.ledger.settled_long_ago(self.pruned_to) {
            Ok(page) => page,
            Err(error) => return self.prune_later(&error, now),
        };
        let area = &self.area;
        let gone: Vec<Taken> = rows.into_iter().filter(|row| is_gone(area, &row.path)).collect();
        if !gone.is_empty() {
            if let Err(error) = self.ledger.forget_all(&gone) {
                return self.prune_later(&error, now);
            }
            let (name, number) = (&self.watch.name, gone.len());
            tracing::info!("hot folder {name}: forgot {number} files that are gone for long");
            self.tell = true;
        }
        (self.pruned_to, self.prune_at) = match last {
            Some(last) => (last, now + AGAIN),
            None => (0, now + DAY),
        };
    }

    fn prune_later(&mut self, error: &crate::Error, now: Instant) {
        tracing::warn!("hot folder {}: {}", self.watch.name, error.chain());
        self.prune_at = now + SWEEP;
    }
}

/// Whether a file is certainly not there any more.
fn is_gone(area: &Area, path: &Path) -> bool {
    if !fs::symlink_metadata(path).is_err_and(|error| is_missing(&error)) {
        return false;
    }
    // Where nothing is taken from, such as in done/, nothing can be taken twice either.
    if path.starts_with(&area.folder) && area.objection(path).is_some() {
        return true;
    }
    // What lies on a file system that is not mounted comes back. Its place is empty until then.
    let places = path.ancestors().skip(1).take_while(|place| place.starts_with(&area.folder));
    for place in places {
        match fs::read_dir(place) {
            Ok(mut entries) => return matches!(entries.next(), Some(Ok(_))),
            Err(error) if is_missing(&error) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Whether the system says that there is nothing; that it cannot say is something else.
fn is_missing(error: &io::Error) -> bool {
    [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind())
}
