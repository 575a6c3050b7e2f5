//! Every key of the profile: what it says, what it takes, and another value for this job.

use serde_json::Value;

use crate::service::wire::OptionView;
use crate::tui::model::Model;
use crate::tui::options::{choices, flat, read, takes_words, text_of};
use crate::tui::overlay::{Choice, Choices, Overlay, Prompt, Tone};
use crate::tui::update::say;

use super::{AskedFor, touch};

/// A key as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key and what it takes.
    pub option: OptionView,
    /// Its value; none where it is not set.
    pub value: Option<Value>,
    /// Its value in the profile.
    pub profile: Option<Value>,
    /// It was changed in the form.
    pub changed: bool,
}

impl Entry {
    /// The profile says something else than the default.
    pub fn by_profile(&self) -> bool {
        self.profile != self.option.default
    }
}

/// Every key, in the order of the service.
pub fn entries(model: &Model) -> Vec<Entry> {
    let form = &model.new_job;
    let details = model.desk.profile_details.get(&form.profile);
    let mut said = details.map(|detail| flat(&detail.settings));
    let options = model.desk.capabilities.iter().flat_map(|all| &all.options);
    // What a profile is good for says nothing about a job.
    let options = options.filter(|option| option.key != "description");
    let entry = |option: &OptionView| {
        let default = option.default.clone();
        let profile = match &mut said {
            Some(said) => said.remove(&option.key),
            None => default.clone(),
        };
        let value = match form.settings.get(&option.key) {
            Some(Value::Null) => default,
            Some(value) => Some(value.clone()),
            None => profile.clone(),
        };
        let changed = form.settings.contains_key(&option.key);
        Entry { option: option.clone(), value, profile, changed }
    };
    options.map(entry).collect()
}

/// Asks for another value of a key.
pub fn change(model: &mut Model, entry: &Entry) {
    let OptionView { key, takes, help, .. } = &entry.option;
    model.new_job.asked_for = AskedFor::Key(key.clone());
    let now = entry.value.as_ref().map(text_of).unwrap_or_default();
    let words = choices(takes);
    if words.is_empty() {
        return prompt(model, key, &format!("{help}; {}", takes_words(takes)), &now);
    }
    let of_profile = entry.profile.as_ref().map_or_else(|| "not set".to_owned(), text_of);
    let mut all = vec![Choice {
        value: String::new(),
        label: "as the profile says".to_owned(),
        note: of_profile,
    }];
    all.extend(words.into_iter().map(|word| Choice::new(word, "")));
    model.overlays.push(Overlay::Choices(Choices::new(key.clone(), all, &now, set)));
}

fn prompt(model: &mut Model, key: &str, help: &str, text: &str) {
    model.overlays.push(Overlay::Prompt(Prompt::new(key, help, text, set)));
}

/// Takes the answer: a value, "default", or nothing for what the profile says.
fn set(model: &mut Model, text: String) {
    let AskedFor::Key(key) = std::mem::take(&mut model.new_job.asked_for) else { return };
    if text.trim().is_empty() {
        return reset(model, &key);
    }
    match read(&key, &text) {
        Ok(value) => {
            let entry = entries(model).into_iter().find(|entry| entry.option.key == key);
            // As text: profiles keep fewer digits.
            let of_profile = entry.map(|entry| text_of(&entry.profile.unwrap_or(Value::Null)));
            let same = of_profile == Some(text_of(&value));
            if same {
                model.new_job.settings.remove(&key);
            } else {
                model.new_job.settings.insert(key, value);
            }
            model.new_job.refused = None;
            touch(model);
        }
        Err(why) => {
            // What was typed is not lost.
            say(model, Tone::Error, why.clone());
            model.new_job.asked_for = AskedFor::Key(key.clone());
            prompt(model, &key, &why, &text);
        }
    }
}

/// A key says again what the profile says.
pub fn reset(model: &mut Model, key: &str) {
    if model.new_job.settings.remove(key).is_some() {
        model.new_job.refused = None;
        touch(model);
    }
}
