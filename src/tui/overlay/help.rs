//! What the keys do, made from the keymap; what is typed searches in it.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::fuzzy;
use crate::tui::input;
use crate::tui::keymap::{Keymap, Scope, label};
use crate::tui::model::Model;
use crate::tui::painted::{List, Window};
use crate::tui::theme::Role;

use super::{Flow, moved};

/// From so many columns on there are two of them.
const WIDE: u16 = 84;

/// What the keys do.
#[derive(Debug, Default)]
pub struct Help {
    input: Input,
    first: usize,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq)]
enum Entry {
    /// A blank line between two parts.
    Gap,
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

    pub(super) fn key(&mut self, model: &mut Model, key: KeyEvent) -> Flow {
        use crossterm::event::KeyCode;
        match key.code {
            KeyCode::Char('?' | 'q') if self.input.value().is_empty() => return Flow::Close,
            KeyCode::PageDown => return self.act(model, Action::PageDown),
            KeyCode::PageUp => return self.act(model, Action::PageUp),
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
            if !entries.is_empty() {
                entries.push(Entry::Gap);
            }
            entries.push(Entry::Title(scope.title()));
            let of_scope =
                keymap.bindings.iter().filter(|b| b.scope == scope && !b.keys.is_empty());
            entries.extend(of_scope.map(keys));
        }
        entries
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let inner = canvas.popup(middle(area, area.width.min(110), area.height), "Help");
        let search = Rect { height: 1, ..inner };
        input::labeled(canvas, search, " Search", &self.input, true);
        let body = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        let entries = self.entries(&canvas.model.keymap, canvas.model.tab.scope());
        let two = body.width >= WIDE && self.input.value().trim().is_empty();
        let columns = if two { halves(&entries) } else { vec![&entries[..]] };
        let rows = columns.iter().map(|column| column.len()).max().unwrap_or(0);
        let first = self.first.min(rows.saturating_sub(usize::from(body.height)));
        canvas.painted.lists.insert(List::Help, Window { area: body, first, len: rows });
        let wide = body.width / columns.len() as u16;
        for (x, column) in (body.x + 1..).step_by(usize::from(wide).max(1)).zip(columns) {
            let keys = column.iter().map(Entry::keys).max().unwrap_or(0);
            for (y, entry) in (body.y..body.bottom()).zip(column.iter().skip(first)) {
                let place = Rect { x, y, width: wide.saturating_sub(2), height: 1 };
                entry.view(canvas, place, keys);
            }
        }
    }
}

impl Entry {
    /// Cells of its keys.
    fn keys(&self) -> usize {
        match self {
            Entry::Keys(keys, _) => keys.width(),
            Entry::Title(_) | Entry::Gap => 0,
        }
    }

    fn view(&self, canvas: &mut Canvas<'_>, area: Rect, keys_wide: usize) {
        let line = match self {
            Entry::Gap => return,
            Entry::Title(title) => Line::from(Span::styled(*title, canvas.theme().heading())),
            Entry::Keys(keys, help) => Line::from(vec![
                Span::styled(format!("{keys:>keys_wide$}  "), canvas.theme().key()),
                canvas.span(help.as_str(), Role::Text),
            ]),
        };
        canvas.line(area, line);
    }
}

/// Two columns, as long as each other as far as no part is torn.
fn halves(entries: &[Entry]) -> Vec<&[Entry]> {
    let gaps = entries.iter().enumerate().filter(|(_, entry)| **entry == Entry::Gap);
    let middle = entries.len() / 2;
    match gaps.map(|(at, _)| at).min_by_key(|at| at.abs_diff(middle)) {
        Some(at) => vec![&entries[..at], &entries[at + 1..]],
        None => vec![entries],
    }
}
