//! A close look at what seems to be whole.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::Error;

use super::super::area::Stamp;
use super::super::ledger::Ledger;
use super::super::system;
use super::{HOLD, Worker};

/// A file that cannot be read may get its permissions last; so long it is waited for.
const PERMISSIONS: Duration = Duration::from_secs(10);

/// What became of looking at a unit closely.
pub(super) enum Close {
    /// It is whole.
    Whole,
    /// Something is not; look again after this.
    Later(Duration),
    /// It will never be readable.
    Never(Error),
}

impl<L: Ledger> Worker<L> {
    /// A last look at files that seem to be whole: as they are when they are opened, which also
    /// makes network file systems tell the truth, and whether somebody writes them.
    pub(super) fn look_closely(&mut self, members: &[(PathBuf, Stamp)], now: Instant) -> Close {
        for (path, stamp) in members {
            let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
            let opened = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path);
            let file = match opened {
                Ok(file) => file,
                Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                    let quiet = self.files.quiet(path, now);
                    if quiet < PERMISSIONS {
                        return Close::Later(PERMISSIONS - quiet);
                    }
                    let error = Error::usage(format!("cannot read {}", path.display())).because(e);
                    return Close::Never(error.hint("check its permissions"));
                }
                // Gone, or no file any more: everything else is seen with the next look.
                Err(_) => {
                    self.forget_seen(path);
                    return Close::Later(HOLD);
                }
            };
            let Ok(metadata) = file.metadata() else { return Close::Later(HOLD) };
            if !metadata.is_file() {
                self.forget_seen(path);
                return Close::Later(HOLD);
            }
            let there = self.area.stamp(&metadata);
            if there != *stamp {
                self.files.seen(path, there, now);
                return Close::Later(Duration::ZERO);
            }
            if system::is_being_written(&file) == Some(true) {
                self.files.touched(path, now);
                return Close::Later(Duration::ZERO);
            }
        }
        Close::Whole
    }
}
