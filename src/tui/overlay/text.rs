//! A text to read.

use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::facts::wrap;
use crate::tui::model::Model;
use crate::tui::painted::{List, Window};

use super::{Flow, moved};

/// A text to read.
#[derive(Debug)]
pub struct Text {
    title: String,
    text: String,
    first: usize,
}

impl Text {
    /// A text with a title.
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Text { title: title.into(), text: text.into(), first: 0 }
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        let window = model.painted.lists.get(&List::Text).copied().unwrap_or_default();
        let page = usize::from(window.area.height).max(1);
        let len = window.len.saturating_sub(page) + 1;
        match action {
            Action::Back | Action::Open | Action::Accept | Action::Quit => Flow::Close,
            _ => {
                self.first = moved(self.first, len, page, action).unwrap_or(self.first);
                Flow::Stay
            }
        }
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let width = canvas.wide(84);
        let lines = wrap(&self.text, usize::from(width.saturating_sub(4)));
        let len = lines.len();
        let height = (len as u16).saturating_add(2).min(area.height);
        let inner = canvas.popup(middle(area, width, height), &self.title);
        let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let first = self.first.min(len.saturating_sub(usize::from(inner.height)));
        canvas.painted.lists.insert(List::Text, Window { area: inner, first, len });
        for (y, line) in (inner.y..inner.bottom()).zip(lines.into_iter().skip(first)) {
            canvas.line(Rect { y, height: 1, ..inner }, line);
        }
    }
}
