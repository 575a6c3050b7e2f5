//! Every option of the profile, with its help, its value and what it takes.

use crossterm::event::KeyEvent;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Text};
use tui_input::Input;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle, plain};
use crate::tui::fuzzy;
use crate::tui::hint::Hint;
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::options::{takes_words, text_of};
use crate::tui::painted::List;
use crate::tui::screens::new_job::{self, Entry, change, entries, reset};
use crate::tui::theme::Role;

use super::{Flow, moved};

/// The options.
#[derive(Debug, Default)]
pub struct Options {
    chosen: usize,
    input: Input,
    writing: bool,
}

impl Options {
    pub(super) fn typing(&self) -> bool {
        self.writing
    }

    /// Those that fit what is searched for.
    fn found(&self, model: &Model) -> Vec<Entry> {
        let all = entries(model);
        let texts = all.iter().map(|entry| format!("{} {}", entry.option.key, entry.option.help));
        let found = fuzzy::search(self.input.value(), texts);
        let mut all: Vec<Option<Entry>> = all.into_iter().map(Some).collect();
        found.into_iter().filter_map(|index| all[index].take()).collect()
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        let found = self.found(model);
        let page = model.painted.page(List::Options);
        if let Some(chosen) = moved(self.chosen, found.len(), page, action) {
            self.chosen = chosen;
            return Flow::Stay;
        }
        match action {
            Action::Accept => self.writing = false,
            Action::Back if self.writing || !self.input.value().is_empty() => {
                self.writing = false;
                self.input.reset();
                self.chosen = 0;
            }
            Action::Back | Action::Options | Action::Quit => return Flow::Close,
            Action::Filter => self.writing = true,
            Action::Open => {
                if let Some(entry) = found.get(self.chosen) {
                    change(model, entry);
                }
            }
            Action::RemoveEntry => {
                if let Some(entry) = found.get(self.chosen) {
                    reset(model, &entry.option.key);
                }
            }
            Action::SaveProfile => new_job::ask_to_save(model),
            Action::Profile => new_job::ask_profile(model),
            _ => {}
        }
        Flow::Stay
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Flow {
        if input::edit(&mut self.input, key) {
            self.chosen = 0;
        }
        Flow::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        if self.writing {
            input::insert(&mut self.input, text);
            self.chosen = 0;
        }
    }

    pub(super) fn choose(&mut self, model: &mut Model, index: usize, twice: bool) -> Flow {
        self.chosen = index;
        if twice { self.act(model, Action::Open) } else { Flow::Stay }
    }

    pub(super) fn hints(model: &Model) -> Vec<Hint> {
        [
            (Action::Open, "change"),
            (Action::RemoveEntry, "put back"),
            (Action::Filter, "search"),
            (Action::SaveProfile, "save as profile"),
        ]
        .map(|(action, word)| Hint::of(model, action, word))
        .to_vec()
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let (width, height) = (area.width.min(110), area.height);
        let inner = canvas.popup(middle(area, width, height), "Options");
        let rows = [
            Constraint::Length(u16::from(self.writing || !self.input.value().is_empty())),
            Constraint::Fill(1),
            Constraint::Length(3),
        ];
        let [search, list, foot] = Layout::vertical(rows).areas(inner);
        if !search.is_empty() {
            input::labeled(canvas, search, " /", &self.input, self.writing);
        }
        let found = self.found(canvas.model);
        if found.is_empty() {
            let known = canvas.model.desk.capabilities.is_some();
            let words = if known { "nothing fits" } else { "the service has not told them yet" };
            canvas.line(list, canvas.span(format!(" {words}"), Role::Muted));
            return;
        }
        let chosen = self.chosen.min(found.len() - 1);
        let wide = found.iter().map(|entry| entry.option.key.len()).max().unwrap_or(0);
        canvas.list(list, List::Options, found.len(), Some(chosen), true, |canvas, area, row| {
            line(canvas, area, &found[row], wide);
        });
        about(canvas, foot, &found[chosen]);
    }
}

fn line(canvas: &mut Canvas<'_>, area: Rect, entry: &Entry, wide: usize) {
    let signs = canvas.theme().signs;
    let value = entry.value.as_ref().map_or_else(|| "not set".to_owned(), text_of);
    let (mark, role) = match (entry.changed, entry.by_profile()) {
        (true, _) => (signs.mark(), Role::Accent),
        (false, true) => (' ', Role::Focus),
        (false, false) if entry.value.is_none() => (' ', Role::Dim),
        (false, false) => (' ', Role::Text),
    };
    let mut spans = vec![
        canvas.span(format!("{mark} "), Role::Accent),
        canvas.span(format!("{:<wide$}  ", entry.option.key), Role::Muted),
    ];
    let room = 22.min(usize::from(area.width).saturating_sub(wide + 4));
    // The help beside the value, where there is room for both.
    if usize::from(area.width) > wide + room + 24 {
        let value = crate::tui::canvas::fit(&plain(&value), room).to_owned();
        spans.push(canvas.span(format!("{value:<room$}  "), role));
        spans.push(canvas.span(entry.option.help.clone(), Role::Muted));
    } else {
        spans.push(canvas.span(plain(&value), role));
    }
    canvas.line(area, Line::from(spans));
}

/// All about the chosen one.
fn about(canvas: &mut Canvas<'_>, area: Rect, entry: &Entry) {
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let text =
        |value: &Option<serde_json::Value>| value.as_ref().map_or("not set".to_owned(), text_of);
    let option = &entry.option;
    let mut values = format!("default {}", text(&option.default));
    if entry.by_profile() {
        values.push_str(&format!(", in the profile {}", text(&entry.profile)));
    }
    if entry.changed {
        values.push_str(&format!(", here {}", text(&entry.value)));
    }
    let takes = takes_words(&option.takes);
    let lines = vec![
        Line::from(canvas.span(option.help.clone(), Role::Text)),
        Line::from(canvas.span(plain(&values), Role::Muted)),
        Line::from(canvas.span(plain(&takes), Role::Muted)),
    ];
    canvas.text(area, Text::from(lines));
}
