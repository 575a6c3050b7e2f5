//! The form, painted.

use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, plain};
use crate::tui::sheet::{Entry, Sheet};
use crate::tui::theme::Role;

use super::super::field::Field;
use super::Form;

impl Form {
    /// Paints it.
    pub(in super::super) fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let title = match self.old {
            true => format!(
                "{}, {}",
                plain(&self.watch.name),
                plain(&self.watch.folder.display().to_string())
            ),
            false => "A new hot folder".to_owned(),
        };
        let inner = canvas.pane(area, &title, true);
        let fields = self.fields();
        let entry = |field: &Field| {
            let value = field.text(&self.watch);
            let fault = self.fault(*field);
            let (value, role) = match (value.is_empty(), &fault) {
                (_, Some(_)) => (value, Role::Failed),
                (true, None) => (field.unset().to_owned(), Role::Dim),
                (false, None) => (value, Role::Text),
            };
            let note = field.note(&self.watch).to_owned();
            Entry { title: field.title().to_owned(), value, role, note, fault }
        };
        let sheet = Sheet {
            entries: fields.iter().map(entry).collect(),
            at: self.at.min(fields.len() - 1),
            writing: self.writing.as_ref().map(|writing| &writing.input),
            help: self.field().help().to_owned(),
            note: self.note(canvas),
        };
        sheet.view(canvas, inner);
    }

    fn note(&self, canvas: &Canvas<'_>) -> Option<(String, Role)> {
        let model = canvas.model;
        if self.sent {
            return Some(("asking the service".to_owned(), Role::Focus));
        }
        if !self.watch.faults().is_empty() {
            return None;
        }
        let (save, rehearse) = (model.key(Action::Submit), model.key(Action::Rehearse));
        let does = if self.old { "saves it" } else { "adds it" };
        Some((format!("{save} {does}, {rehearse} shows what it would do"), Role::Done))
    }
}
