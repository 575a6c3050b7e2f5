//! What can be done in the editor.

use serde_json::Value;
use tui_input::Input;

use crate::tui::action::Action;
use crate::tui::model::Model;
use crate::tui::options::{choices, read, text_of};
use crate::tui::overlay::{Choice, Choices, Confirm, Danger, Overlay, Tone};
use crate::tui::painted::List;
use crate::tui::update::say;

use super::save::{save, touched};
use super::{Editor, Writing};

/// Does it; whether it means something here.
pub(in super::super) fn act(model: &mut Model, action: Action) -> bool {
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
    let now = entry.value.as_ref().map(text_of).unwrap_or_default();
    let words = choices(&entry.option.takes);
    if words.is_empty() {
        let writing = Writing { key, input: Input::new(now), fault: None };
        if let Some(editor) = &mut model.profiles.editor {
            editor.writing = Some(writing);
        }
        return;
    }
    let base = entry.base.as_ref().map_or_else(|| "not set".to_owned(), text_of);
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
pub(in super::super) fn clicked(model: &mut Model, index: usize, twice: bool) {
    let Some(editor) = &mut model.profiles.editor else { return };
    editor.writing = None;
    editor.shelf.choose(index);
    if twice {
        change(model);
    }
}
