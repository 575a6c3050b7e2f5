//! A line to write.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use tui_input::Input;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::theme::Role;

use super::Flow;

/// A line to write.
#[derive(Debug)]
pub struct Prompt {
    title: String,
    help: String,
    input: Input,
    done: fn(&mut Model, String),
}

impl Prompt {
    /// Asks for a line; `done` gets it.
    pub fn new(
        title: impl Into<String>,
        help: impl Into<String>,
        value: impl Into<String>,
        done: fn(&mut Model, String),
    ) -> Self {
        let input = Input::new(value.into());
        Prompt { title: title.into(), help: help.into(), input, done }
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Accept => {
                (self.done)(model, self.input.value().to_owned());
                Flow::Close
            }
            Action::Back => Flow::Close,
            _ => Flow::Stay,
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Flow {
        input::edit(&mut self.input, key);
        Flow::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        input::insert(&mut self.input, text);
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.buffer.area;
        let width = 76.min(area.width.saturating_sub(2));
        let inner = canvas.popup(middle(area, width, 4), &self.title);
        let row = |offset: u16| Rect {
            x: inner.x + 1,
            y: inner.y + offset,
            width: inner.width.saturating_sub(2),
            height: 1,
        };
        canvas.line(row(0), canvas.span(self.help.as_str(), Role::Muted));
        input::paint(canvas, row(1), &self.input, true);
    }
}
