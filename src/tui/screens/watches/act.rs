//! What can be done with a hot folder.

use crate::settings::config::Watch;
use crate::tui::action::Action;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Confirm, Danger, Overlay, Tone};
use crate::tui::painted::List;
use crate::tui::update::say;

use super::{chosen, form};

/// Does it; whether it means something here.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    if model.watches.shelf.act(action, &model.painted, List::Watches) {
        return true;
    }
    match action {
        Action::New => form::open(model),
        Action::Edit => edit(model),
        Action::Pause => pause(model),
        Action::Rehearse => rehearse(model),
        Action::Delete => remove(model),
        Action::Refresh => model.effect(Effect::Call(Call::Watches)),
        _ => return false,
    }
    true
}

fn pause(model: &mut Model) {
    let Some(one) = chosen(model) else { return };
    let call = Call::PauseWatch { name: one.name.clone(), paused: !one.paused };
    model.effect(Effect::Call(call));
}

fn edit(model: &mut Model) {
    if let Some(watch) = rules(model) {
        form::change(model, watch);
    }
}

fn rehearse(model: &mut Model) {
    if let Some(watch) = rules(model) {
        model.effect(Effect::Call(Call::RehearseWatch(Box::new(watch))));
    }
}

/// The rules of the chosen one.
fn rules(model: &mut Model) -> Option<Watch> {
    let one = chosen(model)?;
    match serde_json::from_value(one.rules.clone()) {
        Ok(watch) => Some(watch),
        Err(error) => {
            let text = format!("the rules of {} cannot be read: {error}", one.name);
            say(model, Tone::Error, text);
            None
        }
    }
}

fn remove(model: &mut Model) {
    let Some(one) = chosen(model) else { return };
    let mut text = format!("{} is not looked at any more. Its files and jobs stay.", one.folder);
    if one.working > 0 {
        let words = if one.working == 1 { "One file's job has" } else { "Some files' jobs have" };
        text += &format!("\n{words} not ended; what becomes of the input is then not done.");
    }
    let confirm = Confirm::new(format!("Remove the hot folder {}?", one.name), text, Danger::High)
        .effects(vec![Effect::Call(Call::RemoveWatch(one.name.clone()))]);
    model.overlays.push(Overlay::Confirm(confirm));
}
