//! One verb on several jobs: what fails for one does not keep it from the others.

use serde_json::json;

use crate::client::{Blocking, Client};
use crate::error::{Error, Result};
use crate::jobs::State;
use crate::service::wire::JobView;

use super::super::output::{OutputMode, json_line, result_line};
use super::choose::ChooseArgs;
use super::words::{plain, short};

/// Does something with each of the chosen jobs and tells how each stands then.
///
/// # Errors
/// The one with the highest exit code; the others are told before.
pub(super) fn each(
    service: &Blocking,
    choose: &ChooseArgs,
    fitting: &[State],
    mode: OutputMode,
    verb: impl AsyncFn(&Client, &str) -> Result<JobView>,
) -> Result<()> {
    let ids = service.run(async |client| choose.ids(client, fitting).await)?;
    if ids.is_empty() {
        mode.note("there are no such jobs");
    }
    let mut failures = Vec::new();
    for id in &ids {
        match service.run(async |client| verb(client, id).await) {
            Ok(job) => tell(&job, mode),
            Err(error) => failures.push(error),
        }
    }
    worst(failures, mode)
}

/// Tells all of these but the worst, which is the outcome.
pub(in super::super) fn worst(mut failures: Vec<Error>, mode: OutputMode) -> Result<()> {
    failures.sort_by_key(Error::exit_code);
    let Some(last) = failures.pop() else { return Ok(()) };
    failures.iter().for_each(|error| mode.error(error));
    Err(last)
}

/// Tells how a job stands.
pub(super) fn tell(job: &JobView, mode: OutputMode) {
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => json_line(&event(job)),
        _ => {
            let why =
                if job.reason.is_empty() { String::new() } else { format!(", {}", job.reason) };
            let line = format!("{} {}: {}{why}", short(&job.id), job.name, job.state);
            result_line(&plain(&line));
        }
    }
}

/// A job as an event.
pub(in super::super) fn event(job: &JobView) -> serde_json::Value {
    let mut event = json!(job);
    event["event"] = json!("job");
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_the_outcome() {
        worst(Vec::new(), OutputMode::Quiet).unwrap();
        let failures = vec![Error::missing("a"), Error::failed("b"), Error::usage("c")];
        assert_eq!(worst(failures, OutputMode::Quiet).unwrap_err().message(), "a");
    }
}
