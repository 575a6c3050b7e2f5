//! The themes that come along, and what a user's file changes of them.

use std::path::Path;
use std::str::FromStr;

use ratatui::style::Color;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::settings::unknown;

use super::{Depth, Role, Shade, Signs, Theme};

/// The themes that come along.
pub const NAMES: [&str; 3] = ["navy", "light", "terminal"];

/// A user's theme: `theme.toml` in the configuration folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThemeFile {
    /// The theme that it changes; `navy` when not given.
    pub base: Option<String>,
    /// Nothing but ASCII for signs and lines.
    pub ascii: bool,
    /// Colors by role: `#rrggbb`, or a name such as `light-blue`.
    pub colors: BTreeMap<String, String>,
}

const fn shade(rgb: [u8; 3], indexed: u8, sixteen: Color) -> Shade {
    Shade { rgb, indexed, sixteen }
}

/// Dark, for which facedeck is made. Source: the seed colors of the design, with the nearest of the
/// 256 chosen by eye.
const NAVY: [Shade; 12] = [
    shade([0x0a, 0x0e, 0x1a], 233, Color::Reset),
    shade([0x12, 0x19, 0x2e], 234, Color::Reset),
    shade([0x1b, 0x2a, 0x4a], 236, Color::DarkGray),
    shade([0xe6, 0xed, 0xf7], 255, Color::White),
    shade([0x7d, 0x8a, 0xa5], 103, Color::Gray),
    shade([0x3a, 0x46, 0x62], 60, Color::DarkGray),
    shade([0x00, 0xf2, 0xfe], 51, Color::LightCyan),
    shade([0xff, 0x00, 0x80], 198, Color::LightMagenta),
    shade([0xbf, 0x40, 0xff], 135, Color::Magenta),
    shade([0x00, 0xff, 0x88], 48, Color::LightGreen),
    shade([0xff, 0xb0, 0x00], 214, Color::LightYellow),
    shade([0xff, 0x4d, 0x4d], 203, Color::LightRed),
];

/// For bright rooms: every text color has a contrast of at least 4.5 on the background.
const LIGHT: [Shade; 12] = [
    shade([0xfa, 0xfb, 0xfd], 231, Color::Reset),
    shade([0xee, 0xf1, 0xf7], 255, Color::Reset),
    shade([0xd3, 0xe0, 0xf5], 189, Color::Gray),
    shade([0x16, 0x1c, 0x2b], 234, Color::Black),
    shade([0x5a, 0x65, 0x7d], 60, Color::DarkGray),
    shade([0xb4, 0xbd, 0xce], 146, Color::Gray),
    shade([0x00, 0x69, 0x8f], 24, Color::Blue),
    shade([0xc2, 0x00, 0x62], 161, Color::Magenta),
    shade([0x7a, 0x1f, 0xb8], 91, Color::Magenta),
    shade([0x00, 0x73, 0x3c], 29, Color::Green),
    shade([0x8a, 0x5a, 0x00], 94, Color::Yellow),
    shade([0xb8, 0x1c, 0x1c], 124, Color::Red),
];

/// The terminal's own sixteen, whatever they are.
const TERMINAL: [Shade; 12] = NAVY;

impl Theme {
    /// A theme that comes along.
    pub fn built_in(name: &str, depth: Depth) -> Option<Theme> {
        let (shades, most) = match name {
            "navy" => (NAVY, Depth::True),
            "light" => (LIGHT, Depth::True),
            "terminal" => (TERMINAL, Depth::Sixteen),
            _ => return None,
        };
        let depth = depth.min(most);
        Some(Theme { name: name.to_owned(), depth, signs: Signs::default(), shades })
    }

    /// The theme of the house.
    pub fn navy(depth: Depth) -> Theme {
        Theme { name: "navy".to_owned(), depth, signs: Signs::default(), shades: NAVY }
    }

    /// A theme, and what a file changes of it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for themes, roles and colors that are not known.
    pub fn of_file(file: &ThemeFile, depth: Depth) -> Result<Theme> {
        let base = file.base.as_deref().unwrap_or("navy");
        let mut theme =
            Theme::built_in(base, depth).ok_or_else(|| unknown("theme", base, &NAMES))?;
        theme.signs.ascii = file.ascii;
        for (name, color) in &file.colors {
            let role = Role::ALL.into_iter().find(|role| role.name() == name);
            let role = role.ok_or_else(|| unknown("role", name, &Role::ALL.map(Role::name)))?;
            theme.shades[role as usize] = of_text(color).ok_or_else(|| {
                Error::usage(format!("\"{color}\" is no color"))
                    .hint("write it as #rrggbb, or by a name such as light-blue")
            })?;
        }
        Ok(theme)
    }
}

/// The user's theme file; an empty one where there is none.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it cannot be read.
pub fn read(path: &Path) -> Result<ThemeFile> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(ThemeFile::default()),
        Err(e) => {
            return Err(Error::usage(format!("cannot read the theme {}", path.display()))
                .because(e)
                .hint("check its permissions; it is a text in UTF-8"));
        }
    };
    toml::from_str(&text).map_err(|e| {
        Error::usage(format!("the theme {} makes no sense", path.display())).because(e)
    })
}

fn of_text(text: &str) -> Option<Shade> {
    match Color::from_str(text).ok()? {
        Color::Rgb(r, g, b) => Some(Shade {
            rgb: [r, g, b],
            indexed: nearest_indexed([r, g, b]),
            sixteen: nearest_sixteen([r, g, b]),
        }),
        Color::Indexed(index) => {
            let rgb = of_index(index);
            Some(Shade { rgb, indexed: index, sixteen: nearest_sixteen(rgb) })
        }
        named => {
            let rgb = SIXTEEN.iter().find(|(color, _)| *color == named)?.1;
            Some(Shade { rgb, indexed: nearest_indexed(rgb), sixteen: named })
        }
    }
}

/// xterm's sixteen.
const SIXTEEN: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// The color of one of xterm's 256: a cube of 6 levels, and a ramp of 24 grays.
fn of_index(index: u8) -> [u8; 3] {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        0..16 => SIXTEEN[usize::from(index)].1,
        16..232 => {
            let n = usize::from(index - 16);
            [LEVELS[n / 36], LEVELS[n / 6 % 6], LEVELS[n % 6]]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

/// Without the sixteen, which users change.
fn nearest_indexed(rgb: [u8; 3]) -> u8 {
    (16..=255).min_by_key(|&index| distance(of_index(index), rgb)).unwrap_or(16)
}

fn nearest_sixteen(rgb: [u8; 3]) -> Color {
    SIXTEEN
        .iter()
        .min_by_key(|(_, of)| distance(*of, rgb))
        .map_or(Color::Reset, |(color, _)| *color)
}
