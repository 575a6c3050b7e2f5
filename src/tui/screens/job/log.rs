//! The log of a job: its last lines, by level, searched.

use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tui_input::Input;

use crate::jobs::State;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, plain};
use crate::tui::effect::{Call, Effect, Timer};
use crate::tui::input;
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::moved;
use crate::tui::painted::List;
use crate::tui::theme::Role;
use crate::tui::words::exact;

/// Between two looks at the log of a job that runs.
const EVERY: std::time::Duration = std::time::Duration::from_secs(2);

/// The log.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: Vec<String>,
    /// Only warnings and errors.
    warnings: bool,
    search: Input,
    writing: bool,
    chosen: usize,
    /// It stays at its end while it grows.
    follows: Follows,
    /// A look at it is on its way.
    timed: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Follows(bool);

impl Default for Follows {
    fn default() -> Self {
        Follows(true)
    }
}

impl Log {
    pub(super) fn writing(&self) -> bool {
        self.writing
    }

    pub(super) fn key(&mut self, key: KeyEvent) {
        input::edit(&mut self.search, key);
        self.end();
    }

    pub(super) fn paste(&mut self, text: &str) -> bool {
        if self.writing {
            input::insert(&mut self.search, text);
        }
        self.writing
    }

    pub(super) fn take(&mut self, text: &str) {
        self.lines = text.lines().map(plain).collect();
        if self.follows.0 {
            self.end();
        }
    }

    fn end(&mut self) {
        self.chosen = self.shown().len().saturating_sub(1);
    }

    pub(super) fn choose(&mut self, index: usize) {
        self.chosen = index;
        self.follows.0 = index + 1 >= self.shown().len();
    }

    /// Says more or less.
    pub(super) fn level(&mut self) {
        self.warnings = !self.warnings;
        self.end();
    }

    /// The lines that fit.
    fn shown(&self) -> Vec<&String> {
        let text = self.search.value().trim().to_lowercase();
        let loud = |line: &str| line.contains("WARN") || line.contains("ERROR");
        self.lines
            .iter()
            .filter(|line| !self.warnings || loud(line))
            .filter(|line| text.is_empty() || line.to_lowercase().contains(&text))
            .collect()
    }

    /// Does what an action asks for; whether it means something here.
    pub(super) fn act(&mut self, action: Action, page: usize) -> bool {
        if self.writing {
            match action {
                Action::Accept => self.writing = false,
                Action::Back => {
                    self.writing = false;
                    self.search.reset();
                    self.end();
                }
                _ => return false,
            }
            return true;
        }
        match action {
            Action::Filter => self.writing = true,
            Action::LogLevel => self.level(),
            _ => {
                let len = self.shown().len();
                let Some(at) = moved(self.chosen, len, page, action) else { return false };
                self.choose(at);
            }
        }
        true
    }

    pub(super) fn view(&self, canvas: &mut Canvas<'_>, area: Rect, focused: bool) {
        let mut list = area;
        if self.writing || !self.search.value().is_empty() {
            let line = Rect { height: 1, ..area };
            input::labeled(canvas, line, "/", &self.search, self.writing);
            list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        }
        let shown = self.shown();
        if shown.is_empty() {
            let word = if self.lines.is_empty() { "nothing was logged" } else { "no line fits" };
            canvas.line(list, canvas.span(word, Role::Muted));
            return;
        }
        let chosen = Some(self.chosen.min(shown.len() - 1));
        canvas.list(list, List::Log, shown.len(), chosen, focused, |canvas, area, row| {
            let line = shown[row];
            let role = match () {
                () if line.contains("ERROR") => Role::Failed,
                () if line.contains("WARN") => Role::Warning,
                () => Role::Muted,
            };
            let Some((at, rest)) = timed(line) else {
                return canvas.line(area, canvas.span(line.as_str(), role));
            };
            let role = if role == Role::Muted { Role::Text } else { role };
            let spans =
                vec![canvas.span(format!("{}  ", exact(at)), Role::Muted), canvas.span(rest, role)];
            canvas.line(area, Line::from(spans));
        });
    }

    /// What is shown of it, for the title.
    pub(super) fn title(&self) -> &'static str {
        if self.warnings { "Log, warnings only" } else { "Log" }
    }
}

/// When a line was written, and what it says.
fn timed(line: &str) -> Option<(Timestamp, &str)> {
    let (at, rest) = line.split_once(' ')?;
    Some((at.parse().ok()?, rest.trim_start()))
}

/// Looks at the log, and again as long as the job runs and the screen is shown.
pub fn look_at_log(model: &mut Model) {
    model.job.log.timed = false;
    if model.tab != Tab::Job {
        return;
    }
    let Some(id) = model.job.id.clone() else { return };
    let running = model.desk.jobs.get(&id).is_some_and(|job| job.state == State::Running);
    model.effect(Effect::Call(Call::Log(id)));
    if running {
        model.job.log.timed = true;
        model.effect(Effect::After(EVERY, Timer::Log));
    }
}
