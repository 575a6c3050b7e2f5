//! What the service answered about profiles.

use crate::error::Error;
use crate::tui::call::Answer;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Tone, toasts};
use crate::tui::update::say;

use super::editor;

/// Takes an answer in.
pub fn answered(model: &mut Model, call: &Call, answer: Answer) {
    match (call, answer) {
        (_, Answer::Profiles(all)) => model.desk.profiles = all,
        (_, Answer::Profile(detail)) => {
            model.profiles.asked.retain(|name| *name != detail.profile.name);
            model.desk.profile_details.insert(detail.profile.name.clone(), *detail);
        }
        (Call::SaveProfile { name, .. }, Answer::Nothing) => {
            editor::saved(model, name);
            say(model, Tone::Done, format!("the profile {name} was saved"));
            model.profiles.shelf.choose_name(name);
            again(model);
        }
        (Call::RemoveProfile(name), Answer::Nothing) => {
            say(model, Tone::Done, format!("the profile {name} was removed"));
            again(model);
        }
        (Call::CheckProfile(body), Answer::Checked(view)) => editor::checked(model, body, *view),
        _ => {}
    }
}

/// Something about a profile was refused or went wrong.
pub fn failed(model: &mut Model, call: &Call, error: &Error) {
    match call {
        // Asked again with the next change; one with faults says so in the list.
        Call::CheckProfile(_) | Call::Profile(_) => {
            return tracing::debug!("{call:?}: {}", error.chain());
        }
        Call::SaveProfile { .. } => editor::refused(model),
        _ => {}
    }
    say(model, Tone::Error, toasts::words(error));
}

/// Asks for everything again: a profile changes all that are built on it.
pub(super) fn again(model: &mut Model) {
    model.desk.profile_details.clear();
    model.profiles.asked.clear();
    model.effect(Effect::Call(Call::Profiles));
}
