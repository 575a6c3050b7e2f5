//! What there is to know of a profile.

use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::facts::{Facts, signed};
use crate::tui::options::text_of;
use crate::tui::theme::Role;

use super::{chosen, view};

/// Everything about the chosen profile.
pub(super) fn facts(canvas: &Canvas<'_>) -> Facts {
    let mut facts = Facts::default();
    let model = canvas.model;
    let Some(one) = chosen(model) else { return facts };
    let (sign, role) = view::sign(canvas, one);
    let word = match (&one.fault, one.missing.len()) {
        (Some(_), _) => "cannot be used".to_owned(),
        (None, 0) => "can be used".to_owned(),
        (None, 1) => "a model is missing".to_owned(),
        (None, n) => format!("{n} models are missing"),
    };
    facts.line("status", signed(canvas, sign, &word, role));
    facts.say("fault", one.fault.as_deref().unwrap_or_default(), Role::Failed);
    facts.say("good for", &one.description, Role::Text);
    facts.say("from", &one.from, Role::Text);
    for id in &one.missing {
        facts.say("missing", id, Role::Warning);
    }
    if !one.missing.is_empty() {
        facts.say("", format!("{} fetches models", model.key(Action::TabModels)), Role::Accent);
    }
    facts.say("runs", one.models.join(", "), Role::Text);
    let Some(detail) = model.desk.profile_details.get(&one.name) else { return facts };
    if detail.lineage.len() > 1 {
        let arrow = format!(" {} ", canvas.theme().signs.arrow());
        facts.say("built on", detail.lineage.join(&arrow), Role::Text);
    }
    facts.title("What differs from the default");
    if detail.changed.is_empty() {
        facts.say("", "nothing", Role::Muted);
    }
    for (key, change) in &detail.changed {
        facts.say("", format!("{key} = {}", text_of(&change.value)), Role::Text);
        let usual = match &change.default {
            serde_json::Value::Null => "not set".to_owned(),
            serde_json::Value::String(text) if text.is_empty() => "not set".to_owned(),
            value => text_of(value),
        };
        let from =
            change.from.as_deref().map(|from| format!("; set by {from}")).unwrap_or_default();
        facts.say("", format!("   by default {usual}{from}"), Role::Muted);
    }
    facts
}
