//! A form: lines with what they are called and their values, one of which may be typed in, and below
//! them what the chosen one is for and what is wrong with it.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use crate::jobs::State;

use super::canvas::{Canvas, fit, plain};
use super::facts::wrap;
use super::input;
use super::painted::List;
use super::theme::Role;

/// The widest title.
const WIDEST: usize = 28;
/// With fewer rows there is no room for more than the lines.
const LEAST: u16 = 7;

/// A line of a form.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is called.
    pub title: String,
    /// Its value.
    pub value: String,
    /// The color of the value.
    pub role: Role,
    /// More about it, behind the value.
    pub note: String,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// A form as it is painted.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// Its lines.
    pub entries: Vec<Entry>,
    /// The chosen line.
    pub at: usize,
    /// What is typed in the chosen line, while it is.
    pub writing: Option<&'a Input>,
    /// What the chosen line is for.
    pub help: String,
    /// What there is to say beyond the chosen line.
    pub note: Option<(String, Role)>,
}

impl Sheet<'_> {
    /// Paints it.
    pub fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let below = self.below(canvas, usize::from(area.width).saturating_sub(3));
        let low = if area.height < LEAST { 0 } else { (below.len() as u16).min(area.height / 2) };
        let list = Rect { height: area.height - low, ..area };
        let wide =
            self.entries.iter().map(|entry| entry.title.width()).max().unwrap_or(0).min(WIDEST);
        canvas.list(
            list,
            List::Options,
            self.entries.len(),
            Some(self.at),
            true,
            |canvas, area, at| {
                self.line(canvas, area, at, wide);
            },
        );
        for (y, line) in (list.bottom()..area.bottom()).zip(below) {
            canvas.line(Rect { y, height: 1, ..area }, line);
        }
    }

    fn line(&self, canvas: &mut Canvas<'_>, area: Rect, at: usize, wide: usize) {
        let entry = &self.entries[at];
        let bad = canvas.theme().signs.state(State::Failed);
        let sign = if entry.fault.is_some() { bad } else { ' ' };
        let title = fit(&entry.title, wide);
        let pad = " ".repeat(wide - title.width());
        let head = Line::from(vec![
            canvas.span(format!(" {sign} "), Role::Failed),
            canvas.span(format!("{title}{pad}  "), Role::Muted),
        ]);
        let used = (head.width() as u16).min(area.width);
        canvas.line(area, head);
        let rest = Rect { x: area.x + used, width: area.width - used, ..area };
        match self.writing.filter(|_| at == self.at) {
            Some(writing) => input::paint(canvas, rest, writing, true),
            None => {
                let line = Line::from(vec![
                    canvas.span(plain(&entry.value), entry.role),
                    canvas.span(format!("  {}", plain(&entry.note)), Role::Muted),
                ]);
                canvas.line(rest, line);
            }
        }
    }

    /// What is said below the lines: always as many of them, so that nothing jumps.
    fn below(&self, canvas: &Canvas<'_>, width: usize) -> Vec<Line<'static>> {
        let say = |text: &str, role: Role| -> Vec<Line<'static>> {
            let lines = wrap(&plain(text), width.max(8)).into_iter();
            lines.map(|line| Line::from(canvas.span(format!("   {line}"), role))).collect()
        };
        let mut lines = vec![Line::default()];
        lines.extend(say(&self.help, Role::Text));
        let fault = self.entries.get(self.at).and_then(|entry| entry.fault.as_deref());
        match (fault, &self.note) {
            (Some(fault), _) => lines.extend(say(fault, Role::Failed)),
            (None, Some((note, role))) => lines.extend(say(note, *role)),
            (None, None) => {}
        }
        while lines.len() < 4 {
            lines.push(Line::from(Span::raw("")));
        }
        lines
    }
}
