//! One attempt at a job, from the store and back to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::jobs::store::Change;
use crate::jobs::{Job, State};
use crate::pipeline::{self, Resume, Summary};

use super::super::Core;
use super::observer::JobObserver;
use super::outcome;

/// Makes a job a running one; none where somebody was faster.
pub(super) fn claim(core: &Arc<Core>, job: &Job) -> Result<Option<Job>> {
    core.running.begin(job.id);
    match core.store.change(job.id, &Change::Start, Timestamp::now()) {
        Ok(Some(job)) => {
            core.changed(&job);
            Ok(Some(job))
        }
        other => {
            core.running.end(job.id);
            other
        }
    }
}

/// Runs a job that was claimed, and writes down what became of it.
pub(super) fn run(core: &Arc<Core>, job: &Job) {
    let Some(run) = core.running.get(job.id) else { return };
    let observer = Arc::new(JobObserver::new(core, job, &run));
    observer.log(&format!("attempt {} begins", job.attempts));
    let result = catch_unwind(AssertUnwindSafe(|| attempt(core, job, &observer)))
        .unwrap_or_else(|panic| Err(broke(&*panic)));
    let change = match result {
        Ok(summary) => {
            observer.keep_still();
            Change::Finish { summary: serde_json::to_value(&summary).unwrap_or_default() }
        }
        Err(error) => {
            observer.log(&format!("it ended: {}", error.chain()));
            outcome::of(&error, job, run.stopped(), &core.config().service)
        }
    };
    write_down(core, job, &change, &observer);
    core.running.end(job.id);
}

fn attempt(core: &Arc<Core>, job: &Job, observer: &Arc<JobObserver>) -> Result<Summary> {
    let mut request = job.spec.request();
    if job.from_scratch {
        request.resume = Resume::Restart;
    }
    let notes = Arc::clone(observer);
    let note = Arc::new(move |text: &str| pipeline::Observer::note(&*notes, text));
    core.engines.with(&core.directories, &job.spec.profile, note, |engine| {
        pipeline::run(&request, engine, &**observer, &observer.run().interrupt)
    })
}

/// Puts the end of an attempt into the store. A store that fails is tried again: the work is done,
/// and only its record is missing.
fn write_down(core: &Arc<Core>, job: &Job, change: &Change, observer: &JobObserver) {
    let changed = loop {
        match core.store.change(job.id, change, Timestamp::now()) {
            Ok(changed) => break changed,
            Err(error) => {
                tracing::error!("job {}: {}", job.id, error.chain());
                if core.stopping.is_set() {
                    // The next service finds the job running, and its output.
                    return;
                }
                std::thread::sleep(super::AFTER_FAULT);
            }
        }
    };
    let Some(job) = changed else { return };
    let words = if job.reason.is_empty() { String::new() } else { format!(": {}", job.reason) };
    observer.log(&format!("{}{words}", job.state));
    tracing::info!("job {} ({}) is {}{words}", job.id, job.spec.name, job.state);
    if job.state.is_final() {
        core.uploads.release(job.id);
        if job.state != State::Done {
            core.ended_badly(job.id, job.state);
        }
    }
    core.changed(&job);
}

/// A bug in the work on one job: the others go on.
fn broke(panic: &(dyn std::any::Any + Send)) -> Error {
    let words = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Error::failed("facedeck broke while it worked on this job")
        .because(words)
        .hint("this is a bug: the log of the service says where")
}
