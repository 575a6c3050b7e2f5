//! What can be done with a model.

use crate::service::wire::ImportBody;
use crate::tui::action::Action;
use crate::tui::complete;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::{Choice, Choices, Confirm, Danger, Overlay, Pick, Prompt, Tone};
use crate::tui::painted::List;
use crate::tui::update::say;
use crate::tui::words::bytes;

use super::{chosen, fetch, pull};

/// Does it; whether it means something here.
pub fn act(model: &mut Model, action: Action) -> bool {
    if model.models.shelf.act(action, &model.painted, List::Models) {
        return true;
    }
    match action {
        Action::Pull => fetch::ask(model),
        Action::Cancel => cancel(model),
        Action::Verify => verify(model),
        Action::Import => ask_path(model),
        Action::Delete => remove(model),
        Action::Refresh => model.effect(Effect::Call(Call::Models)),
        _ => return false,
    }
    true
}

fn cancel(model: &mut Model) {
    let Some(id) = chosen(model).map(|one| one.id.clone()) else { return };
    if pull(model, &id).is_none() {
        say(model, Tone::Warning, format!("{id} is not being fetched"));
        return;
    }
    model.effect(Effect::Call(Call::CancelPull(id)));
}

fn verify(model: &mut Model) {
    let Some((id, status)) = chosen(model).map(|one| (one.id.clone(), one.status.clone())) else {
        return;
    };
    if status == "missing" {
        say(model, Tone::Warning, format!("{id} is not here: there is nothing to check"));
        return;
    }
    if model.models.busy.insert(id.clone(), "checking").is_none() {
        model.effect(Effect::Call(Call::VerifyModel(id)));
    }
}

fn remove(model: &mut Model) {
    let Some(one) = chosen(model) else { return };
    let id = one.id.clone();
    match one.status.as_str() {
        "embedded" => {
            say(model, Tone::Warning, format!("{id} is a part of facedeck and stays"));
            return;
        }
        "missing" => {
            say(model, Tone::Warning, format!("{id} is not here: there is nothing to remove"));
            return;
        }
        _ => {}
    }
    let users = users(model, &id);
    let mut text = match one.bytes {
        Some(size) => format!("Its file goes, {} are free again.", bytes(size)),
        None => "Its file goes.".to_owned(),
    };
    text += match one.can_be_pulled {
        true => " It can be fetched again.",
        false => " Nobody knows where to fetch it: it would have to be imported again.",
    };
    if !users.is_empty() {
        text += &format!("\nProfiles that do not work without it: {}.", users.join(", "));
    }
    let confirm = Confirm::new(format!("Remove {id}?"), text, Danger::High)
        .effects(vec![Effect::Call(Call::RemoveModel(id))]);
    model.overlays.push(Overlay::Confirm(confirm));
}

/// The profiles that run a model.
pub(super) fn users(model: &Model, id: &str) -> Vec<String> {
    let runs = |names: &[String]| names.iter().any(|name| name == id);
    let profiles = model.desk.profiles.iter();
    profiles
        .filter(|one| runs(&one.models) || runs(&one.missing))
        .map(|one| one.name.clone())
        .collect()
}

fn ask_path(model: &mut Model) {
    let help = match model.local {
        true => "a file, or a folder with files that the catalog knows; Enter goes on".to_owned(),
        false => format!("a file or a folder on {}; Enter goes on", model.host),
    };
    let prompt = Prompt::new("Import weights", help, "", |model, path| {
        let path = clean(&path, model.local);
        if path.is_empty() {
            return;
        }
        model.models.import = path;
        ask_way(model);
    });
    model.overlays.push(Overlay::Prompt(prompt.of_path(Pick::Any)));
}

/// A path as it was typed or dropped: without quotes, with the user's own folder in place of `~`.
fn clean(typed: &str, local: bool) -> String {
    complete::full(typed.trim().trim_matches(['\'', '"']), local)
}

/// How a file is taken, and for what.
fn ask_way(model: &mut Model) {
    let mut all = vec![
        way("known copy", "Recognize it, copy it", "by its hash, if the catalog knows it"),
        way("known link", "Recognize it, link to it", "it stays where it is"),
    ];
    if let Some(one) = chosen(model) {
        let id = one.id.clone();
        let note = "though it may not be the catalog's file";
        all.push(way("as copy", &format!("Take it as {id}, copy it"), note));
        all.push(way("as link", &format!("Take it as {id}, link to it"), note));
    }
    let choices = Choices::new("How is it taken?", all, "known copy", |model, word| {
        let id = chosen(model).map(|one| one.id.clone()).filter(|_| word.starts_with("as"));
        let path = std::mem::take(&mut model.models.import);
        let body = ImportBody { path, id, link: word.ends_with("link") };
        say(model, Tone::Note, format!("importing {}", body.path));
        model.effect(Effect::Call(Call::ImportModels(body)));
    });
    model.overlays.push(Overlay::Choices(choices));
}

fn way(value: &str, label: &str, note: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), note: note.to_owned() }
}
