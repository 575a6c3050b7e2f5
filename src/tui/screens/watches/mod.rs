//! Hot folders: what is looked at, by which rules, and what became of it.

mod act;
mod answered;
mod detail;
mod field;
mod form;
mod view;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use crate::service::wire::{FileView, WatchView};
use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::painted::List;
use crate::tui::shelf::Shelf;

pub use answered::{answered, failed, rehearsed};

use form::Form;

/// The hot folders.
#[derive(Debug, Default)]
pub struct Watches {
    /// The list.
    shelf: Shelf,
    /// A new one that is being described.
    form: Option<Form>,
}

impl Watches {
    /// Whether a line is being written.
    pub fn typing(&self) -> bool {
        self.form.as_ref().map_or_else(|| self.shelf.typing(), Form::typing)
    }

    /// Whether a path is being written.
    pub fn types_path(&self) -> bool {
        self.form.as_ref().is_some_and(Form::types_path)
    }

    /// Whether a new one is being described.
    pub fn describes(&self) -> bool {
        self.form.is_some()
    }
}

/// The screen is shown from now on.
pub fn entered(model: &mut Model) {
    model.effect(Effect::Call(Call::Watches));
    // The form offers them.
    model.effect(Effect::Call(Call::Profiles));
    refresh(model);
}

/// Makes the list again.
pub fn refresh(model: &mut Model) {
    if model.tab != Tab::Watches {
        return;
    }
    let all = model.desk.watches.iter();
    model.watches.shelf.fit(all.map(|one| {
        (one.name.as_str(), format!("{} {} {} {}", one.name, one.folder, one.status, one.reason))
    }));
}

/// Does it; whether it means something here.
pub fn act(model: &mut Model, action: Action) -> bool {
    if model.watches.form.is_some() { form::act(model, action) } else { act::act(model, action) }
}

/// The chosen hot folder.
fn chosen(model: &Model) -> Option<&WatchView> {
    let name = model.watches.shelf.chosen()?;
    model.desk.watches.iter().find(|one| one.name == name)
}

/// A letter of the line that is being written.
pub fn key(model: &mut Model, key: KeyEvent) {
    match &mut model.watches.form {
        Some(form) => form.key(key, model.local),
        None => model.watches.shelf.key(key),
    }
}

/// A paste into the line that is being written; whether there is one.
pub fn paste(model: &mut Model, text: &str) -> bool {
    match &mut model.watches.form {
        Some(form) => form.paste(text, model.local),
        None => model.watches.shelf.paste(text),
    }
}

/// What lies in a folder came, which may be of use to a path that is being written.
pub fn completed(model: &mut Model, folder: &str, entries: &[FileView]) {
    if let Some(form) = &mut model.watches.form {
        form.came(model.local, folder, entries);
    }
}

/// A line is clicked.
pub fn choose(model: &mut Model, list: List, index: usize, twice: bool) {
    match &mut model.watches.form {
        Some(_) => form::clicked(model, index, twice),
        None => model.watches.shelf.clicked(list, index, twice),
    }
}

/// A part gets the focus.
pub fn focus(model: &mut Model, list: List) {
    model.watches.shelf.detail = list == List::Facts;
}

/// Paints them.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    match &canvas.model.watches.form {
        Some(form) => form.view(canvas, area),
        None => view::view(canvas, area),
    }
}

#[cfg(test)]
mod tests;
