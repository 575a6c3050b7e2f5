//! The file picker, painted.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::service::files::FileKind;
use crate::tui::canvas::{Canvas, middle, plain, tail};
use crate::tui::input;
use crate::tui::overlay::faces::face_words;
use crate::tui::painted::List;
use crate::tui::picture::Key;
use crate::tui::screens::new_job::Look;
use crate::tui::theme::Role;
use crate::tui::words::{bytes, file_name, time};

use super::Files;

/// From so many columns on, the picture stands beside the list.
const WIDE: u16 = 64;

impl Files {
    /// Paints it.
    pub fn view(&self, canvas: &mut Canvas<'_>) {
        let area = canvas.room();
        let title = match self.marked.len() {
            0 => self.title.clone(),
            n => format!("{}, {n} marked", self.title),
        };
        let inner = canvas.popup(middle(area, area.width.min(130), area.height), &title);
        let more = self.view.as_ref().is_some_and(|view| view.truncated);
        let foot = u16::from(more || self.fault.is_some());
        let rows = [
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Fill(1),
            Constraint::Length(foot),
        ];
        let [head, search, body, foot] = Layout::vertical(rows).areas(inner);
        let folder = self.view.as_ref().map_or(&self.asked, |view| &view.path);
        let cut = canvas.theme().signs.cut();
        let folder = tail(&plain(folder), usize::from(head.width).saturating_sub(1), cut);
        canvas.line(head, canvas.span(format!(" {folder}"), Role::Focus));
        input::labeled(canvas, search, " /", &self.input, true);
        let columns = [Constraint::Fill(1), Constraint::Fill(1)];
        if body.width >= WIDE {
            let [list, right] = Layout::horizontal(columns).spacing(1).areas(body);
            self.list(canvas, list);
            self.detail(canvas, right);
        } else if body.height >= 10 {
            let columns = [Constraint::Fill(1), Constraint::Length(body.height / 2)];
            let [list, below] = Layout::vertical(columns).areas(body);
            self.list(canvas, list);
            let halves = [Constraint::Fill(1), Constraint::Fill(2)];
            let [picture, words] = Layout::horizontal(halves).spacing(1).areas(below);
            self.picture(canvas, picture);
            self.words(canvas, words);
        } else {
            self.list(canvas, body);
        }
        self.foot(canvas, foot);
    }

    fn list(&self, canvas: &mut Canvas<'_>, area: Rect) {
        if self.found.is_empty() {
            let words = match (&self.view, &self.fault) {
                (None, None) => "looking",
                (None, Some(_)) => "",
                (Some(_), _) if self.input.value().is_empty() => "nothing lies here",
                (Some(_), _) => "nothing fits",
            };
            return canvas.line(area, canvas.span(format!(" {words}"), Role::Muted));
        }
        let len = self.found.len();
        canvas.list(area, List::Files, len, Some(self.chosen), true, |canvas, area, row| {
            let entry = &self.entries()[self.found[row]];
            let signs = canvas.theme().signs;
            let mark = if self.marked.contains(&entry.path) { signs.mark() } else { ' ' };
            let role = match entry.kind {
                FileKind::Folder => Role::Focus,
                kind if self.fits(kind) => Role::Text,
                _ => Role::Dim,
            };
            let slash = if entry.kind == FileKind::Folder { "/" } else { "" };
            let line = Line::from(vec![
                canvas.span(mark.to_string(), Role::Accent),
                canvas.span(format!("{}{slash}", plain(&entry.name)), role),
            ]);
            canvas.line(area, line);
        });
    }

    fn detail(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let rows = [Constraint::Fill(1), Constraint::Length((area.height / 2).clamp(2, 7))];
        let [picture, words] = Layout::vertical(rows).areas(area);
        self.picture(canvas, picture);
        self.words(canvas, words);
    }

    fn picture(&self, canvas: &mut Canvas<'_>, area: Rect) {
        if let Some(path) = self.looked_at() {
            canvas.picture(area, &Key::file(path));
        }
    }

    /// What is known of the chosen file.
    fn words(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let Some(entry) = self.entry() else { return };
        let model = canvas.model;
        let mut facts = vec![plain(file_name(&entry.path))];
        facts.extend(entry.bytes.map(bytes));
        facts.extend(entry.modified.map(|at| time(at, model.now)));
        let dot = canvas.theme().signs.dot();
        let mut lines = vec![canvas.span(facts.join(dot), Role::Text)];
        match self.looked_at().as_deref().and_then(|path| model.new_job.faces_of_photo(path)) {
            Some(Look::Asked) => lines.push(canvas.span("looking for faces", Role::Muted)),
            Some(Look::Failed(why)) => lines.push(canvas.span(plain(why), Role::Failed)),
            Some(Look::Here(view)) => {
                let (words, role) = match view.faces.len() {
                    0 => ("no face".to_owned(), Role::Warning),
                    1 => ("1 face".to_owned(), Role::Done),
                    n => (format!("{n} faces"), Role::Done),
                };
                lines.push(canvas.span(words, role));
                lines.extend(view.faces.iter().map(|f| canvas.span(face_words(f), Role::Muted)));
            }
            None => {}
        }
        for (row, line) in lines.into_iter().enumerate().take(usize::from(area.height)) {
            canvas.line(Rect { y: area.y + row as u16, height: 1, ..area }, Line::from(line));
        }
    }

    /// What is wrong, and what is not shown.
    fn foot(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let more = self.view.as_ref().is_some_and(|view| view.truncated);
        let (words, role) = match &self.fault {
            Some(fault) => (plain(fault), Role::Failed),
            None if more => {
                ("there is more than is shown; type to find it".to_owned(), Role::Muted)
            }
            None => return,
        };
        canvas.line(area, canvas.span(format!(" {words}"), role));
    }
}
