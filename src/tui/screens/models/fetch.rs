//! Fetching: the licenses are shown and accepted first; then bytes come.

use std::time::Duration;

use crate::service::wire::{ModelView, PullView};
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Confirm, Danger, Overlay, Tone};
use crate::tui::update::say;
use crate::tui::words::bytes;

use super::{chosen, pull};

/// A rate is taken over so long at least.
const SPAN: Duration = Duration::from_millis(700);

/// How fast a model comes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Pace {
    /// What was said of it last.
    state: String,
    at: Duration,
    done: u64,
    /// Bytes a second.
    pub rate: Option<f64>,
}

/// Whether a model waits to be fetched, or is.
pub(super) fn runs(pull: &PullView) -> bool {
    matches!(pull.state.as_str(), "queued" | "running")
}

/// Begins to fetch the chosen model: its license is shown as soon as it is known.
pub(super) fn ask(model: &mut Model) {
    let Some(one) = chosen(model) else { return };
    let id = one.id.clone();
    let refusal = match one.status.as_str() {
        "embedded" => Some(format!("{id} is a part of facedeck")),
        "here" => Some(format!("{id} is here already")),
        _ if pull(model, &id).is_some() => Some(format!("{id} is being fetched")),
        _ if !one.can_be_pulled => {
            let key = model.key(crate::tui::action::Action::Import);
            Some(format!("nobody knows where to fetch {id}; {key} imports a file of it"))
        }
        _ => None,
    };
    if let Some(refusal) = refusal {
        say(model, Tone::Warning, refusal);
        return;
    }
    model.models.wanted = Some(id.clone());
    model.effect(Effect::Call(Call::Model(id)));
}

/// A model came with the text of its license: asks whether it is accepted, where it was waited for.
pub(super) fn licensed(model: &mut Model, view: &ModelView) {
    if model.models.wanted.as_ref() != Some(&view.id) {
        return;
    }
    model.models.wanted = None;
    let title = format!("Fetch {}?", view.id);
    let confirm = Confirm::new(title, terms(model, view), Danger::High)
        .effects(vec![Effect::Call(Call::Pull(view.id.clone()))]);
    model.overlays.push(Overlay::Confirm(confirm));
}

/// Everything that is accepted with a yes.
fn terms(model: &Model, view: &ModelView) -> String {
    let also: Vec<&ModelView> = missing(model, view);
    let size: u64 = also.iter().chain([&view]).filter_map(|one| one.bytes).sum();
    let mut lines = Vec::new();
    if size > 0 {
        lines.push(format!("{} to fetch.", bytes(size)));
    }
    for one in also.iter().chain([&view]) {
        let license = &one.license;
        lines.push(String::new());
        let use_of =
            if license.commercial { "commercial use is allowed" } else { "no commercial use" };
        lines.push(format!("{}: {}, {use_of}", one.id, license.name));
        lines.extend(license.note.clone());
        lines.push(license.url.clone());
        if !one.attribution.is_empty() {
            lines.push(format!("by {}", one.attribution));
        }
    }
    if let Some(text) = &view.license.text {
        lines.push(String::new());
        lines.extend(text.lines().map(|line| line.trim_end().to_owned()));
    }
    lines.push(String::new());
    lines.push("y accepts the license and begins.".to_owned());
    lines.join("\n")
}

/// What is not here of what a model needs.
fn missing<'m>(model: &'m Model, view: &ModelView) -> Vec<&'m ModelView> {
    let all = model.desk.models.iter();
    all.filter(|one| view.needs.contains(&one.id) && one.status == "missing").collect()
}

/// Looks how fast models come, and says what became of those whose fetch has ended.
pub(super) fn watch(model: &mut Model) {
    let clock = model.clock;
    let mut ended = Vec::new();
    for pull in &model.desk.pulls {
        let new = !model.models.paces.contains_key(&pull.model);
        let pace = model.models.paces.entry(pull.model.clone()).or_default();
        // What ended before anybody looked is no news.
        if pace.state != pull.state {
            let ran = matches!(pace.state.as_str(), "queued" | "running");
            if !new && ran && !runs(pull) {
                ended.push(pull.clone());
            }
            pace.state.clone_from(&pull.state);
            (pace.at, pace.done, pace.rate) = (clock, pull.done, None);
        }
        let span = clock.saturating_sub(pace.at);
        if span >= SPAN && pull.done >= pace.done {
            let now = (pull.done - pace.done) as f64 / span.as_secs_f64();
            // So that the number can be read, it moves slowly.
            pace.rate = Some(pace.rate.map_or(now, |rate| 0.6 * rate + 0.4 * now));
            (pace.at, pace.done) = (clock, pull.done);
        }
    }
    if ended.is_empty() {
        return;
    }
    for pull in ended {
        let (tone, text) = match pull.state.as_str() {
            "done" => (Tone::Done, format!("{} is here: {}", pull.model, pull.message)),
            "failed" => (Tone::Error, format!("{} was not fetched: {}", pull.model, pull.message)),
            _ => (Tone::Note, format!("{}: given up; what came is kept", pull.model)),
        };
        say(model, tone, text.trim_end_matches([':', ' ']));
    }
    model.effect(Effect::Call(Call::Models));
    model.effect(Effect::Call(Call::Profiles));
}
