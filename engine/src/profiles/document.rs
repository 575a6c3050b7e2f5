//! One profile as it is written: TOML text turned into settings that know their lines.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Value};

use super::complaint::{Complaint, Complaints, Origin};
use super::schema::{self, FIELDS, Field, nearest};
use super::value::{self, DEFAULT, Fault, Step};

/// The key that names the profile on which another one is built.
const EXTENDS: &str = "extends";
/// The key that belongs to one profile alone and is not inherited.
const DESCRIPTION: &str = "description";

/// One key with what a layer says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The key.
    pub key: &'static str,
    /// Its value; none puts back the default.
    pub value: Option<Value>,
    /// Where that was said.
    pub origin: Origin,
}

impl Setting {
    /// A setting of a flag or a variable, from a value.
    ///
    /// # Errors
    /// When the value does not fit the key.
    pub fn new(field: &'static Field, value: Value, origin: Origin) -> Result<Self, Complaint> {
        match value::faults(field.kind, &value).into_iter().next() {
            None => Ok(Setting { key: field.key, value: Some(value), origin }),
            Some(fault) => Err(complain(field, fault, origin)),
        }
    }

    /// A setting of a flag or a variable, from a text without quotes; "default" puts back the
    /// default.
    ///
    /// # Errors
    /// When the text does not fit the key.
    pub fn parse(field: &'static Field, text: &str, origin: Origin) -> Result<Self, Complaint> {
        if text.trim() == DEFAULT {
            return Ok(Setting { key: field.key, value: None, origin });
        }
        match value::parse(field.kind, text) {
            Ok(value) => Setting::new(field, value, origin),
            Err(fault) => Err(complain(field, fault, origin)),
        }
    }
}

fn complain(field: &Field, fault: Fault, origin: Origin) -> Complaint {
    let hint = format!("{} takes {}: {}", field.key, fault.hint, field.help);
    Complaint { origin, message: fault.message, hint: Some(hint) }
}

/// What a profile's text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The profile on which it is built, with the line that says so.
    pub extends: Option<(String, usize)>,
    /// Its own settings, by line.
    pub settings: Vec<Setting>,
}

impl Document {
    /// What it is good for, in its own words.
    pub fn description(&self) -> &str {
        let said = self.settings.iter().find(|setting| setting.key == DESCRIPTION);
        said.and_then(|setting| setting.value.as_ref()?.as_str()).unwrap_or_default()
    }

    /// Its settings as those of an ancestor: without what belongs to it alone.
    pub fn inherited(self) -> Vec<Setting> {
        self.settings.into_iter().filter(|setting| setting.key != DESCRIPTION).collect()
    }
}

/// Reads the text of the profile of this name, that of a file where there is a path. Relative paths
/// in a file are taken from its folder.
///
/// # Errors
/// Everything that is wrong with it, by line.
pub fn read(text: &str, name: &str, path: Option<&Path>) -> Result<Document, Complaints> {
    let mut reader = Reader { text, name, path, complaints: Vec::new(), settings: Vec::new() };
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in &errors {
            let at = error.span().unwrap_or_default();
            reader.complain(at, error.message().to_owned(), None);
        }
        return Err(reader.complaints());
    }
    let extends = reader.root(root.get_ref());
    if !reader.complaints.is_empty() {
        return Err(reader.complaints());
    }
    reader.settings.sort_by_key(|setting| line_of(&setting.origin));
    Ok(Document { extends, settings: reader.settings })
}

fn line_of(origin: &Origin) -> usize {
    match origin {
        Origin::BuiltIn { line, .. } | Origin::File { line, .. } => *line,
        Origin::Variable(_) | Origin::Flag(_) => 0,
    }
}

struct Reader<'a> {
    text: &'a str,
    name: &'a str,
    path: Option<&'a Path>,
    complaints: Vec<Complaint>,
    settings: Vec<Setting>,
}

impl<'a> Reader<'a> {
    fn origin(&self, at: &Range<usize>) -> Origin {
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Origin::line(self.path, self.name, line)
    }

    fn complain(&mut self, at: Range<usize>, message: String, hint: Option<String>) {
        let origin = self.origin(&at);
        self.complaints.push(Complaint { origin, message, hint });
    }

    fn complaints(mut self) -> Complaints {
        self.complaints.sort_by_key(|complaint| line_of(&complaint.origin));
        Complaints(self.complaints)
    }

    /// Reads everything; says on what the profile is built.
    fn root(&mut self, root: &DeTable<'a>) -> Option<(String, usize)> {
        let mut extends = None;
        for (key, value) in root {
            let name = key.get_ref().as_ref();
            if name == EXTENDS {
                match value.get_ref().as_str() {
                    Some(base) if !base.is_empty() => {
                        extends = Some((base.to_owned(), line_of(&self.origin(&key.span()))));
                    }
                    _ => self.complain(
                        value.span(),
                        format!("{EXTENDS}: this is no name of a profile"),
                        Some(format!("write it as {EXTENDS} = \"NAME\"")),
                    ),
                }
            } else if let Some(field) = schema::find(name) {
                self.setting(field, key.span(), value);
            } else if schema::is_table(name) {
                self.table(name, value);
            } else {
                self.unknown(name, key.span());
            }
        }
        extends
    }

    fn table(&mut self, name: &str, value: &Spanned<DeValue<'a>>) {
        let Some(table) = value.get_ref().as_table() else {
            let message = format!("{name} is a table, and this is none");
            return self.complain(value.span(), message, Some(format!("write it as [{name}]")));
        };
        for (key, value) in table {
            let inner = key.get_ref().as_ref();
            match schema::find(&format!("{name}.{inner}")) {
                Some(field) => self.setting(field, key.span(), value),
                None => self.unknown(&format!("{name}.{inner}"), key.span()),
            }
        }
    }

    fn unknown(&mut self, name: &str, at: Range<usize>) {
        let (message, hint) = unknown_key(name);
        self.complain(at, message, Some(hint));
    }

    fn setting(&mut self, field: &'static Field, key: Range<usize>, value: &Spanned<DeValue<'a>>) {
        let plain = match Value::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(plain) => plain,
            Err(error) => {
                let message = format!("{}: {}", field.key, error.message());
                return self.complain(value.span(), message, Some(value::expects(field.kind)));
            }
        };
        let origin = self.origin(&key);
        if plain.as_str() == Some(DEFAULT) && field.key != DESCRIPTION {
            return self.settings.push(Setting { key: field.key, value: None, origin });
        }
        let faults = value::faults(field.kind, &plain);
        for fault in &faults {
            let at = span_of(key.clone(), value, &fault.at);
            let message = format!("{}: {}", field.key, fault.message);
            let hint = format!("{}; {} says {}", fault.hint, field.key, field.help);
            self.complain(at, message, Some(hint));
        }
        if faults.is_empty() {
            let folder = self.path.and_then(Path::parent).unwrap_or(Path::new(""));
            let value = Some(value::anchored(field.kind, plain, folder));
            self.settings.push(Setting { key: field.key, value, origin });
        }
    }
}

/// Where the part of a value is at which these steps end.
fn span_of(key: Range<usize>, value: &Spanned<DeValue<'_>>, steps: &[Step]) -> Range<usize> {
    let Some((step, rest)) = steps.split_first() else { return key };
    let found = match (step, value.get_ref()) {
        (Step::Member(i), DeValue::Array(members)) => {
            members.get(*i).map(|member| (member.span(), member))
        }
        (Step::Key(name), DeValue::Table(table)) => {
            let mut entries = table.iter();
            entries.find(|(key, _)| key.get_ref() == name).map(|(key, v)| (key.span(), v))
        }
        _ => None,
    };
    found.map_or(key, |(span, value)| span_of(span, value, rest))
}

/// What to say about a key that there is not, and which one may have been meant.
pub fn unknown_key(name: &str) -> (String, String) {
    let (table, inner) = name.split_once('.').unwrap_or(("", name));
    let elsewhere = FIELDS.iter().find(|field| field.name() == inner && field.table() != table);
    let beside = || FIELDS.iter().filter(|field| field.table() == table).map(Field::name);
    let tables = || FIELDS.iter().map(Field::table).filter(|table| !table.is_empty());
    let (message, near) = if table.is_empty() {
        let message = format!("there is no key or table \"{inner}\"");
        (message, nearest(inner, beside().chain(tables()).chain([EXTENDS])).map(str::to_owned))
    } else if schema::is_table(table) {
        let near = nearest(inner, beside()).map(|near| format!("{table}.{near}"));
        (format!("there is no key \"{inner}\" in [{table}]"), near)
    } else {
        let near = nearest(table, tables()).map(|near| format!("{near}.{inner}"));
        (format!("there is no table [{table}]"), near.filter(|key| schema::find(key).is_some()))
    };
    let hint = match (elsewhere, near) {
        (Some(field), _) => format!("did you mean {}?", field.key),
        (None, Some(near)) => format!("did you mean {near}?"),
        (None, None) => "facedeck profiles show embedded lists every key".into(),
    };
    (message, hint)
}

#[cfg(test)]
mod tests;
