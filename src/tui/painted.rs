//! What the last view painted where: what a click means, and how far lists are scrolled.

use std::collections::HashMap;

use ratatui::layout::{Position, Rect};

use super::action::Action;
use super::model::Tab;
use super::picture::Want;

/// Something that can be scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Named after what they list.
pub enum List {
    Queue,
    Log,
    Facts,
    NewJob,
    Options,
    Files,
    Faces,
    Watches,
    Models,
    Profiles,
    System,
    Palette,
    Help,
    Notices,
    Choices,
    Text,
}

/// What a click on something means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// Another screen.
    Tab(Tab),
    /// A line of a list.
    Row(List, usize),
    /// The same as a key.
    Action(Action),
    /// A part of a screen gets the focus, by its number there.
    Pane(usize),
    /// Only the jobs in this state.
    State(crate::jobs::State),
    /// A place within a picture that can be wiped, from its left to its right.
    Wipe,
    /// Something of a screen's own, by its number there.
    Own(usize),
}

/// What was painted where.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Painted {
    /// What a click means; the last one that fits counts.
    pub hits: Vec<(Rect, Hit)>,
    /// Where lists are, and how many lines of them are to be seen.
    pub lists: HashMap<List, Window>,
    /// The pictures that were wanted.
    pub wants: Vec<Want>,
}

/// The part of a list that is to be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Where.
    pub area: Rect,
    /// The first line.
    pub first: usize,
    /// How many there are in all.
    pub len: usize,
}

impl Painted {
    /// What a click there means, and the rectangle that it belongs to.
    pub fn hit(&self, column: u16, row: u16) -> Option<(Rect, Hit)> {
        let at = Position::new(column, row);
        self.hits.iter().rev().find(|(area, _)| area.contains(at)).copied()
    }

    /// The list under the mouse.
    pub fn list(&self, column: u16, row: u16) -> Option<List> {
        let at = Position::new(column, row);
        let mut under = self.lists.iter().filter(|(_, window)| window.area.contains(at));
        // Popups are smaller than what they lie over.
        under.by_ref().min_by_key(|(_, window)| window.area.area()).map(|(list, _)| *list)
    }

    /// How many lines of a list are to be seen; at least one.
    pub fn page(&self, list: List) -> usize {
        self.lists.get(&list).map_or(10, |window| usize::from(window.area.height)).max(1)
    }

    /// The first line of a list that is to be seen, so that the chosen one is among them, with the
    /// list moved no more than needed.
    pub fn first(&self, list: List, chosen: usize, len: usize, height: usize) -> usize {
        let before = self.lists.get(&list).map_or(0, |window| window.first);
        let most = len.saturating_sub(height);
        let first = before.min(most).min(chosen);
        first.max((chosen + 1).saturating_sub(height.max(1))).min(most.max(first.min(chosen)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrolled(first: usize) -> Painted {
        let window = Window { area: Rect::new(0, 0, 10, 5), first, len: 100 };
        Painted { lists: [(List::Queue, window)].into(), ..Painted::default() }
    }

    #[test]
    fn a_list_moves_no_more_than_needed() {
        assert_eq!(scrolled(10).first(List::Queue, 12, 100, 5), 10);
        assert_eq!(scrolled(10).first(List::Queue, 9, 100, 5), 9);
        assert_eq!(scrolled(10).first(List::Queue, 15, 100, 5), 11);
        assert_eq!(scrolled(90).first(List::Queue, 20, 22, 5), 17, "it became shorter");
        assert_eq!(scrolled(90).first(List::Queue, 0, 0, 5), 0);
        assert_eq!(scrolled(0).first(List::Queue, 99, 100, 5), 95);
    }

    #[test]
    fn what_was_painted_last_lies_on_top() {
        let mut painted = Painted::default();
        painted.hits.push((Rect::new(0, 0, 80, 24), Hit::Pane(0)));
        painted.hits.push((Rect::new(10, 10, 5, 1), Hit::Action(Action::Help)));
        assert_eq!(painted.hit(12, 10).unwrap().1, Hit::Action(Action::Help));
        assert_eq!(painted.hit(12, 11).unwrap().1, Hit::Pane(0));
        assert_eq!(painted.hit(90, 11), None);
    }
}
