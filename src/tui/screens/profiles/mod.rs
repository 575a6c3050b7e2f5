//! The profiles: what they are good for, how they differ, and those of the user's own.

mod act;
mod answered;
mod detail;
mod editor;
mod entries;
mod view;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use crate::service::wire::ProfileView;
use crate::tui::action::Action;
use crate::tui::canvas::Canvas;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::painted::List;
use crate::tui::shelf::Shelf;

pub use answered::{answered, failed};

use editor::Editor;

/// The profiles.
#[derive(Debug, Default)]
pub struct Profiles {
    /// The list.
    shelf: Shelf,
    /// One that is being changed.
    editor: Option<Editor>,
    /// Profiles whose details were asked for.
    asked: Vec<String>,
}

impl Profiles {
    /// Whether a line is being written.
    pub fn typing(&self) -> bool {
        self.editor.as_ref().map_or_else(|| self.shelf.typing(), Editor::typing)
    }

    /// Whether one is being changed.
    pub fn edits(&self) -> bool {
        self.editor.is_some()
    }
}

/// Where a profile of the service itself comes from.
const BUILT_IN: &str = "built in";

/// The screen is shown from now on.
pub fn entered(model: &mut Model) {
    model.effect(Effect::Call(Call::Profiles));
    if model.desk.capabilities.is_none() {
        model.effect(Effect::Call(Call::Capabilities));
    }
    refresh(model);
}

/// Makes the list again, and asks for what there is to know of the chosen one.
pub fn refresh(model: &mut Model) {
    if model.tab != Tab::Profiles {
        return;
    }
    let all = model.desk.profiles.iter();
    model.profiles.shelf.fit(
        all.map(|one| {
            (one.name.as_str(), format!("{} {} {}", one.name, one.description, one.from))
        }),
    );
    if let Some(name) = model.profiles.shelf.chosen().map(str::to_owned) {
        need(model, &name);
    }
    editor::refresh(model);
}

/// Asks for everything about a profile, once.
fn need(model: &mut Model, name: &str) {
    if !model.desk.profile_details.contains_key(name)
        && !model.profiles.asked.iter().any(|one| one == name)
    {
        model.profiles.asked.push(name.to_owned());
        model.effect(Effect::Call(Call::Profile(name.to_owned())));
    }
}

/// Does it; whether it means something here.
pub fn act(model: &mut Model, action: Action) -> bool {
    if model.profiles.editor.is_some() {
        editor::act(model, action)
    } else {
        act::act(model, action)
    }
}

/// The chosen profile.
fn chosen(model: &Model) -> Option<&ProfileView> {
    let name = model.profiles.shelf.chosen()?;
    model.desk.profiles.iter().find(|one| one.name == name)
}

/// A letter of the line that is being written.
pub fn key(model: &mut Model, key: KeyEvent) {
    match &mut model.profiles.editor {
        Some(editor) => editor.key(key),
        None => model.profiles.shelf.key(key),
    }
}

/// A paste into the line that is being written; whether there is one.
pub fn paste(model: &mut Model, text: &str) -> bool {
    match &mut model.profiles.editor {
        Some(editor) => editor.paste(text),
        None => model.profiles.shelf.paste(text),
    }
}

/// A line is clicked.
pub fn choose(model: &mut Model, list: List, index: usize, twice: bool) {
    match &mut model.profiles.editor {
        Some(_) => editor::clicked(model, index, twice),
        None => model.profiles.shelf.clicked(list, index, twice),
    }
}

/// A part gets the focus.
pub fn focus(model: &mut Model, list: List) {
    model.profiles.shelf.detail = list == List::Facts;
}

/// Paints them.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    match &canvas.model.profiles.editor {
        Some(editor) => editor.view(canvas, area),
        None => view::view(canvas, area),
    }
}

#[cfg(test)]
mod tests;
