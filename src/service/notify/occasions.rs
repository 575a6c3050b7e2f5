//! Tells from the events what happened for the first time.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::jobs::State;
use crate::service::wire::JobView;
use crate::settings::config::Occasion;

/// Ends that are remembered, so that none is told twice.
const REMEMBERED: usize = 4096;

/// What people may want to be told of a job that came to this end.
pub(super) fn of(end: State) -> Option<Occasion> {
    match end {
        State::Done => Some(Occasion::Done),
        State::Failed => Some(Occasion::Failed),
        State::Refused => Some(Occasion::Refused),
        _ => None,
    }
}

/// What was told already.
#[derive(Debug)]
pub(super) struct Occasions {
    /// The last jobs that came to an end, with the time of it: one that was tried again may come to
    /// another.
    ended: VecDeque<(String, Option<Timestamp>)>,
    /// Whether there was something to do when last looked.
    busy: bool,
}

impl Occasions {
    pub(super) fn new(busy: bool) -> Self {
        Occasions { ended: VecDeque::new(), busy }
    }

    /// Whether a job came to its end, told for the first time.
    pub(super) fn has_ended(&mut self, job: &JobView) -> bool {
        if !job.state.is_final() {
            return false;
        }
        let known = |(id, at): &(String, Option<Timestamp>)| *id == job.id && *at == job.ended;
        if self.ended.iter().rev().any(known) {
            return false;
        }
        if self.ended.len() == REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back((job.id.clone(), job.ended));
        true
    }

    /// Whether it is as it was: there is something to do, or there was nothing before.
    pub(super) fn stays(&mut self, busy: bool) -> bool {
        self.busy |= busy;
        self.busy == busy
    }

    /// Whether nothing is left to do for the first time since there was something.
    pub(super) fn is_empty_now(&mut self, busy: bool) -> bool {
        std::mem::replace(&mut self.busy, busy) && !busy
    }
}
