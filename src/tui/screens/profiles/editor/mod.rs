//! A profile of the user's own is changed: every key, checked while it is typed and by the service.

mod act;
mod save;
mod view;

use crossterm::event::KeyEvent;
use serde_json::{Map, Value};
use tui_input::Input;

use crate::service::wire::CheckView;
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::options::{difference, read};
use crate::tui::shelf::Shelf;

use super::entries::{DESCRIPTION, Entry, entries};

pub(super) use act::{act, clicked};
pub(super) use save::{checked, refused, saved};

/// A profile that is being changed.
#[derive(Debug, Default)]
pub(super) struct Editor {
    name: String,
    /// The profile that it is built on.
    base: String,
    /// There is none of its name yet.
    new: bool,
    /// What it says otherwise than its base; null for the default.
    changed: Map<String, Value>,
    /// The same when it was opened, or saved.
    before: Option<Map<String, Value>>,
    /// The keys.
    shelf: Shelf,
    writing: Option<Writing>,
    /// What the service says of it.
    check: CheckView,
    /// It is on its way to the service.
    sent: bool,
}

/// A value that is being written.
#[derive(Debug)]
struct Writing {
    key: String,
    input: Input,
    /// Why what is typed is no value.
    fault: Option<String>,
}

impl Editor {
    /// Whether a line is being written.
    pub(super) fn typing(&self) -> bool {
        self.writing.is_some() || self.shelf.typing()
    }

    /// A letter of the line.
    pub(super) fn key(&mut self, key: KeyEvent) {
        match &mut self.writing {
            Some(writing) => {
                if input::edit(&mut writing.input, key) {
                    writing.look();
                }
            }
            None => self.shelf.key(key),
        }
    }

    /// A paste into the line; a paste elsewhere is lost here, not a new job.
    pub(super) fn paste(&mut self, text: &str) -> bool {
        match &mut self.writing {
            Some(writing) => {
                input::insert(&mut writing.input, text);
                writing.look();
            }
            None => _ = self.shelf.paste(text),
        }
        true
    }

    fn dirty(&self) -> bool {
        self.before.as_ref().is_some_and(|before| *before != self.changed)
    }

    fn entries<'m>(&self, model: &'m Model) -> Vec<Entry<'m>> {
        entries(model, &self.base, &self.changed).unwrap_or_default()
    }
}

impl Writing {
    fn look(&mut self) {
        let text = self.input.value().trim();
        self.fault = match text.is_empty() {
            true => None,
            false => read(&self.key, text).err(),
        };
    }
}

/// Begins to change a profile that is built on another one.
pub(super) fn open(model: &mut Model, name: String, base: String, new: bool) {
    super::need(model, &base);
    model.profiles.editor = Some(Editor { name, base, new, ..Editor::default() });
    refresh(model);
}

/// Makes the list of keys again; what a profile says so far is taken over when it is known.
pub(super) fn refresh(model: &mut Model) {
    let Some(mut editor) = model.profiles.editor.take() else { return };
    for name in [editor.base.clone(), editor.name.clone()] {
        if !(editor.new && name == editor.name) {
            super::need(model, &name);
        }
    }
    if editor.before.is_none() {
        let details = &model.desk.profile_details;
        let begun = match (editor.new, details.get(&editor.name), details.get(&editor.base)) {
            (true, _, _) => Some(Map::new()),
            (false, Some(own), Some(base)) => {
                let mut changed = difference(&own.settings, &base.settings);
                if !own.profile.description.is_empty() {
                    changed.insert(DESCRIPTION.to_owned(), own.profile.description.clone().into());
                }
                Some(changed)
            }
            _ => None,
        };
        if let Some(begun) = begun {
            editor.changed.clone_from(&begun);
            editor.before = Some(begun);
        }
    }
    let entries = editor.entries(model);
    let texts = entries.iter().map(|entry| {
        let key = entry.option.key.as_str();
        (key, format!("{key} {} {}", entry.option.help, entry.text()))
    });
    editor.shelf.fit(texts);
    model.profiles.editor = Some(editor);
}
