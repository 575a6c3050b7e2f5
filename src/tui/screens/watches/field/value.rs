//! The values of the lines, each read from and written as a text.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::profiles::{Origin, Setting, document, schema};
use crate::settings::config::Watch;

use super::Field;

impl Field {
    /// Its value as it is typed; empty where it is not set.
    pub(in super::super) fn text(self, watch: &Watch) -> String {
        let paths = |all: &[PathBuf]| {
            all.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("; ")
        };
        match self {
            Field::Name => watch.name.clone(),
            Field::Folder => watch.folder.display().to_string(),
            Field::Rule => word(&watch.rule),
            Field::Sources => paths(&watch.sources),
            Field::Profile => watch.profile.clone().unwrap_or_default(),
            Field::Set => {
                let pairs = watch.set.iter().map(|(key, value)| format!("{key} = {value}"));
                pairs.collect::<Vec<_>>().join("; ")
            }
            Field::Output => paths(watch.output.as_slice()),
            Field::Pattern => watch.pattern.clone(),
            Field::Input => word(&watch.input),
            Field::Include => watch.include.join("; "),
            Field::Ignore => watch.ignore.join("; "),
            Field::Recursive => switch(watch.recursive),
            Field::Priority => watch.priority.to_string(),
            Field::Look => word(&watch.look),
            Field::Poll => watch.poll_seconds.to_string(),
            Field::Settle => watch.settle_seconds.to_string(),
            Field::Paused => switch(watch.paused),
        }
    }

    /// Takes a new value.
    ///
    /// # Errors
    /// Why the text is no value of it.
    pub(in super::super) fn take(self, watch: &mut Watch, text: &str) -> Result<(), String> {
        let text = text.trim();
        match self {
            Field::Name => text.clone_into(&mut watch.name),
            Field::Folder => watch.folder = PathBuf::from(text),
            Field::Rule => watch.rule = of_word(text)?,
            Field::Sources => watch.sources = parts(text).map(PathBuf::from).collect(),
            Field::Profile => watch.profile = Some(text.to_owned()).filter(|text| !text.is_empty()),
            Field::Set => watch.set = settings(text)?,
            Field::Output => watch.output = Some(PathBuf::from(text)).filter(|_| !text.is_empty()),
            Field::Pattern => text.clone_into(&mut watch.pattern),
            Field::Input => watch.input = of_word(text)?,
            Field::Include => watch.include = parts(text).map(str::to_owned).collect(),
            Field::Ignore => watch.ignore = parts(text).map(str::to_owned).collect(),
            Field::Recursive => watch.recursive = text == "yes",
            Field::Priority => watch.priority = number(text)?,
            Field::Look => watch.look = of_word(text)?,
            Field::Poll => watch.poll_seconds = number(text)?,
            Field::Settle => watch.settle_seconds = number(text)?,
            Field::Paused => watch.paused = text == "yes",
        }
        Ok(())
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';')
        .map(|part| part.trim().trim_matches(['\'', '"']))
        .filter(|part| !part.is_empty())
}

fn switch(on: bool) -> String {
    if on { "yes" } else { "no" }.to_owned()
}

/// A word of the configuration.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn of_word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|_| format!("{text} is none of them"))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no number that fits"))
}

/// `KEY = VALUE; KEY = VALUE`, as the command line takes them.
fn settings(text: &str) -> Result<BTreeMap<String, toml::Value>, String> {
    let mut all = BTreeMap::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (key, value) =
            part.split_once('=').ok_or("write it as KEY = VALUE, such as swap.weight = 0.5")?;
        let key = key.trim();
        let field = schema::find(key).ok_or_else(|| {
            let (message, hint) = document::unknown_key(key);
            format!("{message}; {hint}")
        })?;
        let setting = Setting::parse(field, value.trim(), Origin::Flag(key.to_owned()));
        let setting = setting.map_err(|complaint| match complaint.hint {
            Some(hint) => format!("{}; {hint}", complaint.message),
            None => complaint.message,
        })?;
        // A key that is put back to its default is one that is not set.
        all.extend(setting.value.map(|value| (key.to_owned(), value)));
    }
    Ok(all)
}
