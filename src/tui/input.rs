//! A line in which is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use tui_input::{Input, InputRequest};

use super::canvas::Canvas;
use super::theme::Role;

/// Letters of a line at most.
const MOST: usize = 4096;

/// Changes the line as a key asks for; whether it did.
pub fn edit(input: &mut Input, key: KeyEvent) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let request = match key.code {
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char('u') if control => InputRequest::DeleteLine,
        KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char('b') if alt => InputRequest::GoToPrevWord,
        KeyCode::Char('f') if alt => InputRequest::GoToNextWord,
        KeyCode::Char(letter) if !control && !alt && input.value().len() < MOST => {
            InputRequest::InsertChar(letter)
        }
        KeyCode::Backspace if alt => InputRequest::DeletePrevWord,
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left if control => InputRequest::GoToPrevWord,
        KeyCode::Right if control => InputRequest::GoToNextWord,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return false,
    };
    input.handle(request);
    true
}

/// Puts a text in at the cursor: a paste, on one line.
pub fn insert(input: &mut Input, text: &str) {
    let room = MOST.saturating_sub(input.value().len());
    let letters = text.chars().filter(|letter| !letter.is_control()).take(room);
    for letter in letters.collect::<Vec<_>>() {
        input.handle(InputRequest::InsertChar(letter));
    }
}

/// Paints the line, with its cursor where it has the focus.
pub fn paint(canvas: &mut Canvas<'_>, area: Rect, input: &Input, focused: bool) {
    if area.is_empty() {
        return;
    }
    let width = usize::from(area.width).saturating_sub(1);
    let scroll = input.visual_scroll(width);
    let value = input.value();
    // Columns that are scrolled out.
    let mut skipped = 0;
    let from = value
        .char_indices()
        .find(|(_, letter)| {
            let fits = skipped >= scroll;
            skipped += unicode_width::UnicodeWidthChar::width(*letter).unwrap_or(0);
            fits
        })
        .map_or(value.len(), |(at, _)| at);
    canvas.line(area, Span::styled(value[from..].to_owned(), canvas.style(Role::Text)));
    if focused {
        let column = input.visual_cursor().saturating_sub(scroll) as u16;
        let x = (area.x + column).min(area.right() - 1);
        if let Some(cell) = canvas.buffer.cell_mut((x, area.y)) {
            cell.modifier.insert(Modifier::REVERSED);
        }
    }
}

/// A line with what it is for before it: `Filter: …`.
pub fn labeled(canvas: &mut Canvas<'_>, area: Rect, label: &str, input: &Input, focused: bool) {
    let line = Line::from(Span::styled(format!("{label} "), canvas.theme().key()));
    let wide = (line.width() as u16).min(area.width);
    canvas.line(area, line);
    let rest = Rect { x: area.x + wide, width: area.width - wide, ..area };
    paint(canvas, rest, input, focused);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(input: &mut Input, code: KeyCode, modifiers: KeyModifiers) -> bool {
        edit(input, KeyEvent::new(code, modifiers))
    }

    #[test]
    fn a_line_is_edited_as_in_a_shell() {
        let mut input = Input::default();
        for letter in "two words".chars() {
            assert!(typed(&mut input, KeyCode::Char(letter), KeyModifiers::NONE));
        }
        typed(&mut input, KeyCode::Char('w'), KeyModifiers::CONTROL);
        assert_eq!(input.value(), "two ");
        typed(&mut input, KeyCode::Home, KeyModifiers::NONE);
        typed(&mut input, KeyCode::Char('É'), KeyModifiers::SHIFT);
        assert_eq!(input.value(), "Étwo ");
        assert!(!typed(&mut input, KeyCode::Enter, KeyModifiers::NONE));
        insert(&mut input, "a\nb\x1b");
        assert_eq!(input.value(), "Éabtwo ");
        typed(&mut input, KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert_eq!(input.value(), "");
    }
}
