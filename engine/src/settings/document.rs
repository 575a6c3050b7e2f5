//! TOML texts that people write, read key by key over defaults, so that everything that is wrong
//! with one is found at once and told with its line.
//!
//! The keys are those of the type itself: what serde writes for its default is what a text may say.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Error;

use super::nearest;

/// A step from a table into what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To a member of a list.
    Member(usize),
    /// To a key.
    Key(String),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Member(index)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1; none where no line says it.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// A value that makes no sense, and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadValue {
    /// The way from the top of the text.
    pub at: Vec<Step>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: String,
}

/// Everything that is wrong with a text, by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// The file that holds the text.
    pub path: PathBuf,
    /// At least one.
    pub all: Vec<Fault>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        let place = |line: Option<usize>| line.map_or(String::new(), |n| format!("line {n}: "));
        if let [only] = self.all.as_slice() {
            return match only.line {
                Some(line) => write!(f, ", line {line}: {}", only.message),
                None => write!(f, ": {}", only.message),
            };
        }
        write!(f, " has {} faults:", self.all.len())?;
        for fault in &self.all {
            write!(f, "\n  {}{}", place(fault.line), fault.message)?;
            if let Some(hint) = &fault.hint {
                write!(f, " ({hint})")?;
            }
        }
        Ok(())
    }
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        let error = Error::usage(faults.to_string());
        match faults.all.as_slice() {
            [Fault { hint: Some(hint), .. }] => error.hint(hint.as_str()),
            _ => error,
        }
    }
}

/// A text with what was found wrong with it so far.
#[derive(Debug)]
pub struct Document<'a> {
    text: &'a str,
    path: &'a Path,
    root: DeTable<'a>,
    faults: Vec<Fault>,
}

impl<'a> Document<'a> {
    /// Parses a text; `path` is the file that holds it.
    ///
    /// # Errors
    /// When it is no TOML: everything that is wrong with its form.
    pub fn parse(text: &'a str, path: &'a Path) -> Result<Self, Faults> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut document = Document { text, path, root: root.into_inner(), faults: Vec::new() };
        for error in &errors {
            let at = error.span().unwrap_or_default();
            let message = error.message().trim_end().to_owned();
            let line = Some(document.line(&at));
            document.faults.push(Fault { line, message, hint: None });
        }
        document.finish(())?;
        Ok(document)
    }

    fn line(&self, at: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// The top of it.
    pub fn root(&self) -> DeTable<'a> {
        self.root.clone()
    }

    /// Adds a fault at a place in the text.
    pub fn complain(&mut self, at: &Range<usize>, message: String, hint: Option<String>) {
        let line = Some(self.line(at));
        self.faults.push(Fault { line, message, hint });
    }

    /// Adds values that make no sense, each with the line of the nearest thing that is written.
    pub fn reject(&mut self, bad: Vec<BadValue>) {
        for BadValue { at, message, hint } in bad {
            let line = find(&self.root, &at).map(|span| self.line(&span));
            self.faults.push(Fault { line, message, hint: Some(hint) });
        }
    }

    /// Reads a table over the defaults of a type; a key that cannot be read keeps its default.
    /// `name` is the table's, empty at the top. Keys in `apart` are read by somebody else.
    pub fn table<T>(&mut self, table: &DeTable<'a>, name: &str, apart: &[&str]) -> T
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let mut known = match serde_json::to_value(T::default()) {
            Ok(Value::Object(known)) => known,
            _ => Map::new(),
        };
        let keys: Vec<String> = known.keys().cloned().collect();
        let mut read = T::default();
        for (key, value) in table {
            let word = key.get_ref().as_ref();
            if apart.contains(&word) {
                continue;
            }
            if !keys.iter().any(|key| key == word) {
                let near =
                    nearest(word, keys.iter().map(String::as_str).chain(apart.iter().copied()));
                let hint = near.map_or_else(
                    || format!("there are {}", keys.join(", ")),
                    |near| format!("did you mean {near}?"),
                );
                let place = if name.is_empty() { String::new() } else { format!(" in [{name}]") };
                let message = format!("there is no key \"{word}\"{place}");
                self.complain(&key.span(), message, Some(hint));
                continue;
            }
            let tried = plain(value).and_then(|value| {
                let old = known.insert(word.to_owned(), value);
                serde_json::from_value(Value::Object(known.clone())).map_err(|error| {
                    if let Some(old) = old {
                        known.insert(word.to_owned(), old);
                    }
                    error.to_string()
                })
            });
            match tried {
                Ok(all) => read = all,
                Err(error) => {
                    let place = if name.is_empty() { String::new() } else { format!("{name}.") };
                    let hint = meant(&error);
                    self.complain(&value.span(), format!("{place}{word}: {error}"), hint);
                }
            }
        }
        read
    }

    /// What was read, when nothing is wrong.
    ///
    /// # Errors
    /// Everything that is wrong, by line.
    pub fn finish<T>(&mut self, read: T) -> Result<T, Faults> {
        if self.faults.is_empty() {
            return Ok(read);
        }
        let mut all = std::mem::take(&mut self.faults);
        all.sort_by_key(|fault| fault.line.unwrap_or(usize::MAX));
        Err(Faults { path: self.path.to_owned(), all })
    }
}

/// The place of the last step that is written at all.
fn find(table: &DeTable<'_>, steps: &[Step]) -> Option<Range<usize>> {
    let (Step::Key(name), rest) = steps.split_first()? else { return None };
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    inside(value, rest).or(Some(key.span()))
}

fn inside(value: &Spanned<DeValue<'_>>, steps: &[Step]) -> Option<Range<usize>> {
    match (value.get_ref(), steps.split_first()?) {
        (DeValue::Table(table), _) => find(table, steps),
        (DeValue::Array(members), (Step::Member(i), rest)) => {
            let member = members.get(*i)?;
            inside(member, rest).or(Some(member.span()))
        }
        _ => None,
    }
}

/// A value as JSON; dates are texts.
fn plain(value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    Ok(match value.get_ref() {
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(members) => members.iter().map(plain).collect::<Result<_, _>>()?,
        DeValue::Table(table) => {
            let entry = |(key, value): (&Spanned<_>, _)| -> Result<(String, Value), String> {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                Ok((key.clone().into_owned(), plain(value)?))
            };
            Value::Object(table.iter().map(entry).collect::<Result<_, _>>()?)
        }
        _ => {
            let plain: toml::Value =
                serde::Deserialize::deserialize(toml::de::ValueDeserializer::from(value.clone()))
                    .map_err(|error: toml::de::Error| error.message().to_owned())?;
            match plain {
                // JSON has no such numbers, and nothing here means anything by them.
                toml::Value::Float(number) if !number.is_finite() => {
                    return Err(format!("{number} is no number that can be used"));
                }
                other => serde_json::to_value(other).map_err(|error| error.to_string())?,
            }
        }
    })
}

/// Which of the words that serde lists in its message may have been meant.
fn meant(message: &str) -> Option<String> {
    let mut words = message.split('`').skip(1).step_by(2);
    let given = words.next().filter(|_| message.starts_with("unknown "))?;
    nearest(given, words).map(|near| format!("did you mean {near}?"))
}

/// Settings with nested tables turned into keys with dots: `swap.weight = 0.5` in TOML is a table.
pub fn flat(settings: Map<String, Value>) -> Map<String, Value> {
    fn add(into: &mut Map<String, Value>, before: &str, settings: Map<String, Value>) {
        for (key, value) in settings {
            match value {
                Value::Object(inner) => add(into, &format!("{before}{key}."), inner),
                value => {
                    into.insert(format!("{before}{key}"), value);
                }
            }
        }
    }
    let mut all = Map::new();
    add(&mut all, "", settings);
    all
}
