//! The first run: what is asked of the user, and then what this machine still lacks.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::safety::consent::TERMS;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::effect::Effect;
use crate::tui::facts::wrap;
use crate::tui::hint::Hint;
use crate::tui::model::Model;
use crate::tui::painted::Hit;
use crate::tui::theme::Role;

use super::Flow;

/// The first run.
#[derive(Debug, Default)]
pub struct Welcome;

impl Welcome {
    fn accept(model: &mut Model) -> Flow {
        model.effect(Effect::StartService { accept_terms: true });
        Flow::Close
    }

    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Submit => Self::accept(model),
            // Without it there is nothing that could be done here.
            Action::Back => {
                model.leaving = true;
                Flow::Stay
            }
            _ => Flow::Stay,
        }
    }

    pub(super) fn key(&mut self, model: &mut Model, key: KeyEvent) -> Flow {
        match key.code {
            KeyCode::Char('y' | 'Y') => Self::accept(model),
            KeyCode::Char('n' | 'N' | 'q') => self.act(model, Action::Back),
            _ => Flow::Stay,
        }
    }

    pub(super) fn hints() -> Vec<Hint> {
        vec![
            Hint::own("y", Action::Submit, "I accept"),
            Hint::own("n", Action::Back, "leave facedeck"),
        ]
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let width = canvas.wide(88);
        let lines = terms(usize::from(width.saturating_sub(6)));
        let height = lines.len() as u16 + 5;
        let inner = canvas.popup(middle(area, width, height), "Welcome to facedeck");
        let inner = Rect { x: inner.x + 2, width: inner.width.saturating_sub(4), ..inner };
        let answers = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        for (y, line) in (inner.y + 1..answers.y).zip(lines) {
            canvas.line(Rect { y, height: 1, ..inner }, canvas.span(line, Role::Text));
        }
        let yes = Line::from(vec![
            Span::styled("y", canvas.theme().key()),
            canvas.span(" I accept", Role::Done),
        ]);
        let no = Line::from(vec![
            Span::styled("n", canvas.theme().key()),
            canvas.span(" leave", Role::Text),
        ]);
        let at_yes = Rect { width: (yes.width() as u16).min(answers.width), ..answers };
        let x = (answers.x + 16).min(answers.right());
        let at_no = Rect { x, width: (no.width() as u16).min(answers.right() - x), ..answers };
        canvas.line(at_yes, yes);
        canvas.line(at_no, no);
        canvas.hit(at_yes, Hit::Action(Action::Submit));
        canvas.hit(at_no, Hit::Action(Action::Back));
    }
}

/// The terms in lines that are no wider than this; they were broken for a wider place.
fn terms(width: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in TERMS.trim().lines() {
        let text = line.trim();
        let begins = text.is_empty() || text.starts_with(|letter: char| letter.is_ascii_digit());
        match parts.last_mut().filter(|part| !begins && !part.is_empty()) {
            Some(part) => *part += &format!(" {text}"),
            None => parts.push(text.to_owned()),
        }
    }
    parts.iter().flat_map(|part| hanging(part, width)).collect()
}

/// A part in lines; what follows a number stands behind it.
fn hanging(part: &str, width: usize) -> Vec<String> {
    let Some((number, text)) = part.split_once(". ").filter(|(n, _)| n.parse::<u8>().is_ok())
    else {
        return if part.is_empty() { vec![String::new()] } else { wrap(part, width) };
    };
    let lines = wrap(text, width.saturating_sub(number.len() + 2)).into_iter().enumerate();
    let head = |row: usize| match row {
        0 => format!("{number}. "),
        _ => " ".repeat(number.len() + 2),
    };
    lines.map(|(row, line)| format!("{}{line}", head(row))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_are_whole_at_every_width() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for width in 30..100 {
            let lines = terms(width);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:?}");
            assert_eq!(words(&lines.join("\n")), words(TERMS), "at {width}");
        }
    }
}
