//! `[dashboard]`: how it looks, and how it calls.

use serde::{Deserialize, Serialize};

/// `[dashboard]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dashboard {
    /// How pictures are drawn.
    pub graphics: Graphics,
    /// The theme: `navy`, `light` or `terminal`.
    pub theme: Option<String>,
    /// Nothing but ASCII for signs and lines.
    pub ascii: bool,
    /// Small pictures, seldom: for slow lines.
    pub low_bandwidth: bool,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// How the desktop is told when the window has no focus.
    pub announce: Announce,
}

impl Default for Dashboard {
    fn default() -> Self {
        Dashboard {
            graphics: Graphics::Auto,
            theme: None,
            ascii: false,
            low_bandwidth: false,
            mouse: true,
            announce: Announce::Never,
        }
    }
}

/// What the user wants: `--graphics` `FACEDECK_GRAPHICS`, or `graphics` of the configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Graphics {
    /// Ask the terminal and take the best it has
    #[default]
    Auto,
    /// kitty's graphics protocol
    Kitty,
    /// iTerm2's inline images
    Iterm2,
    /// DEC sixels
    Sixel,
    /// Colored half blocks, for every terminal
    Blocks,
    /// No pictures
    Off,
}

/// How the desktop is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Announce {
    /// Not at all.
    #[default]
    Never,
    /// By the bell.
    Bell,
    /// By OSC 9, which iTerm2, WezTerm, kitty and others show.
    Osc9,
    /// By OSC 777, which foot, urxvt and others show.
    Osc777,
}
