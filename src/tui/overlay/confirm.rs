//! A question before something is lost. The more is lost, the less likely a slip of the finger says
//! yes.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle, plain};
use crate::tui::effect::Effect;
use crate::tui::facts::wrap;
use crate::tui::hint::Hint;
use crate::tui::model::Model;
use crate::tui::painted::{Hit, List, Window};
use crate::tui::theme::Role;

use super::{Flow, moved};

/// What a yes may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
    /// Little: Enter says yes.
    Low,
    /// Work is lost: only y says yes, Enter says no.
    High,
}

/// A question.
#[derive(Debug)]
pub struct Confirm {
    title: String,
    text: String,
    danger: Danger,
    effects: Vec<Effect>,
    then: Option<fn(&mut Model)>,
    /// The first line that is to be seen of a long text.
    first: usize,
}

impl Confirm {
    /// A question; on a yes the effects are done.
    pub fn new(title: impl Into<String>, text: impl Into<String>, danger: Danger) -> Self {
        let (title, text) = (title.into(), text.into());
        Confirm { title, text, danger, effects: Vec::new(), then: None, first: 0 }
    }

    /// What is done on a yes.
    #[must_use]
    pub fn effects(mut self, effects: Vec<Effect>) -> Self {
        self.effects = effects;
        self
    }

    /// What is done to the state on a yes.
    #[must_use]
    pub fn then(mut self, then: fn(&mut Model)) -> Self {
        self.then = Some(then);
        self
    }

    fn yes(&mut self, model: &mut Model) -> Flow {
        model.effects.append(&mut self.effects);
        if let Some(then) = self.then {
            then(model);
        }
        Flow::Close
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match (action, self.danger) {
            (Action::Accept, Danger::Low) => self.yes(model),
            (Action::Accept | Action::Back, _) => Flow::Close,
            // A click on the word.
            (Action::Submit, _) => self.yes(model),
            _ => self.scroll(model, action),
        }
    }

    pub(super) fn key(&mut self, model: &mut Model, key: KeyEvent) -> Flow {
        match key.code {
            KeyCode::Char('y' | 'Y') => self.yes(model),
            KeyCode::Char('n' | 'N' | 'q') => Flow::Close,
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll(model, Action::PageDown),
            KeyCode::PageUp => self.scroll(model, Action::PageUp),
            KeyCode::Char('j') => self.scroll(model, Action::Down),
            KeyCode::Char('k') => self.scroll(model, Action::Up),
            _ => Flow::Stay,
        }
    }

    /// Moves a text that is longer than its place.
    fn scroll(&mut self, model: &Model, action: Action) -> Flow {
        let window = model.painted.lists.get(&List::Text).copied().unwrap_or_default();
        let page = usize::from(window.area.height).max(1);
        let len = window.len.saturating_sub(page) + 1;
        self.first = moved(self.first, len, page, action).unwrap_or(self.first);
        Flow::Stay
    }

    /// Its answers, and only those: Enter is none where work would be lost.
    pub(super) fn hints(&self, canvas: &Canvas<'_>) -> Vec<Hint> {
        let yes = match self.danger {
            Danger::Low => Hint::of(canvas.model, Action::Accept, "yes"),
            Danger::High => Hint::own("y", Action::Submit, "yes"),
        };
        let further = Hint::further(canvas, List::Text);
        let no = Hint::own("n", Action::Back, "no");
        std::iter::once(yes).chain(further).chain([no]).collect()
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let width = canvas.wide(72);
        let lines = wrap(&plain_lines(&self.text), usize::from(width.saturating_sub(4)).max(1));
        let height = (lines.len() + 4).min(usize::from(area.height)) as u16;
        let inner = canvas.popup(middle(area, width, height), &self.title);
        let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let body = Rect { height: text.height.saturating_sub(2), ..text };
        let len = lines.len();
        let first = self.first.min(len.saturating_sub(usize::from(body.height)));
        canvas.painted.lists.insert(List::Text, Window { area: body, first, len });
        for (y, line) in (body.y..body.bottom()).zip(lines.into_iter().skip(first)) {
            canvas.line(Rect { y, height: 1, ..body }, line);
        }
        if len > usize::from(body.height) {
            let place = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..text };
            let last = (first + usize::from(body.height)).min(len);
            let word = format!("line {last} of {len}");
            canvas.line(place, Line::from(canvas.span(word, Role::Muted)).right_aligned());
        }
        let answers = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..text };
        let role = if self.danger == Danger::High { Role::Failed } else { Role::Done };
        let yes = Line::from(vec![
            ratatui::text::Span::styled("y", canvas.theme().key()),
            canvas.span(" yes", role),
        ]);
        let no = Line::from(vec![
            ratatui::text::Span::styled("n", canvas.theme().key()),
            canvas.span(" no", Role::Text),
        ]);
        let place = |x: u16, line: &Line<'_>| Rect {
            x: answers.x + x,
            width: line.width() as u16,
            ..answers
        };
        let (at_yes, at_no) = (place(0, &yes), place(9, &no));
        canvas.line(at_yes, yes);
        canvas.line(at_no, no);
        canvas.hit(at_yes, Hit::Action(Action::Submit));
        canvas.hit(at_no, Hit::Action(Action::Back));
    }
}

/// Line by line without what a terminal would act upon: names of files are told in questions.
fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}
