//! A profile of the user's own is changed: every key, checked while it is typed and by the service.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use serde_json::{Map, Value};
use tui_input::Input;

use crate::service::wire::{CheckBody, CheckView, NewProfile};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, plain};
use crate::tui::effect::{Call, Effect};
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::options::{choices, difference, read, takes_words};
use crate::tui::overlay::{Choice, Choices, Confirm, Danger, Overlay, Tone};
use crate::tui::painted::List;
use crate::tui::sheet::{self, Sheet};
use crate::tui::shelf::Shelf;
use crate::tui::theme::Role;
use crate::tui::update::say;

use super::entries::{DESCRIPTION, Entry, entries};

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

    /// What is wrong with a key.
    fn fault(&self, key: &str) -> Option<String> {
        if let Some(writing) = self.writing.as_ref().filter(|writing| writing.key == key) {
            return writing.fault.clone();
        }
        let fault = self.check.faults.iter().find(|fault| fault.key.as_deref() == Some(key))?;
        Some(match &fault.hint {
            Some(hint) => format!("{}; {hint}", fault.message),
            None => fault.message.clone(),
        })
    }

    /// Paints it.
    pub(super) fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let dot = canvas.theme().signs.dot();
        let mut title = format!("{}, built on {}", self.name, self.base);
        match self.changed.keys().filter(|key| *key != DESCRIPTION).count() {
            0 => {}
            1 => title += &format!("{dot}1 key differs"),
            n => title += &format!("{dot}{n} keys differ"),
        }
        if !self.shelf.search().is_empty() {
            title += &format!("{dot}/{}", self.shelf.search());
        }
        let mut inner = canvas.pane(area, &plain(&title), true);
        if self.shelf.typing() {
            inner = self.shelf.search_line(canvas, inner);
        }
        let all = self.entries(canvas.model);
        if all.is_empty() {
            canvas.line(inner, canvas.span(" asking what it says", Role::Muted));
            return;
        }
        let shown: Vec<&Entry<'_>> =
            all.iter().filter(|entry| self.shelf.rows.contains(&entry.option.key)).collect();
        let chosen = shown.get(self.shelf.at());
        let help = chosen
            .map(|entry| format!("{}; {}", entry.option.help, takes_words(&entry.option.takes)));
        let sheet = Sheet {
            entries: shown.iter().map(|entry| self.line(entry)).collect(),
            at: self.shelf.at(),
            writing: self.writing.as_ref().map(|writing| &writing.input),
            help: help.unwrap_or_else(|| "no key fits".to_owned()),
            note: self.note(canvas),
        };
        sheet.view(canvas, inner);
    }

    fn line(&self, entry: &Entry<'_>) -> sheet::Entry {
        let fault = self.fault(&entry.option.key);
        let role = match () {
            () if fault.is_some() => Role::Failed,
            () if entry.changed => Role::Focus,
            () if entry.by_base() => Role::Text,
            () => Role::Muted,
        };
        let note = match (entry.changed, &entry.base) {
            (true, Some(base)) => format!("not {}", crate::tui::options::text_of(base)),
            _ => String::new(),
        };
        let value = entry.text();
        sheet::Entry { title: entry.option.key.clone(), value, role, note, fault }
    }

    /// What there is to say beyond the chosen key.
    fn note(&self, canvas: &Canvas<'_>) -> Option<(String, Role)> {
        if self.sent {
            return Some(("asking the service".to_owned(), Role::Focus));
        }
        let general = self.check.faults.iter().find(|fault| fault.key.is_none());
        if let Some(fault) = general.or_else(|| self.check.faults.first()) {
            let key = fault.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
            return Some((format!("{key}{}", fault.message), Role::Failed));
        }
        if let Some(warning) = self.check.warnings.first() {
            return Some((warning.clone(), Role::Warning));
        }
        if !self.check.missing.is_empty() {
            return Some((
                format!("not here yet: {}", self.check.missing.join(", ")),
                Role::Warning,
            ));
        }
        let save = canvas.model.key(Action::Submit);
        (self.new || self.dirty()).then(|| (format!("{save} saves it"), Role::Done))
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

/// Does it; whether it means something here.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    let Some(editor) = &mut model.profiles.editor else { return false };
    if editor.writing.is_some() {
        return write(model, action);
    }
    if !editor.shelf.typing() {
        match action {
            Action::Open | Action::Right | Action::Edit => {
                change(model);
                return true;
            }
            Action::Submit => {
                save(model);
                return true;
            }
            Action::Delete => {
                let key = editor.shelf.chosen().map(str::to_owned);
                if key.is_some_and(|key| editor.changed.remove(&key).is_some()) {
                    touched(model);
                }
                return true;
            }
            // They are about the list of profiles, which is not here, or panes that there are not.
            Action::New | Action::NextPane | Action::PreviousPane | Action::Left => return true,
            _ => {}
        }
    }
    if editor.shelf.act(action, &model.painted, List::Options) {
        return true;
    }
    if action == Action::Back {
        leave(model);
        return true;
    }
    false
}

/// The value is being written.
fn write(model: &mut Model, action: Action) -> bool {
    let Some(editor) = &mut model.profiles.editor else { return false };
    let Some(writing) = &editor.writing else { return false };
    match action {
        // What is no value is not taken; its fault is shown.
        Action::Accept if writing.fault.is_some() => {}
        Action::Accept => {
            let (key, text) = (writing.key.clone(), writing.input.value().to_owned());
            editor.writing = None;
            take(model, &key, &text);
        }
        Action::Back => editor.writing = None,
        _ => return false,
    }
    true
}

/// Begins to change the chosen key: a list where there are only certain values, a line else.
fn change(model: &mut Model) {
    let Some(editor) = &model.profiles.editor else { return };
    let Some(key) = editor.shelf.chosen().map(str::to_owned) else { return };
    let all = editor.entries(model);
    let Some(entry) = all.iter().find(|entry| entry.option.key == key) else { return };
    let now = entry.value.as_ref().map(crate::tui::options::text_of).unwrap_or_default();
    let words = choices(&entry.option.takes);
    if words.is_empty() {
        let writing = Writing { key, input: Input::new(now), fault: None };
        if let Some(editor) = &mut model.profiles.editor {
            editor.writing = Some(writing);
        }
        return;
    }
    let base =
        entry.base.as_ref().map_or_else(|| "not set".to_owned(), crate::tui::options::text_of);
    let mut list = vec![Choice {
        value: String::new(),
        label: format!("as {} says", editor.base),
        note: base,
    }];
    list.extend(words.into_iter().map(|word| Choice::new(word, "")));
    let choices = Choices::new(key, list, &now, |model, word| {
        let key = model.profiles.editor.as_ref().and_then(|editor| editor.shelf.chosen());
        if let Some(key) = key.map(str::to_owned) {
            take(model, &key, &word);
        }
    });
    model.overlays.push(Overlay::Choices(choices));
}

/// Takes a value; nothing is what the base says.
fn take(model: &mut Model, key: &str, text: &str) {
    let Some(editor) = &model.profiles.editor else { return };
    let base = editor.entries(model).into_iter().find(|entry| entry.option.key == key);
    let base = base.and_then(|entry| entry.base);
    let value = match text.trim() {
        "" => None,
        text => match read(key, text) {
            Ok(value) if base.as_ref() == Some(&value) => None,
            // The default, which the base says already.
            Ok(Value::Null) if base.is_none() => None,
            Ok(value) => Some(value),
            Err(why) => return say(model, Tone::Error, why),
        },
    };
    let Some(editor) = &mut model.profiles.editor else { return };
    match value {
        Some(value) => _ = editor.changed.insert(key.to_owned(), value),
        None => _ = editor.changed.remove(key),
    }
    touched(model);
}

/// Something was changed: the service looks at it.
fn touched(model: &mut Model) {
    let Some(editor) = &model.profiles.editor else { return };
    let call = Call::CheckProfile(Box::new(editor.body()));
    model.effect(Effect::Call(call));
}

impl Editor {
    fn body(&self) -> CheckBody {
        CheckBody { profile: Some(self.base.clone()), settings: self.changed.clone() }
    }
}

/// The service looked at it.
pub(super) fn checked(model: &mut Model, body: &CheckBody, view: CheckView) {
    if let Some(editor) = &mut model.profiles.editor
        // It may have been changed since.
        && editor.body() == *body
    {
        editor.check = view;
    }
}

fn save(model: &mut Model) {
    let Some(editor) = &mut model.profiles.editor else { return };
    if editor.sent || editor.before.is_none() {
        return;
    }
    if let Some(fault) = editor.check.faults.first() {
        let (key, text) = (fault.key.clone(), fault.message.clone());
        if let Some(key) = key {
            editor.shelf.choose_name(&key);
        }
        return say(model, Tone::Error, text);
    }
    editor.sent = true;
    let mut settings = editor.changed.clone();
    let description = settings.remove(DESCRIPTION);
    let description = description.and_then(|text| text.as_str().map(str::to_owned));
    let (name, overwrite) = (editor.name.clone(), !editor.new);
    let new = NewProfile { extends: Some(editor.base.clone()), description, settings, overwrite };
    model.effect(Effect::Call(Call::SaveProfile { name, new: Box::new(new) }));
}

/// The service took it.
pub(super) fn saved(model: &mut Model, name: &str) {
    if model.profiles.editor.as_ref().is_some_and(|editor| editor.name == name) {
        model.profiles.editor = None;
    }
}

/// The service did not take it.
pub(super) fn refused(model: &mut Model) {
    if let Some(editor) = &mut model.profiles.editor {
        editor.sent = false;
    }
}

/// Leaves the editor; asks where something would be lost.
fn leave(model: &mut Model) {
    if !model.profiles.editor.as_ref().is_some_and(Editor::dirty) {
        model.profiles.editor = None;
        return;
    }
    let key = model.key(Action::Submit);
    let text = format!("What you changed is lost; {key} would save it.");
    let confirm =
        Confirm::new("Leave it?", text, Danger::Low).then(|model| model.profiles.editor = None);
    model.overlays.push(Overlay::Confirm(confirm));
}

/// A line is clicked: chosen, and changed with the second click.
pub(super) fn clicked(model: &mut Model, index: usize, twice: bool) {
    let Some(editor) = &mut model.profiles.editor else { return };
    editor.writing = None;
    editor.shelf.choose(index);
    if twice {
        change(model);
    }
}
