//! What is said of a new hot folder: the lines of the form, each read from and written as a text.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::profiles::{Origin, Setting, document, schema};
use crate::settings::config::{Rule, Watch};

/// A line of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Folder,
    Rule,
    Sources,
    Profile,
    Set,
    Output,
    Pattern,
    Input,
    Include,
    Ignore,
    Recursive,
    Priority,
    Look,
    Poll,
    Settle,
    Paused,
}

/// How a line is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By typing.
    Text,
    /// One of these words, each with what it means.
    Words(&'static [(&'static str, &'static str)]),
    /// One of the profiles.
    Profile,
    /// On or off.
    Switch,
}

const RULES: [(&str, &str); 4] = [
    ("source", "every picture and video is a target for the source photos"),
    ("folder", "every folder is a job: its source* files go into its target* file"),
    ("pair", "NAME.source.EXT goes into NAME.target.EXT"),
    ("job", "every NAME.job.toml says what its job is"),
];
const INPUTS: [(&str, &str); 3] = [
    ("move", "it goes to done/, or to failed/ beside a file with the reason"),
    ("keep", "it stays where it is"),
    ("remove", "it is removed when the job is done; after a failure it goes to failed/"),
];
const LOOKS: [(&str, &str); 3] = [
    ("auto", "the system tells what changes; network file systems are polled"),
    ("notify", "the system tells what changes"),
    ("poll", "it is read again and again"),
];

impl Field {
    const ALL: [Field; 17] = [
        Field::Name,
        Field::Folder,
        Field::Rule,
        Field::Sources,
        Field::Profile,
        Field::Set,
        Field::Output,
        Field::Pattern,
        Field::Input,
        Field::Include,
        Field::Ignore,
        Field::Recursive,
        Field::Priority,
        Field::Look,
        Field::Poll,
        Field::Settle,
        Field::Paused,
    ];

    /// The lines that mean something for a hot folder, in their order.
    pub(super) fn of(watch: &Watch) -> Vec<Field> {
        let means = |field: &Field| match field {
            Field::Sources => watch.rule == Rule::Source,
            _ => true,
        };
        Self::ALL.into_iter().filter(means).collect()
    }

    /// Its key in the configuration.
    pub(super) fn key(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Folder => "folder",
            Field::Rule => "rule",
            Field::Sources => "sources",
            Field::Profile => "profile",
            Field::Set => "set",
            Field::Output => "output",
            Field::Pattern => "pattern",
            Field::Input => "input",
            Field::Include => "include",
            Field::Ignore => "ignore",
            Field::Recursive => "recursive",
            Field::Priority => "priority",
            Field::Look => "look",
            Field::Poll => "poll_seconds",
            Field::Settle => "settle_seconds",
            Field::Paused => "paused",
        }
    }

    /// What it is called.
    pub(super) fn title(self) -> &'static str {
        match self {
            Field::Poll => "poll every",
            Field::Settle => "settle after",
            Field::Set => "settings",
            Field::Paused => "begin paused",
            field => field.key(),
        }
    }

    /// What it is for.
    pub(super) fn help(self) -> &'static str {
        match self {
            Field::Name => "what it is called: small letters, digits, - and _",
            Field::Folder => "the folder whose files become jobs, with its full path",
            Field::Rule => "how its files become jobs",
            Field::Sources => {
                "photos of the face that goes into every target; several are parted by ;"
            }
            Field::Profile => "how jobs are done",
            Field::Set => {
                "keys of the profile with new values, such as swap.weight = 0.5; several are parted by ;"
            }
            Field::Output => "where results go; a relative path begins in the folder",
            Field::Pattern => "the name of a result: {target} {source} {ext} {date} {id}",
            Field::Input => "what becomes of an input when its job is done",
            Field::Include => {
                "only files whose names are like one of these, such as *.mp4; parted by ;"
            }
            Field::Ignore => "no files whose names are like one of these; parted by ;",
            Field::Recursive => "folders in the folder are looked into",
            Field::Priority => "of its jobs, -1000 to 1000; those with more go first",
            Field::Look => "how it is noticed that something changed",
            Field::Poll => "seconds between two looks, where it is read again and again",
            Field::Settle => {
                "seconds for which a file must stay the same, where nobody says that it is whole"
            }
            Field::Paused => "it takes nothing until it is resumed",
        }
    }

    /// How it is changed.
    pub(super) fn kind(self) -> Kind {
        match self {
            Field::Rule => Kind::Words(&RULES),
            Field::Input => Kind::Words(&INPUTS),
            Field::Look => Kind::Words(&LOOKS),
            Field::Profile => Kind::Profile,
            Field::Recursive | Field::Paused => Kind::Switch,
            _ => Kind::Text,
        }
    }

    /// Its value as it is typed; empty where it is not set.
    pub(super) fn text(self, watch: &Watch) -> String {
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

    /// What its value means, where it is one of certain words.
    pub(super) fn note(self, watch: &Watch) -> &'static str {
        let Kind::Words(words) = self.kind() else { return "" };
        let now = self.text(watch);
        words.iter().find(|(word, _)| *word == now).map(|(_, note)| *note).unwrap_or_default()
    }

    /// What is shown where it is not set.
    pub(super) fn unset(self) -> &'static str {
        match self {
            Field::Name | Field::Folder => "needed",
            Field::Sources => "none yet",
            Field::Profile => "embedded",
            Field::Output => "output, in the folder",
            Field::Include => "all files",
            _ => "none",
        }
    }

    /// Takes a new value.
    ///
    /// # Errors
    /// Why the text is no value of it.
    pub(super) fn take(self, watch: &mut Watch, text: &str) -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut watch = Watch::default();
        let lines = [
            (Field::Name, "studio"),
            (Field::Folder, "/srv/in"),
            (Field::Rule, "pair"),
            (Field::Sources, "/a.jpg; /b c.jpg"),
            (Field::Profile, "quality"),
            (Field::Set, "swap.weight = 0.5; video.quality = 90"),
            (Field::Output, "../out"),
            (Field::Pattern, "{target}.{ext}"),
            (Field::Input, "keep"),
            (Field::Include, "*.mp4; *.mov"),
            (Field::Ignore, "*.tmp"),
            (Field::Recursive, "yes"),
            (Field::Priority, "-5"),
            (Field::Look, "poll"),
            (Field::Poll, "0.5"),
            (Field::Settle, "3"),
            (Field::Paused, "yes"),
        ];
        assert_eq!(lines.map(|(field, _)| field), Field::ALL);
        for (field, text) in lines {
            field.take(&mut watch, text).unwrap();
            assert_eq!(field.text(&watch), text, "{field:?}");
        }
        assert_eq!(watch.sources.len(), 2);
        assert_eq!(watch.set["swap.weight"], toml::Value::Float(0.5));
        assert!(watch.faults().is_empty(), "{:?}", watch.faults());
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let mut watch = Watch::default();
        for (field, text, word) in [
            (Field::Priority, "many", "no number"),
            (Field::Set, "swap.wait = 1", "did you mean swap.weight"),
            (Field::Set, "swap.weight", "KEY = VALUE"),
            (Field::Set, "swap.weight = heavy", "fit"),
        ] {
            let told = field.take(&mut watch, text).unwrap_err();
            assert!(told.contains(word), "{text}: {told}");
        }
        assert_eq!(watch, Watch::default());
    }

    #[test]
    fn every_word_of_a_choice_is_known_to_the_configuration() {
        for field in Field::ALL {
            if let Kind::Words(words) = field.kind() {
                for (word, _) in words {
                    field.take(&mut Watch::default(), word).unwrap();
                }
            }
        }
    }
}
