//! What was said, the latest first.

use ratatui::text::Line;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, middle, plain};
use crate::tui::hint::Hint;
use crate::tui::model::Model;
use crate::tui::painted::List;
use crate::tui::theme::Role;

use super::{Flow, moved};

/// What was said.
#[derive(Debug, Default)]
pub struct Notices {
    chosen: usize,
}

impl Notices {
    pub(super) fn act(&mut self, model: &mut Model, action: Action) -> Flow {
        match action {
            Action::Back | Action::Notices | Action::Quit => return Flow::Close,
            // The whole of a long one.
            Action::Open => {
                if let Some(toast) = model.toasts.history().nth(self.chosen) {
                    let text = super::Text::new("Said", plain(&toast.text));
                    model.overlays.push(super::Overlay::Text(text));
                }
            }
            _ => {
                let (len, page) = (model.toasts.history().len(), model.painted.page(List::Notices));
                self.chosen = moved(self.chosen, len, page, action).unwrap_or(self.chosen);
            }
        }
        Flow::Stay
    }

    pub(super) fn hints(&self, model: &Model) -> Vec<Hint> {
        let some = model.toasts.history().len() > 0;
        Vec::from_iter(some.then(|| Hint::of(model, Action::Open, "all of it")))
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let model = canvas.model;
        let toasts: Vec<_> = model.toasts.history().collect();
        let width = 100.min(area.width.saturating_sub(4));
        let height = (toasts.len().max(1) as u16 + 2).min(area.height);
        let inner = canvas.popup(middle(area, width, height), "Said so far");
        if toasts.is_empty() {
            canvas.line(inner, canvas.span(" nothing yet", Role::Muted));
        }
        let chosen = Some(self.chosen);
        canvas.list(inner, List::Notices, toasts.len(), chosen, true, |canvas, area, row| {
            let toast = toasts[row];
            let at = toast.at.to_zoned_datetime(crate::tui::words::zone()).strftime("%H:%M:%S");
            let line = Line::from(vec![
                canvas.span(format!(" {at}  "), Role::Muted),
                canvas.span(plain(&toast.text), toast.tone.role()),
            ]);
            canvas.line(area, line);
        });
    }
}
