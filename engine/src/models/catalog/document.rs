//! A TOML text whose mistakes are told by file, line and key.
//!
//! Syntax errors, unknown or missing keys and wrong types come from the TOML and serde crates,
//! which say where in the text they are; mistakes that are found later name a key, and its place is
//! looked up here.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result};

use super::check;
use super::entry::Entry;
use super::nearest::nearest;

/// Something that is wrong with the value of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The key, as `table.key` and `list[0].key`; empty for the whole.
    pub key: String,
    /// What is wrong, as the end of a sentence that begins with the key.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(key: impl Into<String>, what: impl Into<String>) -> Self {
        Problem { key: key.into(), what: what.into(), hint: None }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

/// A catalog entry's text and where it is from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'t> {
    file: &'t str,
    text: &'t str,
}

impl<'t> Document<'t> {
    /// A text of a file, which is named in errors.
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Document { file, text }
    }

    /// The entry that it is.
    pub fn entry(self) -> Result<Entry> {
        let root = DeTable::parse(self.text).map_err(|error| self.syntax(&error))?;
        let tree = root.clone();
        let entry = Entry::deserialize(toml::Deserializer::from(root))
            .map_err(|error| self.shape(&tree, &error))?;
        match check::entry(&entry) {
            Ok(()) => Ok(entry),
            Err(problem) => Err(self.error(&problem)),
        }
    }

    /// The error that says where in the file a problem is.
    pub fn error(self, problem: &Problem) -> Error {
        let place = DeTable::parse(self.text).ok().map_or(0, |root| place(&root, &problem.key));
        self.report(place, &problem.key, &problem.what, problem.hint.clone())
    }

    fn syntax(self, error: &toml::de::Error) -> Error {
        let place = error.span().map_or(0, |span| span.start).min(self.text.len());
        // At the end of a line, the line break is what was not expected.
        let start =
            self.text.as_bytes()[..place].iter().rposition(|&b| b == b'\n').map_or(0, |n| n + 1);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let key = line.split_once('=').map_or("", |(key, _)| key.trim());
        let key = if key.contains(char::is_whitespace) { "" } else { key };
        self.report(place, key, error.message(), None)
    }

    /// Translates what serde says about a value that does not fit into the struct.
    fn shape(self, tree: &Spanned<DeTable<'_>>, error: &toml::de::Error) -> Error {
        let span = error.span().unwrap_or_default();
        // The document as a whole has an empty span.
        let at = if span.is_empty() { String::new() } else { key_at(tree.get_ref(), &span) };
        let quoted: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
        let (key, what, hint) = match (error.message(), quoted.as_slice()) {
            (m, [found, known @ ..]) if m.starts_with("unknown field") => {
                (at, "unknown key".to_owned(), suggestion(found, known))
            }
            (m, [found, known @ ..]) if m.starts_with("unknown variant") => {
                (at, format!("unknown value \"{found}\""), suggestion(found, known))
            }
            (m, [name, ..]) if m.starts_with("missing field") => {
                (join(&at, name), "is missing".to_owned(), None)
            }
            (m, _) => (at, m.to_owned(), None),
        };
        self.report(span.start, &key, &what, hint)
    }

    fn report(self, place: usize, key: &str, what: &str, hint: Option<String>) -> Error {
        let before = &self.text.as_bytes()[..place.min(self.text.len())];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
        let error = Error::usage(format!("{}:{line}: {key}{what}", self.file));
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

/// "did you mean …" with the nearest of the known words, or else all of them.
pub(super) fn suggestion<S: AsRef<str>>(found: &str, known: &[S]) -> Option<String> {
    match nearest(found, known.iter().map(AsRef::as_ref)) {
        Some(near) => Some(format!("did you mean \"{near}\"?")),
        None if known.is_empty() => None,
        None => {
            let all: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
            Some(format!("known: {}", all.join(", ")))
        }
    }
}

fn join(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

/// Where a key is written; where it is not, where the innermost table around it begins.
fn place(root: &Spanned<DeTable<'_>>, key: &str) -> usize {
    let mut place = 0;
    let mut table = Some(root.get_ref());
    let mut list = None;
    for step in key.split(['.', '[']) {
        let value: Option<&Spanned<DeValue<'_>>> = match step.strip_suffix(']') {
            Some(index) => {
                let items: Option<&toml::de::DeArray<'_>> = list;
                let item = index.parse::<usize>().ok().and_then(|i| items?.get(i));
                place = item.map_or(place, |item| item.span().start);
                item
            }
            None => table.and_then(|table| table.get_key_value(step)).map(|(name, value)| {
                place = name.span().start;
                value
            }),
        };
        let Some(value) = value else { return place };
        table = value.get_ref().as_table();
        list = value.get_ref().as_array();
    }
    place
}

/// The key of the smallest part of the document that holds a span.
fn key_at(root: &DeTable<'_>, span: &Range<usize>) -> String {
    let mut best = (usize::MAX, String::new());
    in_table(root, "", span, &mut best);
    best.1
}

fn in_table(table: &DeTable<'_>, path: &str, span: &Range<usize>, best: &mut (usize, String)) {
    for (name, value) in table {
        let path = join(path, name.get_ref());
        consider(&name.span(), &path, span, best);
        in_value(value, &path, span, best);
    }
}

fn in_value(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    span: &Range<usize>,
    best: &mut (usize, String),
) {
    consider(&value.span(), path, span, best);
    match value.get_ref() {
        DeValue::Table(table) => in_table(table, path, span, best),
        DeValue::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                in_value(item, &format!("{path}[{i}]"), span, best);
            }
        }
        _ => {}
    }
}

fn consider(part: &Range<usize>, path: &str, span: &Range<usize>, best: &mut (usize, String)) {
    let holds = part.start <= span.start && span.end <= part.end && !part.is_empty();
    // A list of tables begins where its first table does: the inner one is met later.
    if holds && part.len() <= best.0 {
        *best = (part.len(), path.to_owned());
    }
}
