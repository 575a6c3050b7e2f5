//! `facedeck jobs show`: everything about a job.

use serde_json::json;

use crate::error::Result;
use crate::jobs::Origin;
use crate::service::wire::{JobDetail, JobView};

use super::super::offered;
use super::super::output::{OutputMode, json_line, result_line};
use super::Common;
use super::words::{doing, glyph, painted, plain, short, time};

/// Arguments of `facedeck jobs show`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ShowArgs {
    /// The job, by id
    #[arg(value_name = "ID", add = offered::jobs())]
    pub id: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs show 7K2M9QXA
  facedeck jobs show 7K2M9QXA --json    with the resolved profile";

/// Runs the command.
///
/// # Errors
/// When there is no such job.
pub(super) fn run(args: &ShowArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let detail = service.run(async |client| client.show(&args.id).await)?;
    if mode == OutputMode::Json {
        let mut event = json!(detail);
        event["event"] = json!("job");
        json_line(&event);
        return Ok(());
    }
    let lines = lines(&detail);
    result_line(&painted(&lines[0], detail.job.state));
    lines[1..].iter().for_each(|line| result_line(line));
    Ok(())
}

/// The state first, then a line for each thing that can be said.
fn lines(detail: &JobDetail) -> Vec<String> {
    let job = &detail.job;
    let mut lines = vec![format!("{} {}  {}", glyph(job.state), job.state, plain(&job.name))];
    let mut say = |what: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("  {what:10} {}", plain(&text)));
        }
    };
    say("now", doing(job));
    say("id", job.id.clone());
    job.sources.iter().for_each(|source| say("source", source.clone()));
    say("target", job.target.clone());
    say("output", job.output.clone());
    say("profile", format!("{}, on {}", job.profile, job.device));
    say("asked by", origin(&job.origin));
    say("order", order(job));
    say("attempts", format!("{} of {}", job.attempts, job.max_attempts));
    say("added", time(job.created));
    say("begun", job.started.map(time).unwrap_or_default());
    say("ended", job.ended.map(time).unwrap_or_default());
    if let Some(failure) = &job.failure {
        say("failure", failure.message.clone());
        failure.causes.iter().for_each(|cause| say("because", cause.clone()));
        say("try", failure.hint.clone().unwrap_or_default());
    }
    for step in &detail.history {
        let why = if step.reason.is_empty() { String::new() } else { format!(": {}", step.reason) };
        say("history", format!("{} {}{why}", time(step.at), step.to));
    }
    lines
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Local => "somebody on this machine".into(),
        Origin::Network => "somebody over the network".into(),
        Origin::Watch { name } => format!("the hot folder {name}"),
    }
}

fn order(job: &JobView) -> String {
    let mut words = vec![format!("priority {}", job.priority)];
    if !job.after.is_empty() {
        let ids: Vec<&str> = job.after.iter().map(|id| short(id)).collect();
        words.push(format!("after {}", ids.join(", ")));
    }
    if let Some(at) = job.not_before {
        words.push(format!("not before {}", time(at)));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::follow::tests::job;
    use super::*;
    use crate::jobs::{Failure, State, Transition};

    #[test]
    fn everything_is_told_and_nothing_speaks_to_the_terminal() {
        let mut job = job("01KAY7000000000000ABCDEFGH", State::Failed);
        job.after = vec!["01KAY7000000000000JKMNPQRS".into()];
        job.failure = Some(Failure::of_kind("missing", "no \x1b[2Jmodel", Some("fetch it")));
        let step =
            Transition { at: job.created, from: None, to: State::Queued, reason: "added".into() };
        let detail = JobDetail { job, settings: serde_json::Value::Null, history: vec![step] };
        let text = lines(&detail).join("\n");
        for word in ["✘ failed", "after JKMNPQRS", "no �[2Jmodel", "fetch it", "queued: added"]
        {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
}
