//! The models: what is here, what could be fetched, under which license.

mod act;
mod answered;
mod detail;
mod fetch;
mod view;

use std::collections::HashMap;

use crossterm::event::KeyEvent;

use crate::service::wire::{ModelView, PullView};
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::painted::List;
use crate::tui::shelf::Shelf;

pub use act::act;
pub use answered::{answered, failed};
pub use view::view;

use fetch::Pace;

/// The models.
#[derive(Debug, Default)]
pub struct Models {
    /// The list.
    shelf: Shelf,
    /// The models with the texts of their licenses, as far as they were asked for.
    whole: HashMap<String, ModelView>,
    /// The model that is to be fetched as soon as its license can be shown.
    wanted: Option<String>,
    /// What is being done with a model, in a word.
    busy: HashMap<String, &'static str>,
    /// The file that is about to be imported.
    import: String,
    /// How fast models come.
    paces: HashMap<String, Pace>,
}

impl Models {
    /// Whether a line is being written.
    pub fn typing(&self) -> bool {
        self.shelf.typing()
    }
}

/// The screen is shown from now on.
pub fn entered(model: &mut Model) {
    model.effect(Effect::Call(Call::Models));
    // Says which profiles run a model.
    model.effect(Effect::Call(Call::Profiles));
    refresh(model);
}

/// Makes the list again, and looks whether a fetch came to its end.
pub fn refresh(model: &mut Model) {
    fetch::watch(model);
    if model.tab != Tab::Models {
        return;
    }
    let all = model.desk.models.iter();
    let all = all.map(|one| {
        let text = format!(
            "{} {} {} {} {}",
            one.id,
            one.role.name(),
            one.status,
            one.license.name,
            one.summary
        );
        (one.id.as_str(), text)
    });
    model.models.shelf.fit(all);
    // The text of its license is asked for when it is looked at.
    if let Some(id) = model.models.shelf.chosen()
        && !model.models.whole.contains_key(id)
        && let Some(known) = model.desk.models.iter().find(|one| one.id == id)
    {
        let id = id.to_owned();
        model.models.whole.insert(id.clone(), known.clone());
        model.effect(Effect::Call(Call::Model(id)));
    }
}

/// The chosen model.
fn chosen(model: &Model) -> Option<&ModelView> {
    let id = model.models.shelf.chosen()?;
    model.desk.models.iter().find(|one| one.id == id)
}

/// How far the fetch of a model is, while there is one.
fn pull<'m>(model: &'m Model, id: &str) -> Option<&'m PullView> {
    model.desk.pulls.iter().find(|pull| pull.model == id && fetch::runs(pull))
}

/// A letter of the line that is being written.
pub fn key(model: &mut Model, key: KeyEvent) {
    model.models.shelf.key(key);
}

/// A paste into the line that is being written; whether there is one.
pub fn paste(model: &mut Model, text: &str) -> bool {
    model.models.shelf.paste(text)
}

/// A line is clicked.
pub fn choose(model: &mut Model, list: List, index: usize, twice: bool) {
    model.models.shelf.clicked(list, index, twice);
}

/// A part gets the focus.
pub fn focus(model: &mut Model, list: List) {
    model.models.shelf.detail = list == List::Facts;
}

#[cfg(test)]
mod tests;
