//! What the terminal can do, and how pictures get onto it.
//!
//! [`detect`] asks the terminal once what it can do; [`show`] draws. The work is split so that each
//! half can be tested without the other: [`answers`] reads bytes, [`query`] talks to a tty,
//! [`detect`](mod@detect) (and `tmux`) decides, [`encode`] makes escape sequences, [`show`](mod@show) places
//! them for commands that print and leave; the dashboard places its own.

pub mod answers;
pub mod detect;
pub mod encode;
pub mod links;
pub mod query;
pub mod show;
pub mod tmux;

use std::fmt;

pub use crate::settings::config::Graphics;
pub use detect::detect;
pub use show::show;

/// How a picture reaches the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// kitty's graphics protocol, placed at the cursor.
    Kitty,
    /// iTerm2's inline images (OSC 1337).
    Iterm2,
    /// DEC sixels.
    Sixel,
    /// Colored half-block characters: two samples a cell.
    Blocks,
    /// No pictures.
    Off,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Kitty => "kitty",
            Protocol::Iterm2 => "iterm2",
            Protocol::Sixel => "sixel",
            Protocol::Blocks => "blocks",
            Protocol::Off => "off",
        })
    }
}

impl Protocol {
    /// The one that was asked for by name; `None` for [`Graphics::Auto`].
    pub fn asked_for(graphics: Graphics) -> Option<Self> {
        match graphics {
            Graphics::Auto => None,
            Graphics::Kitty => Some(Protocol::Kitty),
            Graphics::Iterm2 => Some(Protocol::Iterm2),
            Graphics::Sixel => Some(Protocol::Sixel),
            Graphics::Blocks => Some(Protocol::Blocks),
            Graphics::Off => Some(Protocol::Off),
        }
    }
}

/// The flag, to be flattened into every command that shows pictures.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct GraphicsArgs {
    /// How to draw pictures in the terminal
    #[arg(long, value_enum, value_name = "HOW", env = "FACEDECK_GRAPHICS", default_value_t)]
    pub graphics: Graphics,
}

/// What was found out about the terminal, and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// What was asked for.
    pub wanted: Graphics,
    /// How pictures will be drawn.
    pub protocol: Protocol,
    /// Why, in words for `doctor`.
    pub why: String,
    /// The terminal's own name and version (XTVERSION), when it gave one.
    pub terminal: Option<String>,
    /// Width and height of a character cell in pixels, when known.
    pub cell: Option<(u16, u16)>,
    /// Columns and rows of the terminal.
    pub cells: (u16, u16),
    /// Width and height of the text area in pixels, when known.
    pub pixels: Option<(u16, u16)>,
    /// The most colors a sixel picture may use, when the terminal said so.
    pub colors: Option<u16>,
    /// The largest sixel picture in pixels, when the terminal said so.
    pub sixel_limit: Option<(u16, u16)>,
    /// Escape sequences have to be wrapped so that tmux hands them on.
    pub through_tmux: bool,
}

/// A text without what a terminal would act upon: names of files may hold anything.
pub fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_speak_to_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\u{9b}c"), "a\u{fffd}[2Jb\u{fffd}c");
    }
}
