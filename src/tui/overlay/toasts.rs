//! Short words that come and go, and what was said before.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use crate::error::Error;
use crate::tui::canvas::{Canvas, fit, plain};
use crate::tui::facts::wrap;
use crate::tui::theme::Role;

/// Words that are kept for those who look later.
const KEPT: usize = 200;
/// Words on the screen at a time.
const SHOWN: usize = 3;

/// Cells in a line of a word at most: more is not read at a glance.
const WIDEST: usize = 76;
/// Lines of a word on the screen; the rest is read among what was said.
const MOST_LINES: usize = 3;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Note,
    /// Something was done.
    Done,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
}

impl Tone {
    /// Its color.
    pub fn role(self) -> Role {
        match self {
            Tone::Note => Role::Focus,
            Tone::Done => Role::Done,
            Tone::Warning => Role::Warning,
            Tone::Error => Role::Failed,
        }
    }

    fn lasts(self) -> Duration {
        match self {
            Tone::Note | Tone::Done => Duration::from_secs(4),
            Tone::Warning | Tone::Error => Duration::from_secs(9),
        }
    }
}

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// What it is.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    /// When it was said.
    pub at: Timestamp,
    /// Until when it is shown.
    until: Duration,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Toasts {
    all: VecDeque<Toast>,
}

impl Toasts {
    /// Says something; gives how long it will be shown.
    pub fn say(&mut self, tone: Tone, text: String, at: Timestamp, clock: Duration) -> Duration {
        // The same word again and again is one word.
        self.all.retain(|old| old.until <= clock || old.text != text || old.tone != tone);
        if self.all.len() == KEPT {
            self.all.pop_front();
        }
        self.all.push_back(Toast { tone, text, at, until: clock + tone.lasts() });
        tone.lasts()
    }

    /// Everything that was said, the latest first.
    pub fn history(&self) -> impl ExactSizeIterator<Item = &Toast> {
        self.all.iter().rev()
    }

    /// What is shown now, the latest last.
    fn shown(&self, clock: Duration) -> Vec<&Toast> {
        let mut shown: Vec<&Toast> =
            self.all.iter().rev().filter(|toast| toast.until > clock).take(SHOWN).collect();
        shown.reverse();
        shown
    }

    /// Paints what is shown, in a corner above the last line.
    pub fn view(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let shown = self.shown(canvas.model.clock);
        let mut below = area.bottom();
        for toast in shown.into_iter().rev() {
            let lines = lines(&toast.text, area.width, canvas.theme().signs.cut());
            let width = lines.iter().map(|line| line.width() as u16).max().unwrap_or(0) + 2;
            let height = lines.len() as u16;
            if width > area.width || below < area.y + height {
                return;
            }
            below -= height;
            let place = Rect::new(area.right() - width, below, width, height);
            canvas.cover(place);
            for (y, line) in (place.y..).zip(lines) {
                let line = Line::from(canvas.span(format!(" {line}"), toast.tone.role()));
                canvas.line(Rect { y, height: 1, ..place }, line);
            }
        }
    }
}

/// A word in a few lines, no wider than a part of the screen; where there is more, a sign says so.
fn lines(text: &str, width: u16, cut: &str) -> Vec<String> {
    let wide = usize::from(width.saturating_sub(2)).clamp(1, WIDEST);
    let mut lines = wrap(&plain(text), wide);
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            *last = format!("{}{cut}", fit(last, wide.saturating_sub(cut.width())));
        }
    }
    lines
}

/// An error in one line: what happened, why, and what to do.
pub fn words(error: &Error) -> String {
    match error.hint_text() {
        Some(hint) => format!("{}; {hint}", error.chain()),
        None => error.chain(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_and_cut() {
        assert_eq!(lines("a film of summer", 12, "…"), ["a film of", "summer"]);
        let told = lines(&"word ".repeat(99), 12, "…");
        assert_eq!(told, ["word word", "word word", "word word…"]);
        assert_eq!(
            lines("a\x1b[31mb", 40, "…"),
            ["a\u{fffd}[31mb"],
            "nothing that a terminal acts upon"
        );
    }

    #[test]
    fn words_go_and_are_kept() {
        let mut toasts = Toasts::default();
        let at = Timestamp::UNIX_EPOCH;
        for n in 0..500 {
            toasts.say(Tone::Note, format!("word {n}"), at, Duration::ZERO);
        }
        toasts.say(Tone::Error, "bad".into(), at, Duration::ZERO);
        toasts.say(Tone::Error, "bad".into(), at, Duration::from_secs(1));
        assert_eq!(toasts.history().len(), KEPT);
        let shown = |seconds| {
            let shown = toasts.shown(Duration::from_secs(seconds));
            shown.iter().map(|toast| toast.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(shown(1), ["word 498", "word 499", "bad"]);
        assert_eq!(shown(6), ["bad"]);
        assert!(shown(30).is_empty());
    }
}
