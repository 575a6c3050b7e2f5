//! The form, painted.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, plain, tail};
use crate::tui::input;
use crate::tui::model::Model;
use crate::tui::options::text_of;
use crate::tui::painted::List;
use crate::tui::theme::Role;
use crate::tui::words::file_name;

use super::verdict::{Verdict, verdict};
use super::{Field, pictures, profile};

/// From so many columns on, pictures stand to the right of the form.
const WIDE: u16 = 70;
/// Columns of the names of the fields.
const LABEL: u16 = 9;
/// Lines of a note at most.
const NOTE: usize = 3;

/// A line of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A field.
    Field(Field),
    /// What there is to say about a field.
    Note(Field, String, Role),
}

impl Row {
    /// What the line is about.
    pub fn field(&self) -> Field {
        match self {
            Row::Field(field) | Row::Note(field, ..) => *field,
        }
    }
}

/// Paints it.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let (form, right) = if area.width >= WIDE {
        let shares = [Constraint::Fill(11), Constraint::Fill(9)];
        let [form, right] = Layout::horizontal(shares).areas(area);
        (form, Some(right))
    } else {
        (area, None)
    };
    let inner = canvas.pane(form, "New job", true);
    fields(canvas, inner);
    if let Some(right) = right {
        pictures::view(canvas, right);
    }
}

/// The lines of the form.
pub fn rows(model: &Model, width: u16) -> Vec<Row> {
    let room = usize::from(width.saturating_sub(LABEL + 4)).max(8);
    let mut rows = Vec::new();
    for field in model.new_job.fields() {
        rows.push(Row::Field(field));
        let verdict = verdict(model, field);
        let difference = match (field, &verdict) {
            (Field::Profile, Verdict::Nothing) => profile::difference(model),
            _ => None,
        };
        let note = verdict.words().map(|(text, role)| (text.to_owned(), role));
        let note = note.or_else(|| difference.map(|text| (text, Role::Muted)));
        if let Some((text, role)) = note {
            let lines = wrapped(&plain(&text), room, NOTE, model.theme.signs.cut());
            rows.extend(lines.into_iter().map(|line| Row::Note(field, line, role)));
        }
    }
    rows
}

fn fields(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let rows = rows(model, area.width);
    let at = rows.iter().position(|row| *row == Row::Field(model.new_job.at));
    canvas.list(area, List::NewJob, rows.len(), at, true, |canvas, area, index| {
        match &rows[index] {
            Row::Field(field) => paint(canvas, area, *field),
            Row::Note(_, text, role) => {
                let x = area.x + LABEL + 1;
                let place = Rect { x, width: area.right().saturating_sub(x), ..area };
                canvas.line(place, canvas.span(format!("  {text}"), *role));
            }
        }
    });
}

fn paint(canvas: &mut Canvas<'_>, area: Rect, field: Field) {
    let model = canvas.model;
    let form = &model.new_job;
    let label = format!(" {:<8} ", field.label());
    canvas.line(area, canvas.span(label, Role::Muted));
    let x = area.x + LABEL + 1;
    let place = Rect { x, width: area.right().saturating_sub(x), ..area };
    if form.at == field
        && let Some(editing) = &form.editing
    {
        return input::paint(canvas, place, &editing.input, true);
    }
    let room = usize::from(place.width);
    let line = value(canvas, field, room);
    canvas.line(place, line);
}

/// What a field holds.
fn value<'t>(canvas: &Canvas<'t>, field: Field, room: usize) -> Line<'t> {
    let model = canvas.model;
    let form = &model.new_job;
    let signs = model.theme.signs;
    if let Some(text) = form.text(field).filter(|text| !text.is_empty()) {
        let text = tail(&plain(text), room, signs.cut());
        return Line::from(canvas.span(text, Role::Text));
    }
    let key = |action| Span::styled(model.key(action), canvas.theme().key());
    let muted = |text: &str| canvas.span(text.to_owned(), Role::Muted);
    let text = |text: String| canvas.span(text, Role::Text);
    match field {
        Field::Source(0) => Line::from(vec![
            muted("a photo of the face: "),
            key(Action::PickFile),
            muted(", or drop it here"),
        ]),
        Field::Source(_) => Line::from(muted("one more photo")),
        Field::Target(_) => Line::from(vec![
            muted("a picture or a video: "),
            key(Action::PickFile),
            muted(", or drop it here"),
        ]),
        Field::Output => Line::from(muted("beside the target")),
        Field::Profile => Line::from(vec![
            text(plain(&form.profile)),
            muted("  "),
            key(Action::Profile),
            muted(" another one"),
        ]),
        Field::Options => match form.settings.len() {
            0 => Line::from(vec![
                muted("as the profile says; "),
                key(Action::Options),
                muted(" shows all"),
            ]),
            _ => {
                let said =
                    form.settings.iter().map(|(key, value)| format!("{key} {}", text_of(value)));
                Line::from(text(plain(&said.collect::<Vec<_>>().join(", "))))
            }
        },
        Field::People => match form.people.as_slice() {
            [] => Line::from(vec![
                muted("as the profile says; "),
                key(Action::Faces),
                muted(" shows who is there"),
            ]),
            people => {
                let said = people.iter().map(|person| {
                    let faces: Vec<&str> =
                        person.faces.iter().map(|path| file_name(path)).collect();
                    format!("frame {} {} {}", person.cut.frame, signs.arrow(), faces.join(", "))
                });
                let words = said.collect::<Vec<_>>().join("; ");
                Line::from(text(plain(&format!("{}: {words}", people.len()))))
            }
        },
        Field::Name => Line::from(muted("as the target is called")),
        Field::Hold => ticked(canvas, form.hold, "it waits until somebody resumes it"),
        Field::Overwrite => ticked(canvas, form.overwrite, "what exists is replaced"),
        Field::Start => {
            let words = match form.targets.len() {
                0 | 1 => "Start it".to_owned(),
                n => format!("Start {n} jobs"),
            };
            let button = Span::styled(format!("[ {words} ]"), canvas.theme().heading());
            Line::from(vec![button, muted("  "), key(Action::Submit)])
        }
        Field::Priority => Line::default(),
    }
}

fn ticked<'t>(canvas: &Canvas<'t>, on: bool, words: &'static str) -> Line<'t> {
    let role = if on { Role::Text } else { Role::Muted };
    let check = canvas.theme().signs.check(on);
    Line::from(vec![canvas.span(check, role), canvas.span(format!(" {words}"), role)])
}

/// A text in lines no wider than so many cells, broken between words; what is beyond the last line
/// is cut.
pub fn wrapped(text: &str, width: usize, most: usize, sign: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let fits = lines.last().is_some_and(|line| line.width() + 1 + word.width() <= width);
        match lines.last_mut() {
            Some(line) if fits => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let room = width.saturating_sub(sign.width() + 1);
            *last = format!("{} {sign}", crate::tui::canvas::fit(last, room).trim_end());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_broken_between_words() {
        assert_eq!(wrapped("no face is found", 8, 9, "…"), ["no face", "is found"]);
        assert_eq!(wrapped("no face is found in it", 8, 2, "…"), ["no face", "is fou …"]);
        assert_eq!(wrapped("/a/very/long/path", 8, 2, "…"), ["/a/very/long/path"]);
        assert!(wrapped("", 8, 2, "…").is_empty());
    }
}
