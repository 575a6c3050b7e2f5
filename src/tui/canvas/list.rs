//! Lists, and bars and curves in lines.

use std::collections::VecDeque;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::painted::{Hit, List, Window};
use crate::tui::theme::Role;

use super::Canvas;

impl Canvas<'_> {
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
}
