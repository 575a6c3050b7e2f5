//! The fields of the form.

use super::NewJob;

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// A photo; the one behind the last is empty.
    Source(usize),
    /// What is changed.
    Target(usize),
    /// Where the result goes.
    Output,
    /// The profile.
    Profile,
    /// Keys that differ from it.
    Options,
    /// Who gets whose face.
    People,
    /// What people call it.
    Name,
    /// Its priority.
    Priority,
    /// It waits until somebody resumes it.
    Hold,
    /// An existing output is replaced.
    Overwrite,
    /// Starts it.
    Start,
}

impl Field {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Field::Source(0) => "source",
            Field::Source(_) => "",
            Field::Target(0) => "target",
            Field::Target(_) => "",
            Field::Output => "output",
            Field::Profile => "profile",
            Field::Options => "options",
            Field::People => "people",
            Field::Name => "name",
            Field::Priority => "priority",
            Field::Hold => "hold",
            Field::Overwrite => "replace",
            Field::Start => "",
        }
    }
}

impl NewJob {
    /// The fields, from top to bottom.
    pub(super) fn fields(&self) -> Vec<Field> {
        let sources = (0..=self.sources.len()).map(Field::Source);
        let targets = (0..self.targets.len().max(1)).map(Field::Target);
        let rest = [
            Field::Output,
            Field::Profile,
            Field::Options,
            Field::People,
            Field::Name,
            Field::Priority,
            Field::Hold,
            Field::Overwrite,
            Field::Start,
        ];
        sources.chain(targets).chain(rest).collect()
    }

    /// Where the focus is among the fields.
    pub(super) fn place(&self) -> usize {
        self.fields().iter().position(|field| *field == self.at).unwrap_or(0)
    }

    /// The focus goes there; as near as there is a field.
    pub(super) fn go_to(&mut self, place: usize) {
        let fields = self.fields();
        self.at = fields[place.min(fields.len() - 1)];
    }

    /// The text of a field that is written; none of one that is chosen.
    pub(super) fn text(&self, field: Field) -> Option<&str> {
        Some(match field {
            Field::Source(at) => self.sources.get(at).map_or("", String::as_str),
            Field::Target(at) => self.targets.get(at).map_or("", String::as_str),
            Field::Output => &self.output,
            Field::Name => &self.name,
            Field::Priority => &self.priority,
            _ => return None,
        })
    }

    /// Writes a field.
    pub(super) fn set_text(&mut self, field: Field, text: &str) {
        let text = text.to_owned();
        match field {
            Field::Source(at) => put(&mut self.sources, at, text),
            Field::Target(at) => put(&mut self.targets, at, text),
            Field::Output => self.output = text,
            Field::Name => self.name = text,
            Field::Priority => self.priority = text,
            _ => {}
        }
    }

    /// Takes out what was left empty.
    pub(super) fn tidy(&mut self) {
        let place = self.place();
        self.sources.retain(|path| !path.trim().is_empty());
        self.targets.retain(|path| !path.trim().is_empty());
        if !self.fields().contains(&self.at) {
            self.go_to(place);
        }
    }
}

fn put(all: &mut Vec<String>, at: usize, text: String) {
    match all.get_mut(at) {
        Some(old) => *old = text,
        None => all.push(text),
    }
}
