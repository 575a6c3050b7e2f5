//! What is said of a new hot folder: the lines of the form, each read from and written as a text.

mod value;
mod words;

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
}

#[cfg(test)]
mod tests;
