//! Signs: pretty ones, and ASCII for terminals and fonts without them.

use ratatui::symbols::border;

use crate::jobs::State;

/// Signs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signs {
    /// Nothing but ASCII.
    pub ascii: bool,
}

impl Signs {
    fn pick<T>(self, pretty: T, ascii: T) -> T {
        if self.ascii { ascii } else { pretty }
    }

    /// The sign of a state.
    pub fn state(self, state: State) -> char {
        match state {
            State::Queued => self.pick('○', 'o'),
            State::Running => self.pick('▶', '>'),
            // The sign of media players is missing in many fonts.
            State::Paused => self.pick('‖', '='),
            State::Done => self.pick('✔', '+'),
            State::Failed => self.pick('✖', '!'),
            State::Refused => self.pick('⊘', '#'),
            State::Cancelled => self.pick('–', '-'),
        }
    }

    /// Before a thing that is marked.
    pub fn mark(self) -> char {
        self.pick('●', '*')
    }

    /// Between two parts of a line.
    pub fn dot(self) -> &'static str {
        self.pick(" · ", " - ")
    }

    /// Where a text was cut.
    pub fn cut(self) -> &'static str {
        self.pick("…", "~")
    }

    /// From one thing to another.
    pub fn arrow(self) -> &'static str {
        self.pick("→", "->")
    }

    /// A bar, done and left.
    pub fn bar(self) -> (char, char) {
        self.pick(('━', '─'), ('#', '.'))
    }

    /// A segment of a film: done, worked on, to do.
    pub fn segments(self) -> [&'static str; 3] {
        self.pick(["■", "◧", "·"], ["#", ">", "."])
    }

    /// Steps of a sparkline, the lowest first.
    pub fn steps(self) -> &'static [char] {
        const PRETTY: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const ASCII: [char; 4] = ['_', '.', '-', '^'];
        if self.ascii { &ASCII } else { &PRETTY }
    }

    /// The thumb and the track of a scroll bar.
    pub fn scroll(self) -> (&'static str, &'static str) {
        self.pick(("┃", "│"), ("#", "|"))
    }

    /// Before what can be opened, and what is open.
    pub fn fold(self, open: bool) -> char {
        match open {
            true => self.pick('▾', 'v'),
            false => self.pick('▸', '>'),
        }
    }

    /// A check box.
    pub fn check(self, on: bool) -> &'static str {
        match on {
            true => self.pick("☑", "[x]"),
            false => self.pick("☐", "[ ]"),
        }
    }

    /// The lines around panes.
    pub fn border(self) -> border::Set<'static> {
        const ASCII: border::Set<'static> = border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        };
        self.pick(border::ROUNDED, ASCII)
    }
}
