//! What views paint on: cells, pictures, and what a click on them means.

use std::borrow::Cow;
use std::collections::VecDeque;

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Paragraph, Widget, Wrap};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::terminal::plain;

use super::action::Action;
use super::model::Model;
use super::painted::{Hit, List, Painted, Window};
use super::picture::layer::Placement;
use super::picture::{self, Encoded, Key, Look, Want};
use super::theme::{Role, Theme};

/// What views paint on.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// The state that is shown.
    pub model: &'a Model,
    /// What was painted where.
    pub painted: Painted,
    /// Pictures in their places.
    pub placements: Vec<Placement>,
    /// What is behind the thing that is painted: the screen's color, or a popup's.
    ground: Color,
}

impl<'a> Canvas<'a> {
    /// An empty canvas in the color of the theme.
    pub fn new(buffer: &'a mut Buffer, model: &'a Model) -> Self {
        let base = model.theme.base();
        buffer.set_style(buffer.area, base);
        let ground = model.theme.color(Role::Background);
        Canvas { buffer, model, painted: Painted::default(), placements: Vec::new(), ground }
    }

    /// The colors.
    pub fn theme(&self) -> &'a Theme {
        &self.model.theme
    }

    /// Text in the color of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme().style(role)
    }

    /// A word in the color of a role.
    pub fn span<'t>(&self, text: impl Into<Cow<'t, str>>, role: Role) -> Span<'t> {
        Span::styled(text, self.style(role))
    }

    /// A line, cut where it is too long.
    pub fn line<'t>(&mut self, area: Rect, line: impl Into<Line<'t>>) {
        if area.is_empty() {
            return;
        }
        let line = cut(line.into(), usize::from(area.width), self.theme().signs.cut());
        let left = area.width - (line.width() as u16).min(area.width);
        let indent = match line.alignment {
            Some(Alignment::Center) => left / 2,
            Some(Alignment::Right) => left,
            _ => 0,
        };
        self.buffer.set_line(area.x + indent, area.y, &line, area.width - indent);
    }

    /// A text of several lines, broken where it is too long.
    pub fn text<'t>(&mut self, area: Rect, text: impl Into<Text<'t>>) {
        Paragraph::new(text).wrap(Wrap { trim: false }).render(area, self.buffer);
    }

    /// Lines around an area, with a title; gives what is within.
    pub fn pane(&mut self, area: Rect, title: &str, focused: bool) -> Rect {
        let theme = self.theme();
        let (border, words) = match focused {
            true => (theme.style(Role::Focus), theme.heading()),
            false => (theme.style(Role::Dim), theme.style(Role::Muted)),
        };
        let mut block = Block::bordered().border_set(theme.signs.border()).border_style(border);
        if !title.is_empty() {
            block = block.title(Span::styled(format!(" {title} "), words));
        }
        let inner = block.inner(area);
        block.render(area, self.buffer);
        inner
    }

    /// Clears a part of the screen for what lies over it, with lines around it; gives what is
    /// within. Pictures beneath it are not shown.
    pub fn popup(&mut self, area: Rect, title: &str) -> Rect {
        let area = area.intersection(self.buffer.area);
        Clear.render(area, self.buffer);
        self.buffer.set_style(area, self.theme().surface());
        self.placements.retain(|picture| !picture.area.intersects(area));
        self.ground = self.theme().color(Role::Surface);
        // A click beside what can be clicked there must not reach what lies beneath.
        self.painted.hits.push((self.buffer.area, Hit::Action(Action::Back)));
        self.painted.hits.push((area, Hit::Own(usize::MAX)));
        self.pane(area, title, true)
    }

    /// Clears cells for a word over the screen; pictures beneath it are not shown.
    pub fn cover(&mut self, area: Rect) {
        Clear.render(area, self.buffer);
        self.buffer.set_style(area, self.theme().surface());
        self.placements.retain(|picture| !picture.area.intersects(area));
    }

    /// What a click on an area means.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        if !area.is_empty() {
            self.painted.hits.push((area, hit));
        }
    }

    /// A list: paints the lines that are to be seen, with the chosen one among them, and a bar that
    /// says where in the list they are.
    pub fn list(
        &mut self,
        area: Rect,
        list: List,
        len: usize,
        chosen: Option<usize>,
        focused: bool,
        mut row: impl FnMut(&mut Self, Rect, usize),
    ) {
        if area.is_empty() {
            return;
        }
        let height = usize::from(area.height);
        let anchor = chosen.unwrap_or(0).min(len.saturating_sub(1));
        let first = self.model.painted.first(list, anchor, len, height);
        self.painted.lists.insert(list, Window { area, first, len });
        let bar = len > height;
        let width = if bar { area.width.saturating_sub(1) } else { area.width };
        for (offset, index) in (first..len.min(first + height)).enumerate() {
            let line = Rect::new(area.x, area.y + offset as u16, width, 1);
            if Some(index) == chosen {
                self.buffer.set_style(line, self.theme().selected(focused));
            }
            row(self, line, index);
            self.hit(line, Hit::Row(list, index));
        }
        if bar && area.width > 1 {
            self.scroll_bar(area, first, len);
        }
    }

    /// A bar at the right that says where in a list its lines are.
    pub fn scroll_bar(&mut self, area: Rect, first: usize, len: usize) {
        let height = usize::from(area.height);
        let thumb = (height * height / len).max(1);
        let most = len - height;
        let start = (first * (height - thumb)).checked_div(most).unwrap_or(0);
        let (on, off) = self.theme().signs.scroll();
        for row in 0..height {
            let inside = (start..start + thumb).contains(&row);
            let (sign, role) = if inside { (on, Role::Muted) } else { (off, Role::Dim) };
            let style = self.style(role);
            self.buffer.set_string(area.right() - 1, area.y + row as u16, sign, style);
        }
    }

    /// A bar for a share of 0 to 1.
    pub fn bar(&mut self, area: Rect, share: f64, role: Role) {
        let (done, left) = self.theme().signs.bar();
        let width = usize::from(area.width);
        let full = (share.clamp(0.0, 1.0) * width as f64).round() as usize;
        let line = Line::from(vec![
            self.span(done.to_string().repeat(full), role),
            self.span(left.to_string().repeat(width - full), Role::Dim),
        ]);
        self.line(area, line);
    }

    /// A small curve of the last values.
    pub fn spark<'t>(&self, values: &VecDeque<f32>, width: usize, role: Role) -> Span<'t> {
        let steps = self.theme().signs.steps();
        let last: Vec<f32> = values.iter().rev().take(width).rev().copied().collect();
        let most = last.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let top = (steps.len() - 1) as f32;
        let text: String = last
            .iter()
            .map(|value| steps[((value / most).clamp(0.0, 1.0) * top).round() as usize])
            .collect();
        self.span(text, role)
    }

    /// A picture, as large as it fits, in the middle of an area; what stands in for it while it is
    /// not there. Gives the cells that it covers.
    pub fn picture(&mut self, area: Rect, key: &Key) -> Option<Rect> {
        // Sixels on the last row make the screen scroll.
        let lowest = self.buffer.area.bottom().saturating_sub(1);
        let height = area.height.min(lowest.saturating_sub(area.y));
        let area = Rect { height, ..area };
        if area.width < 2 || area.height < 1 {
            return None;
        }
        let cells = self.most((area.width, area.height));
        let want = Want { key: key.clone(), cells };
        let look = self.model.pictures.look(&want);
        self.painted.wants.push(want);
        match look {
            Look::Ready(encoded, version) => {
                let (width, height) = encoded.cells();
                let place = middle(area, width.min(area.width), height.min(area.height));
                match &*encoded {
                    Encoded::Blocks { cells, colors } => self.blocks(place, *cells, colors),
                    Encoded::Sequence { .. } => self.placements.push(Placement {
                        area: place,
                        key: key.clone(),
                        version,
                        encoded: encoded.clone(),
                        background: self.ground,
                    }),
                }
                Some(place)
            }
            Look::Waiting => {
                let dots = Rect { y: area.y + area.height / 2, height: 1, ..area };
                let line = Line::from(self.span(self.theme().signs.cut(), Role::Dim)).centered();
                self.line(dots, line);
                None
            }
            Look::Failed(why) => {
                let text = Text::styled(why, self.style(Role::Muted)).centered();
                self.text(area, text);
                None
            }
        }
    }

    /// The columns and rows, and the pixels, of a picture that fits into so many cells; of one that
    /// is not here yet as if it were a usual video.
    pub fn fitted(&self, key: &Key, room: (u16, u16)) -> ((u16, u16), (u32, u32)) {
        let pixels = key.sources().first().and_then(|key| self.model.pictures.pixels(key));
        let size = pixels.map_or((16, 9), |image| image.dimensions());
        picture::fit(size, self.most(room), self.model.terminal.how.cell)
    }

    /// How large a picture may be: less where the line is slow.
    fn most(&self, room: (u16, u16)) -> (u16, u16) {
        match (self.model.terminal.low_bandwidth, self.model.terminal.remote) {
            (true, _) => (room.0.min(24), room.1.min(8)),
            (_, true) => (room.0.min(36), room.1.min(12)),
            _ => (room.0.min(100), room.1.min(40)),
        }
    }

    fn blocks(&mut self, area: Rect, cells: (u16, u16), colors: &[([u8; 3], [u8; 3])]) {
        let rgb = |[r, g, b]: [u8; 3]| Color::Rgb(r, g, b);
        for y in 0..area.height.min(cells.1) {
            for x in 0..area.width.min(cells.0) {
                let (up, down) = colors[usize::from(y) * usize::from(cells.0) + usize::from(x)];
                if let Some(cell) = self.buffer.cell_mut((area.x + x, area.y + y)) {
                    cell.set_symbol("▀").set_fg(rgb(up)).set_bg(rgb(down));
                }
            }
        }
    }
}

/// An area of this size in the middle of another one.
pub fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// A line that is no wider than so many cells; where it was, a sign says that something is missing.
fn cut<'t>(line: Line<'t>, width: usize, sign: &str) -> Line<'t> {
    if line.width() <= width {
        return line;
    }
    let mut left = width.saturating_sub(sign.width());
    let mut spans = Vec::new();
    for span in line.spans {
        let wide = span.content.width();
        if wide <= left {
            left -= wide;
            spans.push(span);
            continue;
        }
        let mut text = fit(&span.content, left).to_owned();
        if width >= sign.width() {
            text.push_str(sign);
        }
        spans.push(Span::styled(text, span.style));
        break;
    }
    Line { spans, ..line }
}

/// The beginning of a text that is no wider than so many cells.
pub fn fit(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, letter) in text.char_indices() {
        used += letter.width().unwrap_or(0);
        if used > width {
            return &text[..at];
        }
    }
    text
}

/// A text that is no wider than so many cells: its end, which tells files apart.
pub fn tail(text: &str, width: usize, sign: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = sign.width();
    let mut from = text.len();
    for (at, letter) in text.char_indices().rev() {
        used += letter.width().unwrap_or(0);
        if used > width {
            break;
        }
        from = at;
    }
    format!("{sign}{}", &text[from..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_cells_and_say_so() {
        let line = cut(Line::from(vec![Span::raw("ab"), Span::raw("映画の夏")]), 7, "…");
        assert_eq!(line.width(), 7, "{line:?}");
        assert_eq!(line.to_string(), "ab映画…");
        assert_eq!(cut(Line::from("short"), 7, "…").to_string(), "short");
        assert_eq!(fit("映画", 3), "映");
        assert_eq!(tail("/films/summer.mp4", 10, "…"), "…ummer.mp4");
        assert_eq!(tail("映画の夏", 5, "…"), "…の夏");
    }

    #[test]
    fn the_middle_is_the_middle() {
        let area = Rect::new(10, 10, 20, 10);
        assert_eq!(middle(area, 4, 2), Rect::new(18, 14, 4, 2));
        assert_eq!(middle(area, 90, 90), area);
    }
}
