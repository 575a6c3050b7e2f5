//! Links over cells: what was drawn as a text becomes one that leads to a file.
//!
//! For ratatui a link has no width and is not there. Behind its changes, the cells of each link that
//! is new, or whose cells are, are written again within a link; those of one that is gone are
//! written again without.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::terminal::links;

/// A line of text that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub area: Rect,
    /// Where it leads.
    pub address: String,
}

/// The links on the screen.
#[derive(Debug, Default)]
pub struct Links {
    /// Each with the cells as they were written.
    shown: Vec<(Link, Vec<Cell>)>,
}

impl Links {
    /// The sequence after which these are the links on a screen that shows `buffer`. To be sent
    /// behind the text.
    ///
    /// # Errors
    /// Never, as it is only collected.
    pub fn draw(&mut self, wanted: Vec<Link>, buffer: &Buffer) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for (gone, _) in self.shown.iter().filter(|(old, _)| !wanted.contains(old)) {
            cells(&mut bytes, gone.area, buffer)?;
        }
        let mut shown = Vec::with_capacity(wanted.len());
        for link in wanted {
            let now = content(link.area, buffer);
            let same = self.shown.iter().any(|(old, cells)| *old == link && *cells == now);
            if !same {
                bytes.extend(links::begin(id(&link.address), &link.address));
                cells(&mut bytes, link.area, buffer)?;
                bytes.extend_from_slice(links::END);
            }
            shown.push((link, now));
        }
        self.shown = shown;
        if !bytes.is_empty() {
            // ratatui believes to know where the cursor is, and in which colors it writes.
            bytes.splice(0..0, *b"\x1b7");
            bytes.extend_from_slice(b"\x1b8");
        }
        Ok(bytes)
    }

    /// The screen was cleared: nothing is a link.
    pub fn cleared(&mut self) {
        self.shown.clear();
    }
}

/// The same for all lines of a link.
fn id(address: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    hasher.finish() & 0xffff_ffff
}

fn content(area: Rect, buffer: &Buffer) -> Vec<Cell> {
    area.positions().filter_map(|at| buffer.cell(at)).cloned().collect()
}

/// Writes cells as they are.
fn cells(bytes: &mut Vec<u8>, area: Rect, buffer: &Buffer) -> io::Result<()> {
    let mut behind = 0;
    let cells = area.intersection(buffer.area).positions().filter_map(|at| {
        let cell = buffer.cell(at)?;
        // The second half of a wide letter is written with the first.
        if at.x < behind {
            return None;
        }
        behind = at.x + (cell.symbol().width() as u16).max(1);
        Some((at.x, at.y, cell))
    });
    CrosstermBackend::new(bytes).draw(cells)
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Style};

    use super::*;

    fn link(text: &str, row: u16, address: &str) -> Link {
        let area = Rect::new(2, row, text.width() as u16, 1);
        Link { area, address: address.to_owned() }
    }

    fn buffer(lines: &[&str]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 4));
        for (row, line) in lines.iter().enumerate() {
            buffer.set_string(2, row as u16, line, Style::new().fg(Color::Indexed(4)));
        }
        buffer
    }

    fn sent(links: &mut Links, wanted: &[Link], buffer: &Buffer) -> String {
        String::from_utf8(links.draw(wanted.to_vec(), buffer).unwrap()).unwrap()
    }

    #[test]
    fn cells_are_written_again_within_a_link_and_only_once() {
        let mut links = Links::default();
        let (text, address) = ("/a.mp4", "file://box/a.mp4");
        let shows = buffer(&[text]);
        let wanted = [link(text, 0, address)];
        let first = sent(&mut links, &wanted, &shows);
        let begin = format!("\x1b7\x1b]8;id={:x};{address}\x1b\\\x1b[1;3H", id(address));
        assert!(first.starts_with(&begin), "{first:?}");
        assert!(first.ends_with("\x1b]8;;\x1b\\\x1b8") && first.contains("/a.mp4"), "{first:?}");
        assert_eq!(sent(&mut links, &wanted, &shows), "", "nothing changed");
        links.cleared();
        assert_eq!(sent(&mut links, &wanted, &shows), first, "after the screen was cleared");
    }

    #[test]
    fn another_address_or_another_color_is_written_again() {
        let mut links = Links::default();
        let shows = buffer(&["/a.mp4"]);
        sent(&mut links, &[link("/a.mp4", 0, "file://box/a.mp4")], &shows);
        // The same cells, of which ratatui sends nothing, lead elsewhere.
        let other = [link("/a.mp4", 0, "file://box/b/a.mp4")];
        assert!(sent(&mut links, &other, &shows).contains("file://box/b/a.mp4"));
        let mut bright = shows.clone();
        bright.set_style(bright.area, Style::new().bg(Color::Indexed(7)));
        assert!(sent(&mut links, &other, &bright).contains("file://box/b/a.mp4"));
    }

    #[test]
    fn what_is_no_link_any_more_is_written_without_one() {
        let mut links = Links::default();
        let shows = buffer(&["/a.mp4"]);
        sent(&mut links, &[link("/a.mp4", 0, "file://box/a.mp4")], &shows);
        let after = sent(&mut links, &[], &shows);
        assert!(after.contains("/a.mp4") && !after.contains("\x1b]8"), "{after:?}");
        assert_eq!(sent(&mut links, &[], &shows), "");
    }

    #[test]
    fn wide_letters_are_written_once() {
        let mut links = Links::default();
        let shows = buffer(&["映画.mp4"]);
        let wanted = [link("映画.mp4", 0, "file://box/x")];
        let text = sent(&mut links, &wanted, &shows);
        // The cursor goes on behind each, and no blank falls upon its second half.
        assert!(text.contains("映\x1b[1;5H画\x1b[1;7H.mp4") && !text.contains(' '), "{text:?}");
    }
}
