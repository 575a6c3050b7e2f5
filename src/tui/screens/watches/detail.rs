//! What there is to know of a hot folder.

use crate::settings::config::Watch;
use crate::tui::canvas::Canvas;
use crate::tui::facts::{Facts, signed};
use crate::tui::theme::Role;

use super::field::Field;
use super::{chosen, view};

/// Everything about the chosen hot folder.
pub(super) fn facts(canvas: &Canvas<'_>) -> Facts {
    let mut facts = Facts::default();
    let Some(one) = chosen(canvas.model) else { return facts };
    let (sign, role) = view::sign(canvas, one);
    facts.line("status", signed(canvas, sign, &one.status, role));
    facts.say("why", &one.reason, Role::Warning);
    facts.say("folder", &one.folder, Role::Text);
    let role = |count: u64, role| if count == 0 { Role::Muted } else { role };
    facts.say("working", one.working.to_string(), role(one.working, Role::Focus));
    facts.say("settled", one.settled.to_string(), role(one.settled, Role::Done));
    facts.say("rejected", one.rejected.to_string(), role(one.rejected, Role::Failed));
    facts.title("Rules");
    match serde_json::from_value::<Watch>(one.rules.clone()) {
        Ok(watch) => rules(&mut facts, &watch),
        Err(error) => facts.say("", format!("they cannot be read: {error}"), Role::Failed),
    }
    facts
}

/// The rules, as the form has them.
fn rules(facts: &mut Facts, watch: &Watch) {
    for field in Field::of(watch) {
        // They stand above already.
        if matches!(field, Field::Name | Field::Folder | Field::Paused) {
            continue;
        }
        match field.text(watch) {
            text if text.is_empty() => facts.say(field.title(), field.unset(), Role::Muted),
            text => facts.say(field.title(), text, Role::Text),
        }
        facts.say("", field.note(watch), Role::Muted);
    }
}
