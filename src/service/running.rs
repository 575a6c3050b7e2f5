//! Jobs that are worked on right now: how to stop and hold them, how far they are, what they look
//! like. Nothing of this survives the process; what must, is in the store.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::imaging::picture::Picture;
use crate::interrupt::Interrupt;
use crate::jobs::JobId;

use super::wire::Progress;

/// So long after somebody asked for a picture, frames are still copied.
const WANTED_FOR: Duration = Duration::from_secs(10);

/// Why a job that runs was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Somebody gave it up.
    Cancel,
    /// Somebody holds it and wants its memory back.
    Release,
    /// The service ends.
    Shutdown,
}

/// A frame before and after.
#[derive(Debug, Clone)]
pub struct Look {
    /// The index of the frame.
    pub frame: u64,
    /// As it was.
    pub before: Arc<Picture>,
    /// As it is.
    pub after: Arc<Picture>,
}

/// One job that is worked on.
#[derive(Debug)]
pub struct Run {
    /// Stops and holds the work.
    pub interrupt: Interrupt,
    stop: Mutex<Option<Stop>>,
    progress: Mutex<Progress>,
    begun: Instant,
    /// Milliseconds after `begun` until which pictures are wanted.
    wanted_until: AtomicU64,
    look: Mutex<Option<Look>>,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            interrupt: Interrupt::new(),
            stop: Mutex::default(),
            progress: Mutex::default(),
            begun: Instant::now(),
            wanted_until: AtomicU64::new(0),
            look: Mutex::default(),
        }
    }
}

impl Run {
    /// Stops the work; the first reason counts.
    pub fn stop(&self, why: Stop) {
        lock(&self.stop).get_or_insert(why);
        self.interrupt.set();
    }

    /// Why it was told to stop.
    pub fn stopped(&self) -> Option<Stop> {
        *lock(&self.stop)
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        lock(&self.progress).clone()
    }

    /// Says how far it is.
    pub fn set_progress(&self, progress: Progress) {
        *lock(&self.progress) = progress;
    }

    /// Asks for pictures for a while, and returns the last one.
    pub fn look(&self) -> Option<Look> {
        let until = (self.begun.elapsed() + WANTED_FOR).as_millis();
        self.wanted_until.store(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.last_look()
    }

    /// The last frame that was copied.
    pub fn last_look(&self) -> Option<Look> {
        lock(&self.look).clone()
    }

    /// Whether somebody asked for pictures lately.
    pub fn is_looked_at(&self) -> bool {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        now < self.wanted_until.load(Ordering::Relaxed)
    }

    /// Shows a frame.
    pub fn show(&self, look: Look) {
        *lock(&self.look) = Some(look);
    }
}

/// All jobs that are worked on.
#[derive(Debug, Default)]
pub struct Running {
    runs: Mutex<HashMap<JobId, Arc<Run>>>,
    ended: Condvar,
}

impl Running {
    /// A job is begun.
    pub fn begin(&self, id: JobId) -> Arc<Run> {
        let run = Arc::new(Run::default());
        lock(&self.runs).insert(id, Arc::clone(&run));
        run
    }

    /// A job came to its end.
    pub fn end(&self, id: JobId) {
        lock(&self.runs).remove(&id);
        self.ended.notify_all();
    }

    /// Waits until a job is not worked on any more, but no longer than this.
    pub fn wait_for_end(&self, id: JobId, at_most: Duration) {
        let runs = lock(&self.runs);
        let waited = self.ended.wait_timeout_while(runs, at_most, |runs| runs.contains_key(&id));
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// The work on a job.
    pub fn get(&self, id: JobId) -> Option<Arc<Run>> {
        lock(&self.runs).get(&id).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Vec<(JobId, Arc<Run>)> {
        lock(&self.runs).iter().map(|(id, run)| (*id, Arc::clone(run))).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
