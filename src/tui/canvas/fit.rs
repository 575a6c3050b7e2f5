//! What fits into so many cells.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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
pub(super) fn cut<'t>(line: Line<'t>, width: usize, sign: &str) -> Line<'t> {
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
