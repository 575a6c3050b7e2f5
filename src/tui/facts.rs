//! What there is to know of something, in two columns: what, and what it is. Long texts are broken.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::canvas::{Canvas, plain};
use super::painted::{List, Window};
use super::theme::Role;

/// The widest first column.
const WIDEST: usize = 16;

/// A line as it is painted.
#[derive(Debug)]
struct Shown<'f> {
    line: Line<'static>,
    /// The file to which its last part leads.
    path: Option<&'f str>,
}

impl From<Line<'static>> for Shown<'_> {
    fn from(line: Line<'static>) -> Self {
        Shown { line, path: None }
    }
}

impl Shown<'_> {
    fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        canvas.line(area, self.line.clone());
        if let (Some(path), [label, text]) = (self.path, self.line.spans.as_slice()) {
            let before = (label.width() as u16).min(area.width);
            let width = (text.width() as u16).min(area.width - before);
            canvas.link(Rect { x: area.x + before, width, height: 1, ..area }, path);
        }
    }
}

/// What there is to know of something.
#[derive(Debug, Default)]
pub struct Facts {
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Row {
    Title(String),
    Text { what: String, text: String, role: Role, link: bool },
    Line { what: String, line: Line<'static> },
}

impl Facts {
    /// A heading; a blank line goes before it.
    pub fn title(&mut self, text: impl Into<String>) {
        self.rows.push(Row::Title(text.into()));
    }

    /// A text; nothing where it is empty. Where `what` is empty it goes on with what is above it.
    pub fn say(&mut self, what: impl Into<String>, text: impl AsRef<str>, role: Role) {
        let text = text.as_ref().trim_end();
        if !text.is_empty() {
            let link = false;
            self.rows.push(Row::Text { what: what.into(), text: plain(text), role, link });
        }
    }

    /// The path of a file, which leads to it where the terminal knows links.
    pub fn file(&mut self, what: impl Into<String>, path: &str, role: Role) {
        // What had to be made plain would lead elsewhere.
        let link = plain(path) == path;
        self.say(what, path, role);
        if let Some(Row::Text { link: leads, .. }) = self.rows.last_mut() {
            *leads = link;
        }
    }

    /// A line in colors of its own, which is cut where it is too long.
    pub fn line(&mut self, what: impl Into<String>, spans: Vec<Span<'static>>) {
        self.rows.push(Row::Line { what: what.into(), line: Line::from(spans) });
    }

    /// The lines as they fit into so many cells.
    fn lines(&self, canvas: &Canvas<'_>, width: usize) -> Vec<Shown<'_>> {
        let labels = self.rows.iter().map(|row| match row {
            Row::Title(_) => 0,
            Row::Text { what, .. } | Row::Line { what, .. } => what.width(),
        });
        let wide = labels.max().unwrap_or(0).min(WIDEST);
        let label = |what: &str| canvas.span(format!(" {what:>wide$}  "), Role::Muted);
        let room = width.saturating_sub(wide + 4).max(8);
        let mut lines = Vec::new();
        for row in &self.rows {
            match row {
                Row::Title(title) => {
                    if !lines.is_empty() {
                        lines.push(Shown::from(Line::default()));
                    }
                    let title = Span::styled(format!(" {title}"), canvas.theme().heading());
                    lines.push(Shown::from(Line::from(title)));
                }
                Row::Text { what, text, role, link } => {
                    let mut what = what.as_str();
                    for part in wrap(text, room) {
                        let spans = vec![label(what), canvas.span(part, *role)];
                        let path = link.then_some(text.as_str());
                        lines.push(Shown { line: Line::from(spans), path });
                        what = "";
                    }
                }
                Row::Line { what, line } => {
                    let spans = std::iter::once(label(what)).chain(line.spans.iter().cloned());
                    lines.push(Shown::from(Line::from(spans.collect::<Vec<_>>())));
                }
            }
        }
        lines
    }

    /// Paints them, scrolled so that the line `at` is to be seen.
    pub fn view(&self, canvas: &mut Canvas<'_>, area: Rect, at: usize, focused: bool) {
        let lines = self.lines(canvas, usize::from(area.width));
        let chosen = Some(at.min(lines.len().saturating_sub(1))).filter(|_| focused);
        canvas.list(area, List::Facts, lines.len(), chosen, focused, |canvas, area, row| {
            lines[row].view(canvas, area);
        });
    }

    /// Paints them from a line on, no further than their end.
    pub fn scroll(&self, canvas: &mut Canvas<'_>, area: Rect, first: usize) {
        let lines = self.lines(canvas, usize::from(area.width));
        let len = lines.len();
        let first = first.min(len.saturating_sub(usize::from(area.height)));
        canvas.painted.lists.insert(List::Facts, Window { area, first, len });
        for (y, line) in (area.y..area.bottom()).zip(lines.into_iter().skip(first)) {
            line.view(canvas, Rect { y, height: 1, ..area });
        }
        if len > usize::from(area.height) {
            canvas.scroll_bar(area, first, len);
        }
    }
}

/// A text in lines that are no wider than so many cells, broken between words where that is
/// possible. What is indented stays so.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    text.lines().flat_map(|line| wrap_line(line, width.max(1))).collect()
}

fn wrap_line(line: &str, width: usize) -> Vec<String> {
    let indent = (line.len() - line.trim_start_matches(' ').len()).min(width / 2);
    let indent = " ".repeat(indent);
    let mut lines = Vec::new();
    let mut now = indent.clone();
    for word in line.split_whitespace() {
        if now.len() > indent.len() {
            if now.width() + 1 + word.width() > width {
                lines.push(std::mem::replace(&mut now, indent.clone()));
            } else {
                now.push(' ');
            }
        }
        for letter in word.chars() {
            if now.width() + letter.width().unwrap_or(0) > width {
                lines.push(std::mem::replace(&mut now, indent.clone()));
            }
            now.push(letter);
        }
    }
    lines.push(now.trim_end().to_owned());
    lines
}

/// A word with a sign before it, both in the color of a role.
pub fn signed(canvas: &Canvas<'_>, sign: char, text: &str, role: Role) -> Vec<Span<'static>> {
    let style: Style = canvas.style(role);
    vec![Span::styled(format!("{sign} "), style), Span::styled(plain(text), style)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_broken_between_words_and_long_words_within() {
        assert_eq!(wrap("a film of summer", 8), ["a film", "of", "summer"]);
        assert_eq!(wrap("/films/summer.mp4", 8), ["/films/s", "ummer.mp", "4"]);
        assert_eq!(wrap("one\n\ntwo", 8), ["one", "", "two"]);
        assert_eq!(wrap("映画の夏", 4), ["映画", "の夏"]);
        assert_eq!(wrap("  try this one", 8), ["  try", "  this", "  one"]);
    }
}
