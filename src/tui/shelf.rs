//! A list of things with names, a search in it, and what there is to know of the chosen one beside
//! it. Hot folders, models and profiles are shown so.

use crossterm::event::KeyEvent;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use tui_input::Input;

use super::action::Action;
use super::canvas::{Canvas, plain};
use super::input;
use super::overlay::moved;
use super::painted::{List, Painted};
use super::theme::Role;

/// From so many columns on, what there is to know stands to the right of the list.
const WIDE: u16 = 110;
/// With fewer columns or rows there is room for the list alone.
const LEAST: (u16, u16) = (72, 18);

/// A list of things with names.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The names that fit the search, in their order.
    pub rows: Vec<String>,
    /// The name of the chosen one: it stays chosen when others come and go.
    chosen: Option<String>,
    /// The name of one that is yet to come and is to be chosen then.
    awaited: Option<String>,
    /// Its line.
    at: usize,
    /// Only what holds this.
    filter: Input,
    /// The search is being written.
    writing: bool,
    /// What there is to know has the focus.
    pub detail: bool,
    /// The line there.
    pub detail_at: usize,
}

impl Shelf {
    /// Whether the search is being written.
    pub fn typing(&self) -> bool {
        self.writing
    }

    /// The name of the chosen one.
    pub fn chosen(&self) -> Option<&str> {
        self.rows.get(self.at).map(String::as_str)
    }

    /// The line of the chosen one.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is searched; empty where nothing is.
    pub fn search(&self) -> &str {
        self.filter.value().trim()
    }

    /// Chooses a line.
    pub fn choose(&mut self, at: usize) {
        self.at = at.min(self.rows.len().saturating_sub(1));
        let now = self.rows.get(self.at).cloned();
        if now != self.chosen {
            self.detail_at = 0;
        }
        self.chosen = now;
        self.awaited = None;
    }

    /// Chooses by name; it may be one that is yet to come.
    pub fn choose_name(&mut self, name: &str) {
        match self.rows.iter().position(|row| row == name) {
            Some(at) => self.choose(at),
            None => self.awaited = Some(name.to_owned()),
        }
    }

    /// Makes the rows again, from names with all that can be searched in.
    pub fn fit<'n>(&mut self, all: impl Iterator<Item = (&'n str, String)>) {
        let typed = self.search().to_lowercase();
        self.rows = all
            .filter(|(_, text)| typed.is_empty() || text.to_lowercase().contains(&typed))
            .map(|(name, _)| name.to_owned())
            .collect();
        let place = |name: &String| self.rows.iter().position(|row| row == name);
        if let Some(at) = self.awaited.as_ref().and_then(place) {
            self.choose(at);
        } else if let Some(at) = self.chosen.as_ref().and_then(place) {
            self.at = at;
        } else {
            let awaited = self.awaited.take();
            self.choose(self.at);
            self.awaited = awaited;
        }
    }

    /// Does what an action asks for; whether it means something here.
    pub fn act(&mut self, action: Action, painted: &Painted, list: List) -> bool {
        if self.writing {
            return self.write(action);
        }
        if self.detail {
            let window = painted.lists.get(&List::Facts).copied().unwrap_or_default();
            let page = usize::from(window.area.height).max(1);
            if let Some(at) = moved(self.detail_at, window.len, page, action) {
                self.detail_at = at;
                return true;
            }
        } else if let Some(at) = moved(self.at, self.rows.len(), painted.page(list), action) {
            self.choose(at);
            return true;
        }
        match action {
            Action::NextPane | Action::PreviousPane => self.detail = !self.detail,
            Action::Open | Action::Right => self.detail = true,
            Action::Left => self.detail = false,
            Action::Filter => {
                self.detail = false;
                self.writing = true;
            }
            Action::Back if self.detail => self.detail = false,
            Action::Back if !self.search().is_empty() => self.filter.reset(),
            _ => return false,
        }
        true
    }

    fn write(&mut self, action: Action) -> bool {
        match action {
            Action::Accept => self.writing = false,
            Action::Back => {
                self.writing = false;
                self.filter.reset();
            }
            // The list moves while the search is written.
            Action::Up => self.choose(self.at.saturating_sub(1)),
            Action::Down => self.choose(self.at + 1),
            _ => return false,
        }
        true
    }

    /// A letter of the search.
    pub fn key(&mut self, key: KeyEvent) {
        input::edit(&mut self.filter, key);
    }

    /// A paste into the search; whether it is being written.
    pub fn paste(&mut self, text: &str) -> bool {
        if self.writing {
            input::insert(&mut self.filter, text);
        }
        self.writing
    }

    /// A line is clicked.
    pub fn clicked(&mut self, clicked: List, index: usize, twice: bool) {
        if clicked == List::Facts {
            self.detail = true;
            self.detail_at = index;
            return;
        }
        self.choose(index);
        self.detail = twice;
    }

    /// Where the list and where what there is to know go: beside each other, beneath each other,
    /// or only the one of them with the focus.
    pub fn panes(&self, area: Rect) -> (Option<Rect>, Option<Rect>) {
        match () {
            () if area.width >= WIDE => {
                let halves = [Constraint::Fill(6), Constraint::Fill(5)];
                let [list, detail] = Layout::horizontal(halves).areas(area);
                (Some(list), Some(detail))
            }
            () if area.width >= LEAST.0 && area.height >= LEAST.1 => {
                let halves = [Constraint::Fill(1), Constraint::Length(area.height / 2)];
                let [list, detail] = Layout::vertical(halves).areas(area);
                (Some(list), Some(detail))
            }
            () if self.detail => (None, Some(area)),
            () => (Some(area), None),
        }
    }

    /// Paints the search at the top of an area; gives what is left of it.
    pub fn search_line(&self, canvas: &mut Canvas<'_>, area: Rect) -> Rect {
        let line = Rect { height: area.height.min(1), ..area };
        input::labeled(canvas, line, "/", &self.filter, true);
        Rect { y: area.y + line.height, height: area.height - line.height, ..area }
    }

    /// Paints the list with its lines; what is said where it is empty.
    pub fn view(
        &self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        (list, title): (List, &str),
        empty: Vec<Line<'_>>,
        row: impl FnMut(&mut Canvas<'_>, Rect, usize),
    ) {
        let dot = canvas.theme().signs.dot();
        let title = match self.search() {
            "" => title.to_owned(),
            search => format!("{title}{dot}/{}", plain(search)),
        };
        let mut inner = canvas.pane(area, &title, !self.detail);
        if self.writing {
            inner = self.search_line(canvas, inner);
        }
        if self.rows.is_empty() {
            let none = vec![Line::from(canvas.span("nothing fits", Role::Muted))];
            return centered(canvas, inner, if self.search().is_empty() { empty } else { none });
        }
        canvas.list(inner, list, self.rows.len(), Some(self.at), !self.detail, row);
    }
}

/// Lines in the middle of an area.
pub fn centered(canvas: &mut Canvas<'_>, area: Rect, lines: Vec<Line<'_>>) {
    let top = area.y + area.height.saturating_sub(lines.len() as u16) / 2;
    for (y, line) in (top..area.bottom()).zip(lines) {
        canvas.line(Rect { y, height: 1, ..area }, line.centered());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(names: &[&'static str]) -> Shelf {
        let mut shelf = Shelf::default();
        shelf.fit(names.iter().map(|name| (*name, (*name).to_owned())));
        shelf
    }

    #[test]
    fn the_chosen_one_stays_chosen_when_others_come_and_go() {
        let mut shelf = shelf(&["a", "b", "c"]);
        shelf.choose(1);
        shelf.fit(["b", "c"].iter().map(|name| (*name, (*name).to_owned())));
        assert_eq!(shelf.chosen(), Some("b"));
        shelf.fit(["x", "c"].iter().map(|name| (*name, (*name).to_owned())));
        assert_eq!(shelf.chosen(), Some("x"));
        shelf.choose_name("later");
        shelf.fit(["x", "c"].iter().map(|name| (*name, (*name).to_owned())));
        shelf.fit(["c", "later"].iter().map(|name| (*name, (*name).to_owned())));
        assert_eq!(shelf.chosen(), Some("later"));
    }

    #[test]
    fn back_leaves_one_thing_after_the_other() {
        let painted = Painted::default();
        let mut shelf = shelf(&["a", "b"]);
        assert!(shelf.act(Action::Filter, &painted, List::Models) && shelf.typing());
        assert!(shelf.paste("b"));
        assert!(shelf.act(Action::Accept, &painted, List::Models) && !shelf.typing());
        assert!(shelf.act(Action::Open, &painted, List::Models) && shelf.detail);
        assert!(shelf.act(Action::Back, &painted, List::Models) && !shelf.detail);
        assert!(shelf.act(Action::Back, &painted, List::Models) && shelf.search().is_empty());
        assert!(!shelf.act(Action::Back, &painted, List::Models));
    }
}
