//! One bus for everything that changes: numbered, bounded, and deaf to slow listeners.
//!
//! The last events are kept, so that a client that lost its line goes on where it was; one that was
//! away for longer gets a snapshot again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use utoipa::ToSchema;

use crate::jobs::store::Counts;

use super::wire::{JobView, Progress, PullView, ServiceView, WatchView};

/// Events that are kept for clients that come back.
const KEPT: usize = 4096;
/// Events that a client may be behind before it gets a snapshot instead.
const BEHIND: usize = 1024;

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Where everything stands: what a client begins with.
    Snapshot {
        /// The service.
        service: Box<ServiceView>,
        /// Jobs that have not ended, and some that have: the first page of the list.
        jobs: Vec<JobView>,
        /// The hot folders.
        watches: Vec<WatchView>,
        /// Models that are being fetched.
        pulls: Vec<PullView>,
    },
    /// A job was added or changed.
    Job {
        /// The job.
        job: Box<JobView>,
        /// How many jobs are in each state now.
        counts: Counts,
    },
    /// A job was removed.
    Removed {
        /// Its id.
        id: String,
        /// How many jobs are in each state now.
        counts: Counts,
    },
    /// A job came further.
    Progress {
        /// Its id.
        id: String,
        /// How far.
        progress: Progress,
    },
    /// A hot folder was added or changed.
    Watch {
        /// The hot folder.
        watch: Box<WatchView>,
    },
    /// A hot folder was removed.
    WatchRemoved {
        /// Its name.
        name: String,
    },
    /// A model came further.
    Pull {
        /// The model.
        pull: PullView,
    },
    /// Something that people want to be told: the dashboard shows it on the desktop.
    Notice {
        /// What happened: `done`, `failed`, `refused`, `queue_empty`.
        what: String,
        /// In one line.
        title: String,
        /// More about it.
        text: String,
        /// The job that it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<String>,
    },
    /// The service is about to stop.
    Stopping,
}

impl Event {
    /// Its type, as it is sent.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Snapshot { .. } => "snapshot",
            Event::Job { .. } => "job",
            Event::Removed { .. } => "removed",
            Event::Progress { .. } => "progress",
            Event::Watch { .. } => "watch",
            Event::WatchRemoved { .. } => "watch_removed",
            Event::Pull { .. } => "pull",
            Event::Notice { .. } => "notice",
            Event::Stopping => "stopping",
        }
    }
}

/// An event with its number.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Counted from 1 for each run of the service.
    pub number: u64,
    /// Its JSON, made once for all listeners.
    pub json: Arc<str>,
    /// The event.
    pub event: Arc<Event>,
}

/// The bus.
#[derive(Debug)]
pub struct Events {
    kept: Mutex<Kept>,
    sender: broadcast::Sender<Numbered>,
}

#[derive(Debug)]
struct Kept {
    next: u64,
    last: VecDeque<Numbered>,
}

/// What a listener gets first.
#[derive(Debug)]
pub enum Begin {
    /// The events that it missed.
    Missed(Vec<Numbered>),
    /// It has to be told where everything stands; as of the event with this number.
    Snapshot(u64),
}

impl Default for Events {
    fn default() -> Self {
        let last = VecDeque::with_capacity(KEPT);
        Events { kept: Mutex::new(Kept { next: 1, last }), sender: broadcast::channel(BEHIND).0 }
    }
}

impl Events {
    /// Tells everybody.
    pub fn publish(&self, event: Event) {
        // An event that is no JSON there is not: all its parts are plain.
        let json: Arc<str> = serde_json::to_string(&event).unwrap_or_default().into();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = Numbered { number: kept.next, json, event: Arc::new(event) };
        kept.next += 1;
        if kept.last.len() == KEPT {
            kept.last.pop_front();
        }
        kept.last.push_back(numbered.clone());
        // Under the lock, so that numbers come in their order; it never waits. Nobody may listen.
        let _ = self.sender.send(numbered);
    }

    /// The number of the last event; 0 before the first.
    pub fn last_number(&self) -> u64 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).next - 1
    }

    /// How many listen now.
    pub fn listeners(&self) -> usize {
        self.sender.receiver_count()
    }

    /// Listens from now on; `after` is the number of the last event that this listener heard.
    pub fn listen(&self, after: Option<u64>) -> (Begin, broadcast::Receiver<Numbered>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let now = kept.next - 1;
        let first = kept.last.front().map_or(kept.next, |event| event.number);
        let begin = match after {
            Some(after) if after <= now && after + 1 >= first => {
                Begin::Missed(kept.last.iter().filter(|e| e.number > after).cloned().collect())
            }
            _ => Begin::Snapshot(now),
        };
        (begin, receiver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_back_gets_what_was_missed_and_who_was_away_too_long_a_snapshot() {
        let events = Events::default();
        let missed = |after| match events.listen(after).0 {
            Begin::Missed(list) => Some(list.iter().map(|e| e.number).collect::<Vec<_>>()),
            Begin::Snapshot(_) => None,
        };
        assert_eq!(missed(None), None);
        assert_eq!(missed(Some(0)), Some(vec![]));
        for _ in 0..3 {
            events.publish(Event::Stopping);
        }
        assert_eq!(missed(Some(1)), Some(vec![2, 3]));
        assert_eq!(missed(Some(3)), Some(vec![]));
        // A number of another run of the service.
        assert_eq!(missed(Some(4)), None);
        for _ in 0..KEPT {
            events.publish(Event::Stopping);
        }
        assert_eq!(missed(Some(2)), None);
        assert_eq!(missed(Some(3)).unwrap().len(), KEPT);
    }

    #[test]
    fn nobody_is_waited_for() {
        let events = Events::default();
        let (_, mut slow) = events.listen(None);
        for _ in 0..2 * BEHIND {
            events.publish(Event::Stopping);
        }
        let error = slow.try_recv().unwrap_err();
        assert!(matches!(error, broadcast::error::TryRecvError::Lagged(_)), "{error}");
        assert_eq!(events.last_number(), 2 * BEHIND as u64);
    }
}
