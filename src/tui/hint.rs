//! A key and what it does here, as the last line tells it.

use super::action::Action;
use super::canvas::Canvas;
use super::model::Model;
use super::painted::List;

/// A key and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The key as it is shown; empty where the user took it away.
    pub key: String,
    /// What it does, in a word.
    pub word: &'static str,
    /// What a click on it does.
    pub action: Action,
}

impl Hint {
    /// The key that the keymap has for an action where the focus is.
    pub fn of(model: &Model, action: Action, word: &'static str) -> Self {
        Hint { key: model.keymap.label(&model.scopes(), action), word, action }
    }

    /// A key that the keymap does not know, as the answers to a question.
    pub fn own(key: &str, action: Action, word: &'static str) -> Self {
        Hint { key: key.to_owned(), word, action }
    }

    /// The key that goes further in a list which is longer than its place.
    pub fn further(canvas: &Canvas<'_>, list: List) -> Option<Self> {
        let window = canvas.painted.lists.get(&list)?;
        let longer = window.len > usize::from(window.area.height);
        longer.then(|| Hint::own("PageDown", Action::PageDown, "further"))
    }
}
