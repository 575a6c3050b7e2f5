//! The profile: which one, how it differs from the default, and a new one of what was changed.

use crate::service::wire::NewProfile;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::options::text_of;
use crate::tui::overlay::{Choice, Choices, Confirm, Danger, Overlay, Prompt, Tone};
use crate::tui::update::say;

use super::touch;

/// Asks which profile it is.
pub fn ask(model: &mut Model) {
    let note = |profile: &crate::service::wire::ProfileView| match (
        &profile.fault,
        profile.missing.as_slice(),
    ) {
        (Some(fault), _) => format!("cannot be used: {fault}"),
        (None, []) => profile.description.clone(),
        (None, missing) => format!("{} (missing: {})", profile.description, missing.join(", ")),
    };
    let all: Vec<Choice> =
        model.desk.profiles.iter().map(|p| Choice::new(p.name.clone(), note(p))).collect();
    if all.is_empty() {
        model.effect(Effect::Call(Call::Profiles));
        return say(model, Tone::Warning, "the profiles are not known yet; try again in a moment");
    }
    let now = model.new_job.profile.clone();
    model.overlays.push(Overlay::Choices(Choices::new("Profile", all, &now, choose)));
}

/// Takes a profile.
pub fn choose(model: &mut Model, name: String) {
    model.effect(Effect::Call(Call::Profile(name.clone())));
    model.new_job.profile = name;
    model.new_job.refused = None;
    touch(model);
}

/// How the profile differs from the default, in words; none while that is not known.
pub fn difference(model: &Model) -> Option<String> {
    let detail = model.desk.profile_details.get(&model.new_job.profile)?;
    if detail.changed.is_empty() {
        return Some("all keys have their defaults".to_owned());
    }
    let keys =
        detail.changed.iter().map(|(key, change)| format!("{key} {}", text_of(&change.value)));
    Some(keys.collect::<Vec<_>>().join(", "))
}

/// Asks for the name of a profile that has the keys of the form.
pub fn ask_to_save(model: &mut Model) {
    if model.new_job.settings.is_empty() {
        let words = "nothing differs from the profile, so there is nothing to save";
        return say(model, Tone::Note, words);
    }
    let base = &model.new_job.profile;
    let help = format!("a name for {base} with what was changed");
    model.overlays.push(Overlay::Prompt(Prompt::new("Save as profile", help, "", save)));
}

fn save(model: &mut Model, name: String) {
    let name = name.trim().to_owned();
    if name.is_empty() {
        return;
    }
    let form = &model.new_job;
    let known = model.desk.profiles.iter().find(|profile| profile.name == name);
    let overwrite = known.is_some();
    let body = NewProfile {
        extends: Some(form.profile.clone()),
        description: None,
        settings: form.settings.clone(),
        overwrite,
    };
    let call = Effect::Call(Call::SaveProfile { name: name.clone(), new: Box::new(body) });
    if overwrite {
        let text = "What it says now is lost. Jobs that were added keep what they have.";
        let confirm = Confirm::new(format!("Replace the profile {name}?"), text, Danger::High);
        model.overlays.push(Overlay::Confirm(confirm.effects(vec![call])));
    } else {
        model.effect(call);
    }
}

/// A profile was saved: the form is about it now.
pub fn saved(model: &mut Model, name: &str, body: &NewProfile) {
    say(model, Tone::Done, format!("saved as {name}"));
    model.effect(Effect::Call(Call::Profiles));
    let form = &mut model.new_job;
    // The form may have been changed meanwhile, or somebody else saved it on another screen.
    if form.settings == body.settings && Some(&form.profile) == body.extends.as_ref() {
        form.settings.clear();
        choose(model, name.to_owned());
    }
}
