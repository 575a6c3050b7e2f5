//! What there is to know of a job, in two columns.

use crate::jobs::{Origin, State};
use crate::service::wire::JobView;
use crate::tui::canvas::Canvas;
use crate::tui::facts::Facts;
use crate::tui::theme::Role;
use crate::tui::words::{bytes, clock, duration, exact};

/// All facts.
pub fn facts(canvas: &Canvas<'_>, job: &JobView) -> Facts {
    let model = canvas.model;
    let mut facts = Facts::default();
    let mut fact = |what: &str, text: String, role: Role| facts.say(what, text, role);
    let role = crate::tui::theme::Theme::of_state(job.state);
    fact("state", job.state.to_string(), role);
    fact("why", job.reason.clone(), Role::Text);
    if let Some(waiting) = &job.waiting {
        fact("waits", waiting.clone(), Role::Warning);
    }
    if let Some(failure) = &job.failure {
        fact("failed", failure.message.clone(), Role::Failed);
        let mut what = "because";
        for cause in &failure.causes {
            fact(what, cause.clone(), Role::Failed);
            what = "";
        }
        if let Some(hint) = &failure.hint {
            fact("try", hint.clone(), Role::Warning);
        }
        if let Some(refusal) = &failure.refusal {
            let number = |key: &str| refusal.get(key).and_then(serde_json::Value::as_f64);
            let file = refusal.get("file").and_then(serde_json::Value::as_str).unwrap_or_default();
            fact(
                "refused",
                format!(
                    "{file}, frame {:.0} at {}, score {:.3}",
                    number("frame").unwrap_or(0.0),
                    clock(number("time").unwrap_or(0.0)),
                    number("score").unwrap_or(0.0)
                ),
                Role::Failed,
            );
        }
    }
    if let Some(progress) = model.desk.jobs.progress(&job.id) {
        let of = progress.total.map(|total| format!(" of {total}")).unwrap_or_default();
        fact("frames", format!("{}{of}", progress.frames), Role::Text);
        fact("rate", format!("{:.1} frames a second", progress.fps), Role::Text);
        if let Some(eta) = progress.eta_seconds {
            fact("left", duration(eta), Role::Text);
        }
        fact("limits", progress.stage.clone(), Role::Accent);
    }
    for source in &job.sources {
        facts.file("source", source, Role::Text);
    }
    facts.file("target", &job.target, Role::Text);
    // Before it is done there is nothing to be led to.
    match job.state {
        State::Done => facts.file("output", &job.output, Role::Text),
        _ => facts.say("output", &job.output, Role::Text),
    }
    let mut fact = |what: &str, text: String, role: Role| facts.say(what, text, role);
    fact("profile", job.profile.clone(), Role::Text);
    fact("device", job.device.clone(), Role::Text);
    let origin = match &job.origin {
        Origin::Local => "this machine".to_owned(),
        Origin::Network => "the network".to_owned(),
        Origin::Watch { name } => format!("hot folder {name}"),
    };
    fact("asked by", origin, Role::Text);
    if job.priority != 0 {
        fact("priority", format!("{:+}", job.priority), Role::Text);
    }
    fact("attempts", format!("{} of {}", job.attempts, job.max_attempts), Role::Text);
    fact("added", exact(job.created), Role::Text);
    if let Some(at) = job.not_before {
        fact("not before", exact(at), Role::Text);
    }
    if let Some(at) = job.started {
        fact("begun", exact(at), Role::Text);
    }
    if let Some(at) = job.ended {
        fact("ended", exact(at), Role::Text);
    }
    if let Some(summary) = &job.summary {
        summarize(summary, &mut fact);
    }
    fact("id", job.id.clone(), Role::Muted);
    if let Some(detail) = model.job.detail.as_ref().filter(|detail| detail.job.id == job.id) {
        let mut what = "history";
        for change in &detail.history {
            let text = format!("{} {} {}", exact(change.at), change.to, change.reason);
            fact(what, text, Role::Muted);
            what = "";
        }
    }
    facts
}

/// What a job did, as it tells it: every plain value of its summary.
fn summarize(summary: &serde_json::Value, fact: &mut impl FnMut(&str, String, Role)) {
    let Some(summary) = summary.as_object() else { return };
    for (key, value) in summary {
        let text = match value {
            serde_json::Value::Array(ranges) if key == "frames_without_swap" => gaps(ranges),
            // It is said above.
            _ if key == "output" => continue,
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Number(number) if key == "peak_memory" => {
                bytes(number.as_u64().unwrap_or_default())
            }
            serde_json::Value::Number(number) => match number.as_f64() {
                Some(value) if value.fract() != 0.0 => format!("{value:.2}"),
                _ => number.to_string(),
            },
            _ => continue,
        };
        let what = match key.as_str() {
            "frames_without_swap" => "no swap in".to_owned(),
            key => key.replace('_', " "),
        };
        fact(&what, text, Role::Muted);
    }
}

/// Ranges of frames in which there was no face: `0-12, 40, 71-80`.
fn gaps(ranges: &[serde_json::Value]) -> String {
    let range = |range: &serde_json::Value| {
        let (first, last) = (range.get(0)?.as_u64()?, range.get(1)?.as_u64()?);
        Some(if first == last { first.to_string() } else { format!("{first}-{last}") })
    };
    ranges.iter().filter_map(range).collect::<Vec<_>>().join(", ")
}
