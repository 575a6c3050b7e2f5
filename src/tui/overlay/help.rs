//! What the keys do, made from the keymap; what is typed searches in it.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::fuzzy;
use crate::tui::input;
use crate::tui::keymap::{Keymap, Scope, label};
use crate::tui::model::Model;
use crate::tui::painted::{List, Window};
use crate::tui::theme::Role;

use super::{Flow, moved};

/// From so many columns on the keys stand in two columns.
const TWO_COLUMNS: u16 = 108;

/// What the keys do.
#[derive(Debug, Default)]
pub struct Help {
    input: Input,
    first: usize,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq)]
enum Entry {
    Title(&'static str),
    Keys(String, String),
}

impl Help {
    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Back | Action::Accept => return Flow::Close,
            _ => {}
        }
        let window = model.painted.lists.get(&List::Help).copied().unwrap_or_default();
        let page = usize::from(window.area.height).max(1);
        let len = window.len.saturating_sub(page) + 1;
        self.first = moved(self.first, len, page, action).unwrap_or(self.first);
        Flow::Stay
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Flow {
        use crossterm::event::KeyCode;
        match key.code {
            KeyCode::Char('?' | 'q') if self.input.value().is_empty() => return Flow::Close,
            KeyCode::PageDown => self.first += 10,
            KeyCode::PageUp => self.first = self.first.saturating_sub(10),
            _ => {
                if input::edit(&mut self.input, key) {
                    self.first = 0;
                }
            }
        }
        Flow::Stay
    }

    /// The lines: parts with their keys, or what fits to what is typed.
    fn entries(&self, keymap: &Keymap, here: Scope) -> Vec<Entry> {
        let keys = |binding: &crate::tui::keymap::Binding| {
            let keys: Vec<String> = binding.keys.iter().map(label).collect();
            Entry::Keys(keys.join(", "), binding.help.clone())
        };
        if !self.input.value().trim().is_empty() {
            let all: Vec<_> = keymap.bindings.iter().filter(|b| !b.keys.is_empty()).collect();
            let texts = all.iter().map(|b| {
                let keys: Vec<String> = b.keys.iter().map(label).collect();
                format!("{} {} {}", keys.join(" "), b.help, b.scope.title())
            });
            let found = fuzzy::search(self.input.value(), texts);
            return found
                .into_iter()
                .map(|index| {
                    let binding = all[index];
                    let Entry::Keys(keys, help) = keys(binding) else { unreachable!() };
                    Entry::Keys(keys, format!("{help} ({})", binding.scope.title()))
                })
                .collect();
        }
        // What can be done here comes first.
        let scopes = std::iter::once(here).chain(Scope::ALL.into_iter().filter(|s| *s != here));
        let mut entries = Vec::new();
        for scope in scopes {
            entries.push(Entry::Title(scope.title()));
            let of_scope =
                keymap.bindings.iter().filter(|b| b.scope == scope && !b.keys.is_empty());
            entries.extend(of_scope.map(keys));
        }
        entries
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.buffer.area;
        let (width, height) = (area.width.saturating_sub(4), area.height.saturating_sub(2));
        let inner = canvas.popup(middle(area, width.min(140), height), "Help");
        let search = Rect { height: 1, ..inner };
        input::labeled(canvas, search, " Search", &self.input, true);
        let body = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        let entries = self.entries(&canvas.model.keymap, canvas.model.tab.scope());
        let columns = if body.width >= TWO_COLUMNS { 2 } else { 1 };
        let height = usize::from(body.height).max(1);
        // What leaves the second column above goes on at the end of the first one.
        let len = entries.len().saturating_sub((columns - 1) * height);
        let first = self.first.min(len.saturating_sub(height));
        canvas.painted.lists.insert(List::Help, Window { area: body, first, len });
        let wide = body.width / columns as u16;
        for (index, entry) in entries.iter().skip(first).take(columns * height).enumerate() {
            let (column, y) = (index / height, index % height);
            let place = Rect {
                x: body.x + 1 + column as u16 * wide,
                y: body.y + y as u16,
                width: wide.saturating_sub(2),
                height: 1,
            };
            let line = match entry {
                Entry::Title(title) => Line::from(Span::styled(*title, canvas.theme().heading())),
                Entry::Keys(keys, help) => Line::from(vec![
                    Span::styled(format!("{keys:>20}  "), canvas.theme().key()),
                    canvas.span(help.as_str(), Role::Text),
                ]),
            };
            canvas.line(place, line);
        }
    }
}
