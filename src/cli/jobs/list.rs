//! `facedeck jobs list`: the queue.

use jiff::Timestamp;
use serde_json::json;

use crate::error::Result;
use crate::jobs::State;
use crate::service::wire::{JobPage, JobView, ListQuery};

use super::super::models::table;
use super::super::offered;
use super::super::output::{OutputMode, json_line, result_line};
use super::Common;
use super::each::event;
use super::words::{age, counts, doing, glyph, painted, plain, short};

/// Arguments of `facedeck jobs list`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ListArgs {
    /// Only in these states: queued, running, paused, done, failed, refused, cancelled
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    pub state: Vec<State>,
    /// Only those whose name, id or paths hold this
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Only with this profile
    #[arg(long, value_name = "NAME", add = offered::profiles())]
    pub profile: Option<String>,
    /// Only those of this hot folder
    #[arg(long, value_name = "NAME", add = offered::watches())]
    pub watch: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50,
          value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: u64,
    /// All of them
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs list
  facedeck jobs list --state failed,refused
  facedeck jobs list --text holiday --all
  facedeck jobs list --json --host ssh://me@box";

fn state(text: &str) -> Result<State, String> {
    text.parse()
}

/// Runs the command.
///
/// # Errors
/// When the service cannot be reached.
pub(super) fn run(args: &ListArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let most = if args.all { u64::MAX } else { args.limit };
    let page = service.run(async |client| client.list_all(&query(args), most).await)?;
    if mode == OutputMode::Json {
        page.jobs.iter().for_each(|job| json_line(&event(job)));
        let JobPage { total, counts, .. } = &page;
        json_line(&json!({ "event": "jobs", "total": total, "counts": counts }));
        return Ok(());
    }
    for line in lines(&page.jobs, table::width(), Timestamp::now()) {
        result_line(&line);
    }
    let shown = page.jobs.len() as u64;
    let hidden = page.total.saturating_sub(shown);
    let more = if hidden > 0 { format!("; {hidden} more: --all") } else { String::new() };
    mode.note(&format!("\n{}{more}", counts(&page.counts)));
    Ok(())
}

fn query(args: &ListArgs) -> ListQuery {
    let states: Vec<&str> = args.state.iter().map(|state| state.name()).collect();
    ListQuery {
        state: (!states.is_empty()).then(|| states.join(",")),
        text: args.text.clone(),
        profile: args.profile.clone(),
        watch: args.watch.clone(),
        ..ListQuery::default()
    }
}

/// The lines of the table, no wider than the terminal.
fn lines(jobs: &[JobView], width: Option<usize>, now: Timestamp) -> Vec<String> {
    /// The column of the name, which gives way after the last one.
    const NAME: usize = 2;
    if jobs.is_empty() {
        return Vec::new();
    }
    let head = ["STATE", "ID", "NAME", "PROFILE", "AGE", ""].map(str::to_owned);
    let cells: Vec<[String; 6]> =
        std::iter::once(head).chain(jobs.iter().map(|job| cells(job, now))).collect();
    let mut lines = table::lines(&cells, width, NAME);
    for (line, job) in lines.iter_mut().skip(1).zip(jobs) {
        *line = painted(line, job.state);
    }
    lines
}

fn cells(job: &JobView, now: Timestamp) -> [String; 6] {
    [
        format!("{} {}", glyph(job.state), job.state),
        short(&job.id).to_owned(),
        plain(&job.name),
        plain(&job.profile),
        age(job.ended.or(job.started).unwrap_or(job.created), now),
        doing(job),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::follow::tests::job;
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn the_table_fits_and_says_what_each_job_does() {
        let mut running = job("01KAY7000000000000ABCDEFGH", State::Running);
        running.name = "映画 of a long summer holiday by the sea.mp4".into();
        running.progress = Some(crate::service::wire::Progress {
            frames: 50,
            total: Some(100),
            fps: 25.0,
            eta_seconds: Some(2.0),
            stage: "swap".into(),
            stages: Vec::new(),
            segments: None,
        });
        let mut failed = job("01KAY7000000000000JKMNPQRS", State::Failed);
        failed.failure = Some(crate::jobs::Failure::of_kind("failed", "the disk\nis full", None));
        let jobs = [running, failed];
        let now = Timestamp::from_second(1_000_060).unwrap();
        let whole = lines(&jobs, None, now);
        assert!(whole[0].starts_with("STATE"), "{whole:?}");
        for word in ["▶ running", "ABCDEFGH", "1m", "50 % · 25.0 fps · 0:02 left · swap"] {
            assert!(whole[1].contains(word), "{word}: {whole:?}");
        }
        assert!(whole[2].contains("the disk�is full"), "{whole:?}");
        for width in 60..120 {
            let lines = lines(&jobs, Some(width), now);
            assert!(lines.iter().all(|line| line.width() <= width), "{width}: {lines:#?}");
            assert!(lines[1].contains("ABCDEFGH"), "ids are always whole");
        }
        assert_eq!(lines(&[], None, now), [""; 0]);
    }
}
