//! Holding, giving up, trying again, moving and removing jobs.

use std::time::Duration;

use jiff::Timestamp;

use crate::error::Error;
use crate::jobs::store::{Change, Edit, Place};
use crate::jobs::{Failure, Job, JobId, State};
use crate::pipeline;

use super::super::events::Event;
use super::super::fault::{Answer, Fault};
use super::super::running::Stop;
use super::super::wire::{EditJob, JobView, PlaceView};
use super::Core;
use super::add::{check_attempts, check_name, check_priority, store_fault};

/// So long a client waits until the work on a job has really ended.
const END_WITHIN: Duration = Duration::from_secs(10);
/// What a job fails with whose predecessor came to no good end.
pub(in super::super) const DEPENDENCY: &str = "dependency";

impl Core {
    /// Changes a job that has not begun.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Invalid`] for a value out of range or a circle of jobs that wait
    /// for each other, [`super::super::FaultKind::Conflict`] for a job that runs or has ended.
    pub fn edit(&self, id: JobId, edit: &EditJob) -> Answer<JobView> {
        let mut parsed = Edit::default();
        if let Some(priority) = edit.priority {
            check_priority(priority)?;
            parsed.priority = Some(priority);
        }
        if let Some(attempts) = edit.max_attempts {
            check_attempts(attempts)?;
            parsed.max_attempts = Some(attempts);
        }
        parsed.name = edit.name.as_deref().map(|name| check_name(name.trim())).transpose()?;
        parsed.place = edit.place.as_ref().map(|place| self.place(place)).transpose()?;
        let before = |ids: &Vec<String>| ids.iter().map(|id| self.resolve(id)).collect();
        parsed.after = edit.after.as_ref().map(before).transpose()?;
        if let Some(time) = &edit.not_before {
            let read = |text: &str| {
                text.parse::<Timestamp>()
                    .map_err(|e| Error::usage(format!("{text} is no time")).because(e.to_string()))
            };
            parsed.not_before = Some((!time.is_empty()).then(|| read(time)).transpose()?);
        }
        let job = self.store.edit(id, &parsed).map_err(store_fault)?;
        match job {
            Some(job) => self.told(&job),
            None => Err(self.not_now(id, "changed", "only jobs that wait can be changed")),
        }
    }

    fn place(&self, place: &PlaceView) -> Answer<Place> {
        Ok(match place {
            PlaceView::Top => Place::Top,
            PlaceView::Bottom => Place::Bottom,
            PlaceView::Up => Place::Up,
            PlaceView::Down => Place::Down,
            PlaceView::Before(id) => Place::Before(self.resolve(id)?),
            PlaceView::Behind(id) => Place::Behind(self.resolve(id)?),
        })
    }

    /// Holds a job. One that runs is held where it is, in memory, or put away with `release`.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Conflict`] for a job that is held already or has ended.
    pub fn pause(&self, id: JobId, release: bool) -> Answer<JobView> {
        let change = Change::Pause { reason: "held by hand".to_owned() };
        match self.running.get(id) {
            Some(run) if release => {
                run.stop(Stop::Release);
                self.running.wait_for_end(id, END_WITHIN);
                self.told(&self.job(id)?)
            }
            Some(run) => {
                run.interrupt.hold();
                match self.change(id, &change) {
                    Ok(view) => Ok(view),
                    Err(fault) => {
                        run.interrupt.release();
                        Err(fault)
                    }
                }
            }
            None => self.change(id, &change),
        }
    }

    /// Lets a held job go on: where it was held, or from the queue.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Conflict`] for a job that is not held.
    pub fn resume(&self, id: JobId) -> Answer<JobView> {
        let held = self.running.get(id).filter(|run| run.interrupt.is_held());
        match held {
            Some(run) if run.stopped().is_none() => {
                let view = self.change(id, &Change::Continue)?;
                run.interrupt.release();
                Ok(view)
            }
            _ => self.change(id, &Change::Requeue { reason: "resumed".to_owned() }),
        }
    }

    /// Gives a job up. One that is on its last step may be done all the same.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Conflict`] for a job that has ended.
    pub fn cancel(&self, id: JobId) -> Answer<JobView> {
        if let Some(run) = self.running.get(id) {
            run.stop(Stop::Cancel);
            self.running.wait_for_end(id, END_WITHIN);
            return self.told(&self.job(id)?);
        }
        let view = self.change(id, &Change::Cancel { reason: "given up by hand".to_owned() })?;
        self.ended_badly(id, State::Cancelled);
        self.uploads.release(id);
        Ok(view)
    }

    /// Tries a job again that failed, was refused or given up; with it those that failed only
    /// because it did.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Conflict`] for a job that has not ended or is done, and what
    /// [`Core::add`] says of files that are not there any more.
    pub fn retry(&self, id: JobId, from_scratch: bool) -> Answer<JobView> {
        let view = self.retry_alone(id, from_scratch)?;
        let mut tried = vec![id];
        while let Some(id) = tried.pop() {
            for follower in self.store.followers(id).map_err(Fault::internal)? {
                let waited = |job: Job| job.failure.is_some_and(|f| f.kind == DEPENDENCY);
                let waited = self.job(follower).is_ok_and(waited);
                if waited && self.retry_alone(follower, from_scratch).is_ok() {
                    tried.push(follower);
                }
            }
        }
        Ok(view)
    }

    fn retry_alone(&self, id: JobId, from_scratch: bool) -> Answer<JobView> {
        let job = self.job(id)?;
        if !job.state.may_become(State::Queued) || !job.state.is_final() {
            return Err(self.not_now(id, "tried again", "only what failed can be tried again"));
        }
        super::super::hotfolder::bring_back(self, &job);
        // What it was uploaded from may be gone, and its output may be there by now.
        let request = job.spec.request();
        request.check()?;
        let view = self.change(id, &Change::Retry { from_scratch })?;
        let files: Vec<_> = request.inputs().map(|(_, path)| path).collect();
        self.uploads.claim(id, &files);
        Ok(view)
    }

    /// Removes a job that does not run, with its log and what it has made of a film that is not
    /// done. An output in a folder of the user stays; one
    /// among the service's own files goes.
    ///
    /// # Errors
    /// [`super::super::FaultKind::Conflict`] for a job that runs.
    pub fn remove(&self, id: JobId) -> Answer<JobView> {
        if self.running.get(id).is_some() {
            return Err(self.not_now(id, "removed", "cancel it first"));
        }
        let job = self.job(id)?;
        let view = self.view_of(&job)?;
        if self.store.remove(id).map_err(Fault::internal)?.is_none() {
            return Err(self.not_now(id, "removed", "cancel it first"));
        }
        if !job.state.is_final() {
            self.ended_badly(id, State::Cancelled);
        }
        self.uploads.release(id);
        if job.state != State::Done
            && let Err(error) = pipeline::discard(&job.spec.output)
        {
            tracing::warn!("job {id}: {}", error.chain());
        }
        let _ = std::fs::remove_file(self.log_of(id));
        for folder in [self.stills_of(id), self.outputs_of(id)] {
            let _ = std::fs::remove_dir_all(folder);
        }
        let counts = self.store.counts().map_err(Fault::internal)?;
        self.events.publish(Event::Removed { id: id.to_string(), counts });
        self.wake();
        Ok(view)
    }

    /// The jobs that wait for one that came to no good end fail with it, and those behind them.
    pub(in super::super) fn ended_badly(&self, id: JobId, state: State) {
        let mut ended = vec![(id, state)];
        while let Some((id, state)) = ended.pop() {
            for follower in self.store.followers(id).unwrap_or_default() {
                let message = format!("job {id}, for which it waits, was {state}");
                let hint =
                    format!("try that one again, and this one follows: facedeck jobs retry {id}");
                let failure = Failure::of_kind(DEPENDENCY, message, Some(&hint));
                match self.store.change(follower, &Change::Fail { failure }, Timestamp::now()) {
                    Ok(Some(job)) => {
                        self.changed(&job);
                        ended.push((follower, State::Failed));
                    }
                    // It runs or has ended, whatever it once waited for.
                    Ok(None) => {}
                    Err(error) => tracing::error!("{}", error.chain()),
                }
            }
        }
    }

    fn change(&self, id: JobId, change: &Change) -> Answer<JobView> {
        match self.store.change(id, change, Timestamp::now()).map_err(Fault::internal)? {
            Some(job) => self.told(&job),
            None => {
                let verb = match change {
                    Change::Pause { .. } => "held",
                    Change::Continue | Change::Requeue { .. } => "resumed",
                    Change::Cancel { .. } => "given up",
                    _ => "changed",
                };
                Err(self.not_now(id, verb, "see facedeck jobs show"))
            }
        }
    }

    fn told(&self, job: &Job) -> Answer<JobView> {
        self.changed(job);
        self.view_of(job)
    }

    /// Why a verb does not fit a job: it is not there, or it stands where that cannot be done.
    fn not_now(&self, id: JobId, verb: &str, hint: &str) -> Fault {
        match self.job(id) {
            Err(fault) => fault,
            Ok(job) => {
                let error = Error::usage(format!("job {id} is {}: it cannot be {verb}", job.state));
                Fault::new(super::super::FaultKind::Conflict, error.hint(hint))
            }
        }
    }
}
