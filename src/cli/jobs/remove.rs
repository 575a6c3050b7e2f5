//! `facedeck jobs remove`: takes jobs out of the list.

use serde_json::json;

use crate::error::Result;
use crate::jobs::State;
use crate::service::wire::JobView;

use super::super::models::ask;
use super::super::output::{OutputMode, json_line, result_line};
use super::Common;
use super::choose::ChooseArgs;
use super::each::worst;
use super::words::{plain, short};

/// Arguments of `facedeck jobs remove`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RemoveArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub choose: ChooseArgs,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs remove 7K2M9QXA
  facedeck jobs remove --all=done --yes

What they made stays where it is. A job that runs must be given up first. Where
there is nobody to ask (a script, --json), --yes is needed.";

/// What `--all` means here: nothing that is still to be done is lost by it.
const ENDED: [State; 4] = [State::Done, State::Failed, State::Refused, State::Cancelled];

/// Runs the command.
///
/// # Errors
/// When the user says no, there is nobody to ask, or a job cannot be removed.
pub(super) fn run(args: &RemoveArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let ids = service.run(async |client| args.choose.ids(client, &ENDED).await)?;
    // All are looked at before the first is lost.
    let mut jobs: Vec<JobView> = Vec::new();
    for id in &ids {
        jobs.push(service.run(async |client| client.show(id).await)?.job);
    }
    if jobs.is_empty() {
        mode.note("there are no such jobs");
        return Ok(());
    }
    ask::agree_to_lose(&what(&jobs), args.yes, mode)?;
    let mut failures = Vec::new();
    for job in &jobs {
        match service.run(async |client| client.remove(&job.id).await) {
            Ok(()) => tell(job, mode),
            Err(error) => failures.push(error),
        }
    }
    worst(failures, mode)
}

fn what(jobs: &[JobView]) -> String {
    match jobs {
        [job] => format!("{} ({}, {})", plain(&job.name), short(&job.id), job.state),
        _ => format!("{} jobs", jobs.len()),
    }
}

fn tell(job: &JobView, mode: OutputMode) {
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => json_line(&json!({ "event": "removed", "id": job.id })),
        _ => result_line(&plain(&format!("{} {}: removed", short(&job.id), job.name))),
    }
}
