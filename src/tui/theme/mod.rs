//! Colors and signs. A theme says which color each role has; how much of it reaches the screen
//! depends on the terminal: all of it, 256 colors, 16, or none but bold and reverse.

mod read;
mod signs;

use ratatui::style::{Color, Modifier, Style};

use crate::jobs::State;
use crate::settings::variable;

pub use read::{ThemeFile, read};
pub use signs::Signs;

/// How many colors the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: `NO_COLOR`, or a terminal without.
    Mono,
    /// The 16 of old.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// All.
    True,
}

impl Depth {
    /// What the environment says (`NO_COLOR`, `COLORTERM` and `TERM`), and the terminal itself:
    /// `name` is what it answered to XTVERSION. Over SSH only `TERM` and the answer survive.
    pub fn detect(name: Option<&str>) -> Self {
        let text = |name| variable(name).unwrap_or_default().to_string_lossy().into_owned();
        let depth = Self::of(variable("NO_COLOR").is_some(), &text("COLORTERM"), &text("TERM"));
        match name {
            Some(name) if depth != Depth::Mono && has_all(name) => Depth::True,
            _ => depth,
        }
    }

    fn of(no_color: bool, colorterm: &str, term: &str) -> Self {
        match term {
            _ if no_color => Depth::Mono,
            "" | "dumb" | "vt100" | "vt220" => Depth::Mono,
            _ if matches!(colorterm, "truecolor" | "24bit") => Depth::True,
            _ if term.contains("direct") || term.contains("kitty") || term.contains("ghostty") => {
                Depth::True
            }
            "linux" | "screen" | "ansi" | "cygwin" => Depth::Sixteen,
            _ => Depth::Indexed,
        }
    }
}

/// Whether a terminal of this name (XTVERSION) shows all colors.
fn has_all(name: &str) -> bool {
    const KNOWN: [&str; 8] =
        ["foot", "kitty", "WezTerm", "iTerm2", "contour", "mintty", "ghostty", "Konsole"];
    // xterm takes them since this version, and shows them, since 2018.
    const XTERM: u32 = 331;
    let version = name.strip_prefix("XTerm(").and_then(|rest| rest.strip_suffix(')'));
    KNOWN.iter().any(|known| name.starts_with(known))
        || version.and_then(|version| version.parse().ok()).is_some_and(|v: u32| v >= XTERM)
}

/// What a color is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Behind everything.
    Background,
    /// Behind popups.
    Surface,
    /// Behind the line that is chosen.
    Selection,
    /// Text.
    Text,
    /// Text that matters less.
    Muted,
    /// Lines and decoration.
    Dim,
    /// What has the focus.
    Focus,
    /// What stands out.
    Accent,
    /// What waits.
    Queued,
    /// What is done.
    Done,
    /// What is held, and warnings.
    Warning,
    /// What failed.
    Failed,
}

impl Role {
    /// All.
    pub const ALL: [Role; 12] = [
        Role::Background,
        Role::Surface,
        Role::Selection,
        Role::Text,
        Role::Muted,
        Role::Dim,
        Role::Focus,
        Role::Accent,
        Role::Queued,
        Role::Done,
        Role::Warning,
        Role::Failed,
    ];

    /// Its name in a theme's file.
    pub fn name(self) -> &'static str {
        match self {
            Role::Background => "background",
            Role::Surface => "surface",
            Role::Selection => "selection",
            Role::Text => "text",
            Role::Muted => "muted",
            Role::Dim => "dim",
            Role::Focus => "focus",
            Role::Accent => "accent",
            Role::Queued => "queued",
            Role::Done => "done",
            Role::Warning => "warning",
            Role::Failed => "failed",
        }
    }
}

/// A color for each kind of terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shade {
    /// Red, green and blue.
    pub rgb: [u8; 3],
    /// The nearest of the 256.
    pub indexed: u8,
    /// The nearest of the 16.
    pub sixteen: Color,
}

/// The colors of all roles, as far as this terminal shows them, and the signs.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// How many colors are shown.
    pub depth: Depth,
    /// Signs and lines.
    pub signs: Signs,
    shades: [Shade; Role::ALL.len()],
}

impl Theme {
    /// The color of a role; [`Color::Reset`] where none is shown.
    pub fn color(&self, role: Role) -> Color {
        let shade = self.shades[role as usize];
        match self.depth {
            Depth::Mono => Color::Reset,
            Depth::Sixteen => shade.sixteen,
            Depth::Indexed => Color::Indexed(shade.indexed),
            Depth::True => Color::Rgb(shade.rgb[0], shade.rgb[1], shade.rgb[2]),
        }
    }

    /// Text in the color of a role, on whatever is behind it.
    pub fn style(&self, role: Role) -> Style {
        match self.depth {
            Depth::Mono => match role {
                Role::Focus | Role::Accent | Role::Failed | Role::Warning => {
                    Style::new().add_modifier(Modifier::BOLD)
                }
                _ => Style::new(),
            },
            _ => Style::new().fg(self.color(role)),
        }
    }

    /// What everything is painted on.
    pub fn base(&self) -> Style {
        Style::new().fg(self.color(Role::Text)).bg(self.color(Role::Background))
    }

    /// What popups are painted on.
    pub fn surface(&self) -> Style {
        Style::new().fg(self.color(Role::Text)).bg(self.color(Role::Surface))
    }

    /// The line that is chosen, in a pane that has the focus or not.
    pub fn selected(&self, focused: bool) -> Style {
        match (self.depth, focused) {
            (Depth::Mono, true) => Style::new().add_modifier(Modifier::REVERSED),
            (Depth::Mono, false) => Style::new().add_modifier(Modifier::UNDERLINED),
            (Depth::Sixteen, true) => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().bg(self.color(Role::Selection)),
        }
    }

    /// A heading.
    pub fn heading(&self) -> Style {
        self.style(Role::Focus).add_modifier(Modifier::BOLD)
    }

    /// A key in the footer or in a hint.
    pub fn key(&self) -> Style {
        self.style(Role::Accent).add_modifier(Modifier::BOLD)
    }

    /// The role of a state's color.
    pub fn of_state(state: State) -> Role {
        match state {
            State::Queued => Role::Queued,
            State::Running => Role::Focus,
            State::Paused => Role::Warning,
            State::Done => Role::Done,
            State::Failed | State::Refused => Role::Failed,
            State::Cancelled => Role::Muted,
        }
    }

    /// The sign of a state, in its color.
    pub fn state(&self, state: State) -> (char, Style) {
        (self.signs.state(state), self.style(Self::of_state(state)))
    }
}

#[cfg(test)]
mod tests;
