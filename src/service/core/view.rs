//! Jobs and the service as clients see them.

use jiff::Timestamp;

use crate::jobs::{Job, State};

use super::super::PROTOCOL;
use super::super::events::Event;
use super::super::fault::{Answer, Fault};
use super::super::wire::{JobView, ServiceView};
use super::Core;

impl Core {
    /// The service about itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn view(&self) -> Answer<ServiceView> {
        let listen = self.listen.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        Ok(ServiceView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: PROTOCOL,
            pid: std::process::id(),
            uptime_seconds: self.started.elapsed().as_secs_f64(),
            socket: self.socket.display().to_string(),
            listen,
            home: self.directories.state.display().to_string(),
            log: self.directories.state.join("logs/service.log").display().to_string(),
            counts: self.store.counts().map_err(Fault::internal)?,
            stopping: self.stopping.is_set(),
        })
    }

    /// How a job looks now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn view_of(&self, job: &Job) -> Answer<JobView> {
        let text = |path: &std::path::PathBuf| path.display().to_string();
        let run = self.running.get(job.id).filter(|_| !job.state.is_final());
        Ok(JobView {
            id: job.id.to_string(),
            name: job.spec.name.clone(),
            state: job.state,
            reason: job.reason.clone(),
            waiting: self.waiting(job)?,
            sources: job.spec.sources.iter().map(text).collect(),
            target: text(&job.spec.target),
            output: text(&job.spec.output),
            profile: job.spec.profile_name.clone(),
            device: job.device.clone(),
            origin: job.spec.origin.clone(),
            priority: job.priority,
            place: job.place,
            after: job.after.iter().map(ToString::to_string).collect(),
            not_before: job.not_before,
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            created: job.created,
            started: job.started,
            ended: job.ended,
            progress: run.map(|run| run.progress()),
            failure: job.failure.clone(),
            summary: job.summary.clone(),
        })
    }

    /// What a queued job waits for beside its turn.
    fn waiting(&self, job: &Job) -> Answer<Option<String>> {
        if job.state != State::Queued {
            return Ok(None);
        }
        let now = Timestamp::now();
        if !job.after.is_empty() {
            let before = self.store.waits_for(job.id).map_err(Fault::internal)?;
            if let Some((first, state)) = before.first() {
                let more = match before.len() {
                    1 => String::new(),
                    n => format!(" and {} more", n - 1),
                };
                return Ok(Some(format!("waits for job {first} ({state}){more}")));
            }
        }
        Ok(match (job.not_before, job.retry_at) {
            (Some(time), _) if time > now => Some(format!("waits until {time:.0}")),
            (_, Some(time)) if time > now => Some(format!("is tried again at {time:.0}")),
            _ => None,
        })
    }

    /// Tells everybody that a job was added or changed, and wakes the scheduler.
    pub fn changed(&self, job: &Job) {
        // A store that cannot be read is told about by whoever asks next.
        if let (Ok(view), Ok(counts)) = (self.view_of(job), self.store.counts()) {
            self.events.publish(Event::Job { job: Box::new(view), counts });
        }
        self.wake();
    }
}
