//! The editor, painted.

use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, plain};
use crate::tui::options::{takes_words, text_of};
use crate::tui::sheet::{self, Sheet};
use crate::tui::theme::Role;

use super::Editor;
use crate::tui::screens::profiles::entries::{DESCRIPTION, Entry};

impl Editor {
    /// What is wrong with a key.
    fn fault(&self, key: &str) -> Option<String> {
        if let Some(writing) = self.writing.as_ref().filter(|writing| writing.key == key) {
            return writing.fault.clone();
        }
        let fault = self.check.faults.iter().find(|fault| fault.key.as_deref() == Some(key))?;
        Some(match &fault.hint {
            Some(hint) => format!("{}; {hint}", fault.message),
            None => fault.message.clone(),
        })
    }

    /// Paints it.
    pub(in super::super) fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let dot = canvas.theme().signs.dot();
        let mut title = format!("{}, built on {}", self.name, self.base);
        match self.changed.keys().filter(|key| *key != DESCRIPTION).count() {
            0 => {}
            1 => title += &format!("{dot}1 key differs"),
            n => title += &format!("{dot}{n} keys differ"),
        }
        if !self.shelf.search().is_empty() {
            title += &format!("{dot}/{}", self.shelf.search());
        }
        let mut inner = canvas.pane(area, &plain(&title), true);
        if self.shelf.typing() {
            inner = self.shelf.search_line(canvas, inner);
        }
        let all = self.entries(canvas.model);
        if all.is_empty() {
            canvas.line(inner, canvas.span(" asking what it says", Role::Muted));
            return;
        }
        let shown: Vec<&Entry<'_>> =
            all.iter().filter(|entry| self.shelf.rows.contains(&entry.option.key)).collect();
        let chosen = shown.get(self.shelf.at());
        let help = chosen
            .map(|entry| format!("{}; {}", entry.option.help, takes_words(&entry.option.takes)));
        let sheet = Sheet {
            entries: shown.iter().map(|entry| self.line(entry)).collect(),
            at: self.shelf.at(),
            writing: self.writing.as_ref().map(|writing| &writing.input),
            help: help.unwrap_or_else(|| "no key fits".to_owned()),
            note: self.note(canvas),
        };
        sheet.view(canvas, inner);
    }

    fn line(&self, entry: &Entry<'_>) -> sheet::Entry {
        let fault = self.fault(&entry.option.key);
        let role = match () {
            () if fault.is_some() => Role::Failed,
            () if entry.changed => Role::Focus,
            () if entry.by_base() => Role::Text,
            () => Role::Muted,
        };
        let note = match (entry.changed, &entry.base) {
            (true, Some(base)) => format!("not {}", text_of(base)),
            _ => String::new(),
        };
        let value = entry.text();
        sheet::Entry { title: entry.option.key.clone(), value, role, note, fault }
    }

    /// What there is to say beyond the chosen key.
    fn note(&self, canvas: &Canvas<'_>) -> Option<(String, Role)> {
        if self.sent {
            return Some(("asking the service".to_owned(), Role::Focus));
        }
        let general = self.check.faults.iter().find(|fault| fault.key.is_none());
        if let Some(fault) = general.or_else(|| self.check.faults.first()) {
            let key = fault.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
            return Some((format!("{key}{}", fault.message), Role::Failed));
        }
        if let Some(warning) = self.check.warnings.first() {
            return Some((warning.clone(), Role::Warning));
        }
        if !self.check.missing.is_empty() {
            return Some((
                format!("not here yet: {}", self.check.missing.join(", ")),
                Role::Warning,
            ));
        }
        let save = canvas.model.key(Action::Submit);
        (self.new || self.dirty()).then(|| (format!("{save} saves it"), Role::Done))
    }
}
