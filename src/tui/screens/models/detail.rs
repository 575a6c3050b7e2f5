//! What there is to know of a model.

use ratatui::text::Span;

use crate::service::wire::PullView;
use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::facts::{Facts, signed};
use crate::tui::theme::Role;
use crate::tui::words::{bytes, clock};

use super::{act, chosen, pull, view};

/// Everything about the chosen model.
pub(super) fn facts(canvas: &Canvas<'_>) -> Facts {
    let mut facts = Facts::default();
    let model = canvas.model;
    let Some(one) = chosen(model) else { return facts };
    let (sign, role) = view::sign(canvas, one);
    let fetched = pull(model, &one.id).is_some();
    let mut status = if fetched { "being fetched".to_owned() } else { one.status.clone() };
    if let Some(word) = model.models.busy.get(&one.id) {
        status += &format!(", {word}");
    }
    facts.line("status", signed(canvas, sign, &status, role));
    if let Some(pull) = pull(model, &one.id) {
        facts.line("fetching", bar(canvas, pull, 20));
        facts.say("", pace(canvas, pull), Role::Text);
        facts.say("", &pull.message, Role::Muted);
    } else if one.status == "missing" {
        let key = |action| model.key(action);
        let text = match one.can_be_pulled {
            true => format!("{} fetches it", key(Action::Pull)),
            false => format!("{} imports a file of it; it cannot be fetched", key(Action::Import)),
        };
        facts.say("", text, Role::Accent);
    }
    facts.say("damage", one.damage.as_deref().unwrap_or_default(), Role::Failed);
    facts.say("for", one.role.name(), Role::Text);
    facts.say("does", &one.summary, Role::Text);
    facts.say("size", one.bytes.map(bytes).unwrap_or_default(), Role::Text);
    for need in &one.needs {
        let here = model.desk.models.iter().find(|other| other.id == *need);
        let missing =
            here.is_none_or(|other| matches!(other.status.as_str(), "missing" | "damaged"));
        let role = if missing { Role::Warning } else { Role::Text };
        facts.say(
            "needs",
            if missing { format!("{need}, which is missing") } else { need.clone() },
            role,
        );
    }
    facts.say("run by", act::users(model, &one.id).join(", "), Role::Text);
    facts.say("made by", &one.attribution, Role::Text);
    facts.say("from", &one.upstream, Role::Text);
    facts.say("notes", &one.notes, Role::Text);
    let license = &one.license;
    facts.title("License");
    let (word, role) = match license.commercial {
        true => ("commercial use is allowed", Role::Text),
        false => ("no commercial use", Role::Warning),
    };
    facts.say("name", format!("{}, {word}", license.name), role);
    facts.say("allows", license.note.as_deref().unwrap_or_default(), Role::Text);
    facts.say("link", &license.url, Role::Text);
    let whole = model.models.whole.get(&one.id).and_then(|one| one.license.text.as_deref());
    // One line of a paragraph follows the other, as they were broken for another width.
    for part in whole.unwrap_or_default().split("\n\n") {
        facts.say("", part.split_whitespace().collect::<Vec<_>>().join(" "), Role::Muted);
    }
    facts
}

/// How much of a model came, as a bar.
pub(super) fn bar(canvas: &Canvas<'_>, pull: &PullView, width: usize) -> Vec<Span<'static>> {
    if pull.state == "queued" {
        return vec![canvas.span("waits", Role::Queued)];
    }
    let Some(total) = pull.total.filter(|total| *total > 0) else {
        return vec![canvas.span(bytes(pull.done), Role::Focus)];
    };
    let (done, left) = canvas.theme().signs.bar();
    let share = (pull.done as f64 / total as f64).clamp(0.0, 1.0);
    let full = (share * width as f64).round() as usize;
    vec![
        canvas.span(done.to_string().repeat(full), Role::Focus),
        canvas.span(left.to_string().repeat(width - full), Role::Dim),
        canvas.span(format!(" {:.0} %", 100.0 * share), Role::Focus),
    ]
}

/// How many bytes came, how fast, and how long the rest takes.
fn pace(canvas: &Canvas<'_>, pull: &PullView) -> String {
    let of = pull.total.map(|total| format!(" of {}", bytes(total))).unwrap_or_default();
    let mut text = format!("{}{of}", bytes(pull.done));
    let rate = canvas.model.models.paces.get(&pull.model).and_then(|pace| pace.rate);
    if let Some(rate) = rate.filter(|rate| *rate >= 1.0) {
        text += &format!(", {}/s", bytes(rate as u64));
        if let Some(total) = pull.total {
            let seconds = total.saturating_sub(pull.done) as f64 / rate;
            text += &format!(", {} left", clock(seconds));
        }
    }
    text
}
