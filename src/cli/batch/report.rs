//! How each job of a batch went: an event or an error at once, a table at the end.

use serde_json::{Value, json};

use crate::error::Error;
use crate::pipeline::Summary;

use super::super::models::table;
use super::super::output::{OutputMode, json_line, result_line};
use super::jobs::Job;

/// What came of a job.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It would be done.
    Planned,
    /// It is done.
    Done(Box<Summary>),
    /// Its output was there.
    Skipped,
    /// It was tried.
    Failed {
        /// Why it failed.
        error: Error,
        /// For how long.
        seconds: f64,
    },
    /// The user stopped the batch before.
    NotStarted,
}

/// A job and what came of it.
#[derive(Debug)]
pub(super) struct Row {
    job: Job,
    outcome: Outcome,
}

impl Row {
    pub(super) fn new(job: Job, outcome: Outcome) -> Self {
        Row { job, outcome }
    }

    /// Why it failed, if it did.
    pub(super) fn error(&self) -> Option<&Error> {
        match &self.outcome {
            Outcome::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Whether it was begun.
    pub(super) fn was_tried(&self) -> bool {
        matches!(self.outcome, Outcome::Done(_) | Outcome::Failed { .. })
    }

    fn word(&self) -> &'static str {
        match &self.outcome {
            Outcome::Planned if self.job.skip => "skipped",
            Outcome::Planned => "planned",
            Outcome::Done(_) => "done",
            Outcome::Skipped => "skipped",
            Outcome::Failed { error, .. } => error.kind_name(),
            Outcome::NotStarted => "not started",
        }
    }

    fn seconds(&self) -> Option<f64> {
        match &self.outcome {
            Outcome::Done(summary) => Some(summary.seconds),
            Outcome::Failed { seconds, .. } => Some(*seconds),
            _ => None,
        }
    }

    fn source(&self) -> String {
        self.job.source.as_ref().map_or_else(|| "(map)".into(), |path| path.display().to_string())
    }

    fn cells(&self) -> [String; 6] {
        let reason = match &self.outcome {
            Outcome::Failed { error, .. } => error.chain(),
            Outcome::Done(summary) if summary.frames > 1 => {
                format!("{} of {} frames swapped", summary.frames_with_swap, summary.frames)
            }
            Outcome::Skipped => "the output exists".into(),
            Outcome::Planned if self.job.skip => "the output exists".into(),
            _ => String::new(),
        };
        [
            self.source(),
            self.job.target.display().to_string(),
            self.job.output.display().to_string(),
            self.word().to_owned(),
            self.seconds().map_or_else(|| "-".into(), |seconds| format!("{seconds:.1}")),
            reason,
        ]
    }

    fn event(&self) -> Value {
        let mut event = json!({
            "event": "job",
            "index": self.job.index,
            "source": self.job.source,
            "target": self.job.target,
            "output": self.job.output,
            "result": self.word(),
            "seconds": self.seconds(),
        });
        match &self.outcome {
            Outcome::Done(summary) => event["summary"] = json!(summary),
            Outcome::Failed { error, .. } => {
                event["exit_code"] = json!(error.exit_code());
                event["reason"] = json!(error.chain());
                event["hint"] = json!(error.hint_text());
            }
            _ => {}
        }
        event
    }
}

/// Tells how a job went as soon as that is known.
pub(super) fn tell(row: &Row, mode: OutputMode) {
    match (mode, row.error()) {
        (OutputMode::Json, _) => json_line(&row.event()),
        (_, Some(error)) => mode.error(error),
        _ => {}
    }
}

/// The table at the end; for programs the counts.
pub(super) fn table(rows: &[Row], mode: OutputMode) {
    let count = |word: &str| rows.iter().filter(|row| row.word() == word).count();
    let failed = rows.iter().filter(|row| row.error().is_some()).count();
    if mode == OutputMode::Json {
        json_line(&json!({
            "event": "batch",
            "jobs": rows.len(),
            "done": count("done"),
            "failed": failed,
            "skipped": count("skipped"),
            "planned": count("planned"),
            "not_started": count("not started"),
        }));
        return;
    }
    if mode == OutputMode::Quiet {
        return;
    }
    let head = ["SOURCE", "TARGET", "OUTPUT", "RESULT", "SECONDS", "REASON"].map(str::to_owned);
    let cells: Vec<[String; 6]> =
        std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    table::lines(&cells, table::width(), 2).iter().for_each(|line| result_line(line));
}
