//! Decides which job runs when and where, and runs it.
//!
//! One thread picks: by priority, then by place, what is due, waits for nothing and has a free
//! device. Each job runs on a thread of its own, on an engine that is kept warm. A job during which
//! a service ended before is proven alone, so that the blame is sure.

mod observer;
mod outcome;
mod recover;
mod run;

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

use crate::error::{Context, Result};
use crate::jobs::{Job, JobId};

use super::Core;
use super::running::Stop;

/// The clock may jump, and so may what is on the disk: the queue is looked at this often, whatever
/// happens.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Uploads that nobody needs are looked for this often.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// After a fault of the store.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// A scheduler that works.
#[derive(Debug)]
pub struct Scheduler(JoinHandle<()>);

/// Puts in order what a crash left, and begins to run jobs. Ends when the service is stopped.
///
/// # Errors
/// When the store cannot be used, or no thread can be started.
pub fn start(core: &Arc<Core>) -> Result<Scheduler> {
    recover::recover(core)?;
    let core = Arc::clone(core);
    std::thread::Builder::new()
        .name("scheduler".to_owned())
        .spawn(move || Lanes::default().work(&core))
        .map(Scheduler)
        .context(|| "cannot start the scheduler".to_owned())
}

impl Scheduler {
    /// Waits until every job that ran is back in the queue.
    pub fn join(self) {
        // What went wrong in it was logged there.
        let _ = self.0.join();
    }
}

/// The jobs that run, and on what.
#[derive(Default)]
struct Lanes {
    running: HashMap<JobId, Lane>,
}

struct Lane {
    device: String,
    suspect: bool,
    thread: JoinHandle<()>,
}

impl Lanes {
    fn work(mut self, core: &Arc<Core>) {
        core.uploads.sweep(SystemTime::now());
        let mut swept = Instant::now();
        while !core.stopping.is_set() {
            self.clear();
            let wait = match self.fill(core) {
                Ok(due) => due.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN),
                Err(error) => {
                    tracing::error!("the queue cannot be looked at: {}", error.chain());
                    AFTER_FAULT
                }
            };
            let wait = match core.engines.drop_idle() {
                Some(idle) => wait.min(idle),
                None => wait,
            };
            if swept.elapsed() >= SWEEP_EVERY {
                core.uploads.sweep(SystemTime::now());
                swept = Instant::now();
            }
            core.wait_for_wake(wait);
        }
        for (_, run) in core.running.all() {
            run.stop(Stop::Shutdown);
        }
        for (_, lane) in self.running.drain() {
            let _ = lane.thread.join();
        }
    }

    /// Forgets the jobs that have ended.
    fn clear(&mut self) {
        let ended: Vec<JobId> = self
            .running
            .iter()
            .filter(|(_, lane)| lane.thread.is_finished())
            .map(|(id, _)| *id)
            .collect();
        for id in ended {
            if let Some(lane) = self.running.remove(&id) {
                let _ = lane.thread.join();
            }
        }
    }

    /// Begins jobs until no device is free or none is due; how long until the next one is.
    fn fill(&mut self, core: &Arc<Core>) -> Result<Option<Duration>> {
        loop {
            let now = Timestamp::now();
            let busy = self.busy(core);
            let Some(job) = core.store.next(now, &busy)? else {
                let due = core.store.next_due(now)?;
                return Ok(
                    due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default())
                );
            };
            let suspect = job.crashes > 0;
            let alone = suspect || self.running.values().any(|lane| lane.suspect);
            // One whose work was told to stop and has not yet: its end wakes us.
            let ending = core.running.get(job.id).is_some();
            if ending || (alone && self.at_work(core) > 0) {
                return Ok(None);
            }
            self.begin(core, job)?;
        }
    }

    /// Devices on which no further job may begin.
    fn busy(&self, core: &Arc<Core>) -> Vec<String> {
        let config = core.config();
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for (id, lane) in &self.running {
            if is_at_work(core, *id) {
                *counts.entry(&lane.device).or_default() += 1;
            }
        }
        let most = |device: &str| {
            let service = &config.service;
            if device == "cpu" { service.parallel_cpu } else { service.parallel_gpu }.max(1)
        };
        let full = counts.into_iter().filter(|(device, count)| *count >= most(device));
        full.map(|(device, _)| device.to_owned()).collect()
    }

    fn at_work(&self, core: &Arc<Core>) -> usize {
        self.running.keys().filter(|id| is_at_work(core, **id)).count()
    }

    fn begin(&mut self, core: &Arc<Core>, job: Job) -> Result<()> {
        let (id, device, suspect) = (job.id, job.device.clone(), job.crashes > 0);
        let Some(job) = run::claim(core, &job)? else { return Ok(()) };
        let shared = Arc::clone(core);
        let thread = std::thread::Builder::new().name(format!("job-{id}")).spawn(move || {
            run::run(&shared, &job);
            shared.wake();
        });
        match thread {
            Ok(thread) => {
                self.running.insert(id, Lane { device, suspect, thread });
                Ok(())
            }
            Err(error) => {
                core.running.end(id);
                let reason = "no thread could be started".to_owned();
                core.store.change(
                    id,
                    &crate::jobs::store::Change::Requeue { reason },
                    Timestamp::now(),
                )?;
                Err(error).context(|| "cannot start a thread for a job".to_owned())
            }
        }
    }
}

/// Whether a job needs its device: one that is held in memory gives its place to the next.
fn is_at_work(core: &Arc<Core>, id: JobId) -> bool {
    core.running.get(id).is_some_and(|run| !run.interrupt.is_held())
}
