//! Pictures over cells: draws what is new, erases what is gone.
//!
//! For ratatui the cells beneath a picture are blank, so it sends nothing for them as long as they
//! stay so. What goes away is painted over with blanks first, which is what ratatui believes to be
//! there; then it draws its changes; then what is new is drawn.

use std::fmt::Write as _;
use std::sync::Arc;

use ratatui::layout::Rect;
use ratatui::style::Color;

use crate::terminal::{Protocol, encode as sequences};

use super::encode::{Encoded, How};
use super::key::Key;

/// A picture in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// The cells that it covers.
    pub area: Rect,
    /// Which one.
    pub key: Key,
    /// Which version of it.
    pub version: u64,
    /// The picture.
    pub encoded: Arc<Encoded>,
    /// What is behind it.
    pub background: Color,
}

impl Placement {
    fn shows_the_same(&self, other: &Placement) -> bool {
        self.area == other.area && self.key == other.key && self.version == other.version
    }
}

/// The place of our pane in the terminal around tmux: rows and columns to add.
pub type Offset = (u16, u16);

/// What is on the screen.
#[derive(Debug, Default)]
pub struct Layer {
    shown: Vec<Placement>,
}

impl Layer {
    /// Whether nothing would be drawn or erased for these.
    pub fn is(&self, wanted: &[Placement]) -> bool {
        wanted.len() == self.shown.len()
            && wanted.iter().zip(&self.shown).all(|(a, b)| a.shows_the_same(b))
    }

    /// The sequence that erases what is not wanted any more. To be sent before the text.
    pub fn erase(&mut self, wanted: &[Placement], how: How) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.shown.retain(|old| {
            // A newer version in the same cells is drawn over the old one.
            let stays = wanted.iter().any(|new| new.area == old.area);
            if !stays {
                bytes.extend(blanks(old));
            }
            stays
        });
        let gone = !bytes.is_empty();
        if gone && how.protocol == Protocol::Kitty {
            // Its pictures lie over the text whatever is written; those that stay are drawn again.
            bytes.extend_from_slice(b"\x1b_Ga=d,d=A,q=2\x1b\\");
            self.shown.clear();
        }
        bytes
    }

    /// The sequence that draws what is new. To be sent behind the text. `through`: the sequences
    /// have to be handed on by tmux, whose pane lies there.
    pub fn draw(&mut self, wanted: Vec<Placement>, how: How, through: Option<Offset>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let kitty = how.protocol == Protocol::Kitty;
        if !self.is(&wanted) {
            log(&wanted, how);
        }
        for new in &wanted {
            if self.shown.iter().any(|old| old.shows_the_same(new)) {
                continue;
            }
            let Encoded::Sequence { bytes: picture, .. } = &*new.encoded else { continue };
            let old = self.shown.iter().find(|old| old.area == new.area);
            if old.is_some() && kitty {
                bytes.extend_from_slice(&at(new.area, through, &delete_at(new.area)));
            }
            bytes.extend_from_slice(&at(new.area, through, picture));
        }
        self.shown = wanted;
        bytes
    }

    /// The screen was cleared: nothing is shown.
    pub fn cleared(&mut self) {
        self.shown.clear();
    }

    /// Draws everything again with the next frame.
    pub fn forget(&mut self) {
        for shown in &mut self.shown {
            shown.version = u64::MAX;
        }
    }
}

/// Says where pictures are, for who compares a screenshot with what it should show.
fn log(wanted: &[Placement], how: How) {
    let (wide, high) = how.cell;
    tracing::debug!(count = wanted.len(), wide, high, "pictures on the screen");
    for Placement { area: Rect { x, y, width, height }, key, .. } in wanted {
        tracing::debug!(x, y, width, height, ?key, "picture");
    }
}

/// Takes the pictures away that lie at the cursor.
fn delete_at(_: Rect) -> Vec<u8> {
    b"\x1b_Ga=d,d=C,q=2\x1b\\".to_vec()
}

/// Blanks over a picture.
fn blanks(placement: &Placement) -> Vec<u8> {
    let mut text = String::from("\x1b[0m");
    match placement.background {
        Color::Rgb(r, g, b) => {
            let _ = write!(text, "\x1b[48;2;{r};{g};{b}m");
        }
        Color::Indexed(index) => {
            let _ = write!(text, "\x1b[48;5;{index}m");
        }
        _ => {}
    }
    let Rect { x, y, width, height } = placement.area;
    for row in y..y + height {
        let _ = write!(text, "\x1b[{};{}H{}", row + 1, x + 1, " ".repeat(usize::from(width)));
    }
    text.push_str("\x1b[0m");
    text.into_bytes()
}

/// A sequence at its place. The cursor is saved and put back: ratatui believes to know where it is.
fn at(area: Rect, through: Option<Offset>, sequence: &[u8]) -> Vec<u8> {
    let (rows, columns) = through.unwrap_or_default();
    let mut bytes =
        format!("\x1b7\x1b[{};{}H", area.y + 1 + rows, area.x + 1 + columns).into_bytes();
    bytes.extend_from_slice(sequence);
    bytes.extend_from_slice(b"\x1b8");
    match through {
        // The place goes with the picture: tmux moves the cursor outside only when it likes to.
        Some(_) => sequences::through_tmux(&bytes),
        None => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIXEL: How = How { protocol: Protocol::Sixel, cell: (10, 20), colors: 256 };

    fn placement(x: u16, version: u64) -> Placement {
        let encoded = Encoded::Sequence { cells: (4, 2), bytes: b"\x1bPqPICTURE\x1b\\".to_vec() };
        Placement {
            area: Rect::new(x, 3, 4, 2),
            key: Key::file("/a"),
            version,
            encoded: Arc::new(encoded),
            background: Color::Rgb(1, 2, 3),
        }
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_picture_is_drawn_once_where_it_belongs() {
        let mut layer = Layer::default();
        assert_eq!(layer.erase(&[placement(5, 1)], SIXEL), b"");
        let drawn = text(layer.draw(vec![placement(5, 1)], SIXEL, None));
        assert_eq!(drawn, "\x1b7\x1b[4;6H\x1bPqPICTURE\x1b\\\x1b8");
        assert!(layer.is(&[placement(5, 1)]));
        assert_eq!(layer.erase(&[placement(5, 1)], SIXEL), b"");
        assert_eq!(layer.draw(vec![placement(5, 1)], SIXEL, None), b"");
        // A newer version is drawn over it, without a blank between.
        assert_eq!(layer.erase(&[placement(5, 2)], SIXEL), b"");
        assert!(text(layer.draw(vec![placement(5, 2)], SIXEL, None)).contains("PICTURE"));
    }

    #[test]
    fn what_moves_or_goes_leaves_blanks_in_its_background() {
        let mut layer = Layer::default();
        layer.draw(vec![placement(5, 1)], SIXEL, None);
        let erased = text(layer.erase(&[placement(6, 1)], SIXEL));
        assert_eq!(erased, "\x1b[0m\x1b[48;2;1;2;3m\x1b[4;6H    \x1b[5;6H    \x1b[0m");
        assert!(text(layer.draw(vec![placement(6, 1)], SIXEL, None)).contains("\x1b[4;7H"));
        assert!(text(layer.erase(&[], SIXEL)).contains("\x1b[4;7H    "));
        assert_eq!(layer.draw(vec![], SIXEL, None), b"");
        assert_eq!(layer.erase(&[], SIXEL), b"");
    }

    #[test]
    fn kitty_deletes_its_pictures_and_draws_those_that_stay_again() {
        let kitty = How { protocol: Protocol::Kitty, ..SIXEL };
        let mut layer = Layer::default();
        layer.draw(vec![placement(5, 1), placement(20, 1)], kitty, None);
        assert!(text(layer.erase(&[placement(20, 1)], kitty)).contains("a=d,d=A"));
        assert!(text(layer.draw(vec![placement(20, 1)], kitty, None)).contains("\x1b[4;21H"));
    }

    #[test]
    fn tmux_gets_the_place_with_the_picture_and_every_escape_doubled() {
        let mut layer = Layer::default();
        let drawn = text(layer.draw(vec![placement(5, 1)], SIXEL, Some((10, 40))));
        let inner = drawn.strip_prefix("\x1bPtmux;").unwrap().strip_suffix("\x1b\\").unwrap();
        assert_eq!(inner, "\x1b\x1b7\x1b\x1b[14;46H\x1b\x1bPqPICTURE\x1b\x1b\\\x1b\x1b8");
    }

    #[test]
    fn a_cleared_screen_is_drawn_anew() {
        let mut layer = Layer::default();
        layer.draw(vec![placement(5, 1)], SIXEL, None);
        layer.cleared();
        assert!(!layer.draw(vec![placement(5, 1)], SIXEL, None).is_empty());
        layer.forget();
        assert!(!layer.is(&[placement(5, 1)]));
    }
}
