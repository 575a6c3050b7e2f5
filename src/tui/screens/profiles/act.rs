//! What can be done with a profile.

use crate::profiles::own;
use crate::tui::action::Action;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Confirm, Danger, Overlay, Prompt, Tone, toasts};
use crate::tui::painted::List;
use crate::tui::update::say;

use super::{BUILT_IN, chosen, editor};

/// Does it; whether it means something here.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    if model.profiles.shelf.act(action, &model.painted, List::Profiles) {
        return true;
    }
    match action {
        Action::New => ask_name(model, String::new()),
        Action::Edit => edit(model),
        Action::Delete => remove(model),
        Action::Refresh => super::answered::again(model),
        _ => return false,
    }
    true
}

/// Asks what a new profile is called, which is built on the chosen one.
fn ask_name(model: &mut Model, typed: String) {
    let Some(base) = chosen(model) else { return };
    let title = format!("A new profile, built on {}", base.name);
    let help = "its name: letters, digits, - and _";
    let prompt = Prompt::new(title, help, typed, |model, name| {
        let name = name.trim().to_owned();
        if name.is_empty() {
            return;
        }
        let taken = model.desk.profiles.iter().any(|one| one.name == name);
        let refusal = match own::check_name(&name) {
            Err(error) => Some(toasts::words(&error)),
            Ok(()) if taken => {
                Some(format!("there is a profile {name} already; take another name"))
            }
            Ok(()) => None,
        };
        match refusal {
            Some(refusal) => {
                say(model, Tone::Error, refusal);
                // What was typed is not lost.
                ask_name(model, name);
            }
            None => {
                let Some(base) = chosen(model).map(|one| one.name.clone()) else { return };
                editor::open(model, name, base, true);
            }
        }
    });
    model.overlays.push(Overlay::Prompt(prompt));
}

fn edit(model: &mut Model) {
    let Some(one) = chosen(model) else { return };
    let name = one.name.clone();
    if one.from == BUILT_IN {
        let key = model.key(Action::New);
        let text =
            format!("{name} is built in and stays as it is; {key} makes one of your own on it");
        say(model, Tone::Warning, text);
        return;
    }
    if let Some(fault) = &one.fault {
        let text = format!("mend its file first, {}: {fault}", one.from);
        say(model, Tone::Error, text);
        return;
    }
    let Some(detail) = model.desk.profile_details.get(&name) else {
        say(model, Tone::Note, "asking the service what it says; try again in a moment");
        return;
    };
    // One without a parent is built on what is usual.
    let parent = detail.lineage.iter().rev().nth(1).cloned();
    let parent = parent.unwrap_or_else(|| crate::profiles::library::USUAL.to_owned());
    editor::open(model, name, parent, false);
}

fn remove(model: &mut Model) {
    let Some(one) = chosen(model) else { return };
    if one.from == BUILT_IN {
        let text = format!("{} is built in and stays", one.name);
        say(model, Tone::Warning, text);
        return;
    }
    let (name, from) = (one.name.clone(), one.from.clone());
    let details = model.desk.profile_details.values();
    let heirs: Vec<&str> = details
        .filter(|detail| detail.profile.name != name && detail.lineage.contains(&name))
        .map(|detail| detail.profile.name.as_str())
        .collect();
    let mut text = format!("{from} goes. Jobs that were added keep what it said.");
    if !heirs.is_empty() {
        text += &format!("\nBuilt on it, and useless without: {}.", heirs.join(", "));
    }
    let confirm = Confirm::new(format!("Remove the profile {name}?"), text, Danger::High)
        .effects(vec![Effect::Call(Call::RemoveProfile(name))]);
    model.overlays.push(Overlay::Confirm(confirm));
}
