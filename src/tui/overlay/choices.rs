//! One of several, found by typing.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::fuzzy;
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::painted::List;
use crate::tui::theme::Role;

use super::{Flow, moved};

/// Notes stand in a column behind labels that are no wider than this.
const WIDEST: usize = 28;

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is given on.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// More about it.
    pub note: String,
}

impl Choice {
    /// A choice that is shown as it is.
    pub fn new(value: impl Into<String>, note: impl Into<String>) -> Self {
        let value = value.into();
        Choice { label: value.clone(), value, note: note.into() }
    }
}

/// One of several.
#[derive(Debug)]
pub struct Choices {
    title: String,
    all: Vec<Choice>,
    found: Vec<usize>,
    chosen: usize,
    input: Input,
    done: fn(&mut Model, String),
}

impl Choices {
    /// Asks for one of several; `done` gets its value. `now` is chosen at first.
    pub fn new(
        title: impl Into<String>,
        all: Vec<Choice>,
        now: &str,
        done: fn(&mut Model, String),
    ) -> Self {
        let chosen = all.iter().position(|choice| choice.value == now).unwrap_or(0);
        let found = (0..all.len()).collect();
        Choices { title: title.into(), all, found, chosen, input: Input::default(), done }
    }

    fn search(&mut self) {
        let texts = self.all.iter().map(|choice| format!("{} {}", choice.label, choice.note));
        self.found = fuzzy::search(self.input.value(), texts);
        self.chosen = 0;
    }

    fn take(&self, model: &mut Model) -> Flow {
        if let Some(&index) = self.found.get(self.chosen) {
            (self.done)(model, self.all[index].value.clone());
        }
        Flow::Close
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Accept => return self.take(model),
            Action::Back => return Flow::Close,
            _ => {}
        }
        let page = model.painted.page(List::Choices);
        self.chosen = moved(self.chosen, self.found.len(), page, action).unwrap_or(self.chosen);
        Flow::Stay
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Flow {
        if input::edit(&mut self.input, key) {
            self.search();
        }
        Flow::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        input::insert(&mut self.input, text);
        self.search();
    }

    pub(super) fn choose(&mut self, model: &mut Model, index: usize, _twice: bool) -> Flow {
        self.chosen = index;
        self.take(model)
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let width = 72.min(area.width.saturating_sub(2));
        let height = (self.all.len() as u16 + 3).min(area.height);
        let inner = canvas.popup(middle(area, width, height), &self.title);
        let search = Rect { height: 1, ..inner };
        input::labeled(canvas, search, " /", &self.input, true);
        let rest = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        if self.found.is_empty() {
            return canvas.line(rest, canvas.span(" nothing fits", Role::Muted));
        }
        let chosen = Some(self.chosen);
        let labels = self.all.iter().map(|choice| choice.label.width());
        let wide = labels.max().unwrap_or(0).min(WIDEST);
        canvas.list(rest, List::Choices, self.found.len(), chosen, true, |canvas, area, row| {
            let choice = &self.all[self.found[row]];
            let line = Line::from(vec![
                canvas.span(
                    format!(" {}{}  ", choice.label, blanks(&choice.label, wide)),
                    Role::Text,
                ),
                canvas.span(choice.note.as_str(), Role::Muted),
            ]);
            canvas.line(area, line);
        });
    }
}

/// What a label lacks to be so wide.
fn blanks(label: &str, wide: usize) -> String {
    " ".repeat(wide.saturating_sub(label.width()))
}
