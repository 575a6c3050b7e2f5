//! Waiting for jobs with a bar, and their ends as the ends of a command.

use std::collections::HashMap;

use serde_json::json;

use crate::client::{Blocking, Heard};
use crate::error::{Error, Kind, Result};
use crate::interrupt::Interrupt;
use crate::jobs::State;
use crate::service::wire::JobView;

use super::super::output::{OutputMode, json_line, result_line};
use super::super::progress::Progress;
use super::each::worst;
use super::words::{plain, short, summary};

/// Waits until these jobs, by their full ids, have ended.
///
/// # Errors
/// What they failed with, the one with the highest exit code last; interrupted, the jobs go on.
pub(in super::super) fn until_ended(
    service: &Blocking,
    ids: &[String],
    mode: OutputMode,
) -> Result<Vec<JobView>> {
    let interrupt = Interrupt::on_signals()?;
    let mut teller = Teller { mode, single: ids.len() == 1, bar: None, states: HashMap::new() };
    let waited =
        service.run(async |client| client.wait(ids, &interrupt, |heard| teller.hear(&heard)).await);
    drop(teller);
    let jobs = match waited {
        Err(error) if *error.kind() == Kind::Interrupted => {
            let short: Vec<&str> = ids.iter().map(|id| short(id)).collect();
            mode.note(&format!(
                "the work goes on; wait again: facedeck jobs wait {}",
                short.join(" ")
            ));
            return Err(error);
        }
        waited => waited?,
    };
    jobs.iter().filter(|job| job.state == State::Done).for_each(|job| report(job, mode));
    worst(jobs.iter().filter_map(failure).collect(), mode)?;
    Ok(jobs)
}

struct Teller {
    mode: OutputMode,
    single: bool,
    bar: Option<Progress>,
    states: HashMap<String, State>,
}

impl Teller {
    fn hear(&mut self, heard: &Heard<'_>) {
        match heard {
            Heard::Progress(_, progress) if self.single => {
                let (mode, total) = (self.mode, progress.total);
                let bar = self.bar.get_or_insert_with(|| Progress::new(mode, total));
                bar.update(progress.frames, &progress.stage);
            }
            Heard::Progress(..) => {}
            Heard::Job(job) => {
                let before = self.states.insert(job.id.clone(), job.state);
                if before != Some(job.state) && !job.state.is_final() {
                    // The next attempt counts its frames anew.
                    self.bar = None;
                    self.tell(job);
                }
            }
        }
    }

    /// Tells where a job stands that has not ended.
    fn tell(&self, job: &JobView) {
        if self.mode == OutputMode::Json {
            let JobView { id, state, reason, .. } = job;
            json_line(&json!({ "event": "state", "id": id, "state": state, "reason": reason }));
            return;
        }
        let why = job.waiting.as_deref().unwrap_or(&job.reason);
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        self.mode.note(&plain(&format!("{} {} is {}{why}", short(&job.id), job.name, job.state)));
    }
}

/// Says what a job did.
fn report(job: &JobView, mode: OutputMode) {
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => {
            let mut event = job.summary.clone().unwrap_or_else(|| json!({}));
            event["event"] = json!("done");
            event["id"] = json!(job.id);
            event["output"] = json!(job.output);
            json_line(&event);
        }
        _ => {
            let did = job.summary.as_ref().map(summary).unwrap_or_default();
            let did = if did.is_empty() { did } else { format!(": {did}") };
            result_line(&plain(&format!("✔ {}{did}", job.output)));
        }
    }
}

/// Why a job came to no good end.
fn failure(job: &JobView) -> Option<Error> {
    let name = plain(&job.name);
    match (job.state, &job.failure) {
        (State::Done, _) => None,
        (State::Failed | State::Refused, Some(failure)) => Some(Error::from(failure).of(&name)),
        (State::Cancelled, _) => Some(Error::failed(format!("{name} was given up"))),
        (state, _) => Some(Error::failed(format!("{name} is {state}: {}", job.reason))),
    }
}

#[cfg(test)]
pub(in super::super) mod tests {
    use super::*;
    use crate::jobs::{Failure, Origin};
    use jiff::Timestamp;

    /// A job for tests, added at 1,000,000 s.
    pub(in super::super::super) fn job(id: &str, state: State) -> JobView {
        JobView {
            id: id.to_owned(),
            name: "film.mp4".into(),
            state,
            reason: String::new(),
            waiting: None,
            sources: vec!["/in/me.jpg".into()],
            target: "/in/film.mp4".into(),
            output: "/in/film-swapped.mp4".into(),
            profile: "embedded".into(),
            device: "cpu".into(),
            origin: Origin::Local,
            priority: 0,
            place: 0,
            after: Vec::new(),
            not_before: None,
            attempts: 1,
            max_attempts: 3,
            created: Timestamp::from_second(1_000_000).unwrap(),
            started: None,
            ended: None,
            progress: None,
            failure: None,
            summary: None,
        }
    }

    #[test]
    fn a_job_ends_as_the_command_would_have() {
        assert!(failure(&job("A", State::Done)).is_none());
        for (kind, code) in [("failed", 1), ("usage", 2), ("no_face", 4), ("missing", 5)] {
            let mut job = job("A", State::Failed);
            job.failure = Some(Failure::of_kind(kind, "why", Some("do")));
            let error = failure(&job).unwrap();
            assert_eq!((error.exit_code(), error.message()), (code, "film.mp4: why"));
            assert_eq!(error.hint_text(), Some("do"));
        }
        let mut refused = job("A", State::Refused);
        refused.failure = Some(Failure::of_kind("refused", "why", None));
        assert_eq!(failure(&refused).unwrap().exit_code(), 3);
        assert_eq!(failure(&job("A", State::Cancelled)).unwrap().exit_code(), 1);
    }
}
