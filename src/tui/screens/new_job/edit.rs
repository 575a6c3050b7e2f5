//! A field is written.

use crossterm::event::KeyEvent;
use tui_input::Input;

use crate::service::wire::FileView;
use crate::tui::action::Action;
use crate::tui::complete;
use crate::tui::effect::Effect;
use crate::tui::input;
use crate::tui::model::Model;

use super::{Field, paths, take_paths, touch};

/// A field that is being written.
#[derive(Debug)]
pub struct Editing {
    /// The line.
    pub input: Input,
    /// What stood there before.
    before: String,
}

/// Begins to write the field with the focus.
pub fn begin(model: &mut Model) {
    let form = &mut model.new_job;
    let Some(text) = form.text(form.at).map(str::to_owned) else { return };
    form.editing = Some(Editing { input: Input::new(text.clone()), before: text });
}

/// Does it; whether it means something while a field is written.
pub fn act(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Accept => accept(model),
        Action::Back => back(model),
        Action::Complete => ask_to_complete(model),
        Action::PickFile => {
            accept(model);
            super::act::pick(model);
        }
        // On to the next field, as in other forms.
        Action::Up | Action::Down => {
            accept(model);
            let place = model.new_job.place();
            let next = if action == Action::Up { place.saturating_sub(1) } else { place + 1 };
            model.new_job.go_to(next);
        }
        _ => return false,
    }
    true
}

fn accept(model: &mut Model) {
    let form = &mut model.new_job;
    let Some(editing) = form.editing.take() else { return };
    let field = form.at;
    let text = editing.input.value().to_owned();
    if !is_path(field) {
        form.set_text(field, text.trim());
        return touch(model);
    }
    let mut all = paths::parse(&text);
    match all.len() {
        0 | 1 => {
            form.set_text(field, &all.pop().unwrap_or_default());
            form.tidy();
            touch(model);
        }
        _ => {
            form.set_text(field, "");
            form.tidy();
            take_paths(model, &text);
        }
    }
}

fn back(model: &mut Model) {
    let form = &mut model.new_job;
    if let Some(editing) = form.editing.take() {
        let field = form.at;
        form.set_text(field, &editing.before);
        form.tidy();
        touch(model);
    }
}

/// Whether a field takes a path.
pub(super) fn is_path(field: Field) -> bool {
    matches!(field, Field::Source(_) | Field::Target(_) | Field::Output)
}

/// What is typed counts at once, so that it can be looked at.
fn typed(model: &mut Model) {
    let form = &mut model.new_job;
    if let Some(editing) = &form.editing {
        let text = editing.input.value().to_owned();
        let field = form.at;
        form.set_text(field, &text);
        form.refused = None;
    }
    touch(model);
}

/// A letter of the field that is being written.
pub fn key(model: &mut Model, key: KeyEvent) {
    if let Some(editing) = &mut model.new_job.editing
        && input::edit(&mut editing.input, key)
    {
        typed(model);
    }
}

/// A paste into the field that is being written; whether there is one.
pub fn paste(model: &mut Model, text: &str) -> bool {
    let form = &mut model.new_job;
    let field = form.at;
    let Some(editing) = &mut form.editing else { return false };
    let pasted = if is_path(field) { paths::parse(text) } else { Vec::new() };
    match pasted.as_slice() {
        // As it is meant, without quotes and backslashes.
        [path] => input::insert(&mut editing.input, path),
        [] => input::insert(&mut editing.input, text),
        _ => {
            back(model);
            take_paths(model, text);
            return true;
        }
    }
    typed(model);
    true
}

/// Asks what lies in the folder of the path that is being written.
fn ask_to_complete(model: &mut Model) {
    let form = &model.new_job;
    let Some(editing) = form.editing.as_ref().filter(|_| is_path(form.at)) else { return };
    if let Some(call) = complete::ask(&form.full(editing.input.value())) {
        model.effect(Effect::Call(call));
    }
}

/// What lies in a folder came: the path that is being written goes on as far as there is one way.
pub fn completed(model: &mut Model, folder: &str, entries: &[FileView]) {
    let form = &mut model.new_job;
    let Some(editing) = form.editing.as_ref().filter(|_| is_path(form.at)) else { return };
    let path = form.full(editing.input.value());
    if let Some(path) = complete::complete(&path, folder, entries) {
        if let Some(editing) = &mut form.editing {
            editing.input = Input::new(path);
        }
        typed(model);
    }
}
