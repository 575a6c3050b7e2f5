//! The first run: what is asked of the user, and then what this machine still lacks.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::safety::consent::TERMS;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle};
use crate::tui::effect::Effect;
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

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.buffer.area;
        let width = 88.min(area.width.saturating_sub(2));
        let height = 18.min(area.height);
        let inner = canvas.popup(middle(area, width, height), "Welcome to facedeck");
        let inner = Rect { x: inner.x + 2, width: inner.width.saturating_sub(4), ..inner };
        let body = Rect { y: inner.y + 1, height: inner.height.saturating_sub(3), ..inner };
        canvas.text(body, TERMS.trim());
        let answers = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
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
