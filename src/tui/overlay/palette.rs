//! Every command by its name, found by a few letters.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::fuzzy;
use crate::tui::input;
use crate::tui::keymap::{Binding, Scope, label};
use crate::tui::model::Model;
use crate::tui::painted::List;
use crate::tui::theme::Role;
use crate::tui::update;

use super::{Flow, moved};

/// The command palette.
#[derive(Debug)]
pub struct Palette {
    input: Input,
    all: Vec<Binding>,
    found: Vec<usize>,
    chosen: usize,
}

impl Palette {
    /// What can be done on the screen that is shown, and everywhere.
    pub fn new(model: &Model) -> Self {
        let scopes = [model.tab.scope(), Scope::Global];
        let of = |scope| model.keymap.bindings.iter().filter(move |b| b.scope == scope);
        let all: Vec<Binding> = scopes
            .into_iter()
            .flat_map(of)
            .filter(|binding| !matches!(binding.action, Action::Palette | Action::Back))
            .cloned()
            .collect();
        let found = (0..all.len()).collect();
        Palette { input: Input::default(), all, found, chosen: 0 }
    }

    fn search(&mut self) {
        let texts = self.all.iter().map(|binding| binding.help.clone());
        self.found = fuzzy::search(self.input.value(), texts);
        self.chosen = 0;
    }

    fn take(&self, model: &mut Model) -> Flow {
        if let Some(&index) = self.found.get(self.chosen) {
            // The palette is off the stack already: it means what it means on the screen.
            update::act(model, self.all[index].action);
        }
        Flow::Close
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Accept => return self.take(model),
            Action::Back => return Flow::Close,
            _ => {}
        }
        let page = model.painted.page(List::Palette);
        self.chosen = moved(self.chosen, self.found.len(), page, action).unwrap_or(self.chosen);
        Flow::Stay
    }

    pub(super) fn key(&mut self, _: &mut Model, key: KeyEvent) -> Flow {
        if input::edit(&mut self.input, key) {
            self.search();
        }
        Flow::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        input::insert(&mut self.input, text);
        self.search();
    }

    pub(super) fn choose(&mut self, model: &mut Model, index: usize) -> Flow {
        self.chosen = index;
        self.take(model)
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let width = 60.min(area.width.saturating_sub(2));
        let height = 18.min(area.height);
        let inner = canvas.popup(middle(area, width, height), "What shall be done?");
        input::labeled(canvas, Rect { height: 1, ..inner }, " :", &self.input, true);
        let rest = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        let chosen = Some(self.chosen);
        canvas.list(rest, List::Palette, self.found.len(), chosen, true, |canvas, area, row| {
            let binding = &self.all[self.found[row]];
            canvas.line(area, canvas.span(format!(" {}", binding.help), Role::Text));
            let key = binding.keys.first().map(label).unwrap_or_default();
            let wide = key.chars().count() as u16 + 1;
            if area.width > wide {
                let at = Rect { x: area.right() - wide, width: wide, ..area };
                canvas.line(at, Line::from(Span::styled(key, canvas.theme().key())));
            }
        });
    }
}
