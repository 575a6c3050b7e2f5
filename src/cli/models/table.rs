//! Tables for people: aligned, and no wider than the terminal.

use std::io::stdout;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Between two columns.
const GAP: &str = "  ";
/// A column is not made narrower than this.
const NARROWEST: usize = 8;

/// The width of the terminal on standard output; `None` where it is none.
pub(in super::super) fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Lines of a table, the first one its head; the last column and then the one marked as elastic
/// give way when it is too wide.
pub(in super::super) fn lines<const N: usize>(
    rows: &[[String; N]],
    width: Option<usize>,
    elastic: usize,
) -> Vec<String> {
    let widest =
        |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let mut widths: [usize; N] = std::array::from_fn(widest);
    let gaps = GAP.len() * N.saturating_sub(1);
    if let Some(width) = width {
        for column in [N - 1, elastic] {
            let total = widths.iter().sum::<usize>() + gaps;
            let over = total.saturating_sub(width);
            widths[column] = widths[column].saturating_sub(over).max(NARROWEST.min(widths[column]));
        }
    }
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = (0..N).map(|i| padded(&row[i], widths[i])).collect();
            cells.join(GAP).trim_end().to_owned()
        })
        .collect()
}

/// A text that takes exactly so many columns.
fn padded(text: &str, width: usize) -> String {
    let mut cell = cut(text, width);
    let missing = width.saturating_sub(cell.width());
    cell.extend(std::iter::repeat_n(' ', missing));
    cell
}

/// A text of at most so many columns; an ellipsis says that there is more.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut taken = 1;
    for letter in text.chars() {
        taken += letter.width().unwrap_or(0);
        if taken > width {
            break;
        }
        short.push(letter);
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<[String; 3]> {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        vec![row(["id", "license", "used by"]), row(["a", "a very long license", "roop, quality"])]
    }

    #[test]
    fn columns_are_aligned() {
        let lines = lines(&rows(), None, 1);
        assert_eq!(lines[0], "id  license              used by");
        assert_eq!(lines[1], "a   a very long license  roop, quality");
    }

    #[test]
    fn a_narrow_terminal_cuts_the_right_columns() {
        for width in 22..60 {
            let lines = lines(&rows(), Some(width), 1);
            assert!(lines.iter().all(|l| l.chars().count() <= width), "{width}: {lines:?}");
        }
        assert_eq!(lines(&rows(), Some(22), 1)[1], "a   a very …  roop, q…");
    }

    #[test]
    fn wide_letters_take_two_columns() {
        assert_eq!(padded("映画", 6), "映画  ");
        assert_eq!(padded("映画館", 5), "映画…");
        assert_eq!(padded("映画館", 4), "映… ");
        assert_eq!(padded("ab", 1), "…");
    }
}
