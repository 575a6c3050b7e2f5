//! What can be done in the form.

use crate::settings::config::Watch;
use crate::tui::action::Action;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Choice, Choices, Confirm, Danger, Overlay, Tone, moved};
use crate::tui::painted::List;
use crate::tui::update::say;

use super::super::field::Kind;
use super::{paths, words};

/// Does it; whether it means something here.
pub(in super::super) fn act(model: &mut Model, action: Action) -> bool {
    let page = model.painted.page(List::Options);
    let Some(form) = &mut model.watches.form else { return false };
    if let Some(writing) = &mut form.writing {
        match action {
            // What is no value is not taken; its fault is shown.
            Action::Accept if writing.fault.is_some() => {}
            Action::Accept | Action::Down => {
                if writing.fault.is_none() {
                    form.writing = None;
                    // What is wrong is read where it stands.
                    if form.fault(form.field()).is_none() {
                        form.at = (form.at + 1).min(form.fields().len() - 1);
                    }
                }
            }
            Action::Up => {
                if writing.fault.is_none() {
                    form.writing = None;
                    form.at = form.at.saturating_sub(1);
                }
            }
            Action::Complete => paths::ask_to_complete(model),
            Action::PickFile => paths::pick(model),
            Action::Back => {
                form.watch = writing.before.clone();
                form.writing = None;
            }
            _ => return false,
        }
        return true;
    }
    if let Some(at) = moved(form.at, form.fields().len(), page, action) {
        form.at = at;
        return true;
    }
    match action {
        Action::Open | Action::Right => edit(model),
        Action::PickFile => paths::pick(model),
        Action::Submit => submit(model),
        Action::Rehearse => rehearse(model),
        Action::Back => leave(model),
        Action::Delete => {
            let field = form.field();
            // Back to what it was before anybody said anything.
            let _ = field.take(&mut form.watch, &field.text(&form.before));
        }
        // They are about the list, which is not here.
        Action::New | Action::Edit | Action::Pause | Action::Filter => {}
        _ => return false,
    }
    true
}

/// Changes the chosen line.
fn edit(model: &mut Model) {
    let Some(form) = &mut model.watches.form else { return };
    let field = form.field();
    let now = field.text(&form.watch);
    let all: Vec<Choice> = match field.kind() {
        Kind::Text => return form.write(),
        Kind::Switch => {
            let next = if now == "yes" { "no" } else { "yes" };
            let _ = field.take(&mut form.watch, next);
            return;
        }
        Kind::Words(words) => words.iter().map(|(word, note)| Choice::new(*word, *note)).collect(),
        Kind::Profile => {
            let profiles = model.desk.profiles.iter();
            profiles.map(|one| Choice::new(one.name.as_str(), one.description.as_str())).collect()
        }
    };
    let choices = Choices::new(field.title(), all, &now, |model, word| {
        if let Some(form) = &mut model.watches.form {
            let field = form.field();
            let _ = field.take(&mut form.watch, &word);
        }
    });
    model.overlays.push(Overlay::Choices(choices));
}

/// The hot folder, where nothing is wrong with it; else what is wrong is shown.
fn checked(model: &mut Model) -> Option<Box<Watch>> {
    let form = model.watches.form.as_mut()?;
    form.asked = true;
    let faults = form.watch.faults();
    let Some(first) = faults.first() else { return Some(Box::new(form.watch.clone())) };
    let text = words(first);
    let fields = form.fields();
    let at = fields.iter().position(|field| first.at.last() == Some(&field.key().into()));
    form.at = at.unwrap_or(form.at);
    say(model, Tone::Error, text);
    None
}

fn submit(model: &mut Model) {
    if model.watches.form.as_ref().is_some_and(|form| form.sent) {
        return;
    }
    let Some(watch) = checked(model) else { return };
    if let Some(form) = &mut model.watches.form {
        form.sent = true;
    }
    let old = model.watches.form.as_ref().is_some_and(|form| form.old);
    let call = if old { Call::ChangeWatch(watch) } else { Call::AddWatch(watch) };
    model.effect(Effect::Call(call));
}

fn rehearse(model: &mut Model) {
    if let Some(watch) = checked(model) {
        model.effect(Effect::Call(Call::RehearseWatch(watch)));
    }
}

/// Leaves the form; asks where something would be lost.
fn leave(model: &mut Model) {
    let untouched = model.watches.form.as_ref().is_none_or(|form| form.watch == form.before);
    if untouched {
        model.watches.form = None;
        return;
    }
    let confirm =
        Confirm::new("Leave it?", "What you said of the hot folder is lost.", Danger::Low)
            .then(|model| model.watches.form = None);
    model.overlays.push(Overlay::Confirm(confirm));
}

/// A line is clicked: chosen, and changed with the second click.
pub(in super::super) fn clicked(model: &mut Model, index: usize, twice: bool) {
    let Some(form) = &mut model.watches.form else { return };
    if form.writing.as_ref().is_some_and(|writing| writing.fault.is_some()) {
        return;
    }
    form.writing = None;
    form.at = index;
    if twice {
        edit(model);
    }
}
