//! What there is to know of a job, in two columns.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::jobs::Origin;
use crate::service::wire::JobView;
use crate::tui::canvas::{Canvas, plain, tail};
use crate::tui::painted::List;
use crate::tui::theme::Role;
use crate::tui::words::{bytes, clock, duration, exact};

/// The widest name of a fact.
const WIDEST: usize = 19;

/// A fact: what, and what it is.
pub type Fact = (String, String, Role);

/// All facts.
pub fn facts(canvas: &Canvas<'_>, job: &JobView) -> Vec<Fact> {
    let model = canvas.model;
    let mut facts: Vec<Fact> = Vec::new();
    let mut fact = |what: &str, text: String, role: Role| {
        if !text.is_empty() {
            facts.push((what.to_owned(), plain(&text), role));
        }
    };
    let role = crate::tui::theme::Theme::of_state(job.state);
    fact("state", job.state.to_string(), role);
    fact("why", job.reason.clone(), Role::Text);
    if let Some(waiting) = &job.waiting {
        fact("waits", waiting.clone(), Role::Warning);
    }
    if let Some(failure) = &job.failure {
        fact("failed", failure.message.clone(), Role::Failed);
        for cause in &failure.causes {
            fact("because", cause.clone(), Role::Failed);
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
        fact("source", source.clone(), Role::Text);
    }
    fact("target", job.target.clone(), Role::Text);
    fact("output", job.output.clone(), Role::Text);
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
        for change in &detail.history {
            let text = format!("{} {} {}", exact(change.at), change.to, change.reason);
            fact("history", text.trim_end().to_owned(), Role::Muted);
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
        fact(&key.replace('_', " "), text, Role::Muted);
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

/// Paints them.
pub fn view(canvas: &mut Canvas<'_>, area: Rect, job: &JobView, first: usize, focused: bool) {
    let facts = facts(canvas, job);
    let wide = facts.iter().map(|(what, ..)| what.len()).max().unwrap_or(0).min(WIDEST);
    let len = facts.len();
    let chosen = focused.then_some(first.min(len.saturating_sub(1)));
    canvas.list(area, List::Facts, len, chosen, focused, |canvas, area, row| {
        let (what, text, role) = &facts[row];
        let room = usize::from(area.width).saturating_sub(wide + 2);
        // Of a path the end is what tells.
        let text = match text.starts_with('/') {
            true => tail(text, room, canvas.theme().signs.cut()),
            false => text.clone(),
        };
        let line = Line::from(vec![
            Span::styled(format!("{what:>wide$}  "), canvas.style(Role::Muted)),
            canvas.span(text, *role),
        ]);
        canvas.line(area, line);
    });
}
