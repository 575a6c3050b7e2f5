//! The job, painted.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::tui::canvas::{Canvas, plain};
use crate::tui::screens::queue::share;
use crate::tui::theme::{Role, Theme};
use crate::tui::words::clock;

use super::{Pane, facts, pictures, segments, stages};

/// Paints the job.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let job = model.job.id.as_ref().and_then(|id| model.desk.jobs.get(id)).cloned();
    let Some(job) = job else {
        let line = Line::from(canvas.span("no job was chosen in the queue", Role::Muted));
        let place = Rect { y: area.y + area.height / 2, height: area.height.min(1), ..area };
        canvas.line(place, line.centered());
        return;
    };
    let (top, log) = match area.height {
        0..14 => (area, None),
        height => {
            let low = (height / 4).clamp(6, 12);
            let [top, log] =
                Layout::vertical([Constraint::Fill(1), Constraint::Length(low)]).areas(area);
            (top, Some(log))
        }
    };
    let (left, right) = match top.width {
        0..70 => (top, None),
        width => {
            let facts = (width * 2 / 5).clamp(36, 64);
            let [left, right] =
                Layout::horizontal([Constraint::Length(facts), Constraint::Fill(1)]).areas(top);
            (left, Some(right))
        }
    };
    let focus = model.job.focus;
    let (sign, _) = model.theme.state(job.state);
    let inner = canvas.pane(left, &format!("{sign} {}", plain(&job.name)), focus == Pane::Facts);
    let mut rest = inner;
    if let Some(progress) = model.desk.jobs.progress(&job.id) {
        if let Some(share) = share(progress.frames, progress.total) {
            let role = Theme::of_state(job.state);
            let words = match progress.eta_seconds {
                Some(eta) => format!(" {:.0} %  {} left", share * 100.0, clock(eta)),
                None => format!(" {:.0} %", share * 100.0),
            };
            let wide = inner.width.saturating_sub(words.len() as u16);
            canvas.bar(Rect { width: wide, height: 1, ..inner }, share, role);
            let place = Rect { x: inner.x + wide, width: inner.width - wide, height: 1, ..inner };
            canvas.line(place, canvas.span(words, Role::Text));
        }
        rest = below(inner, 1);
        if inner.height >= 8 && segments::view(canvas, rest, progress) {
            rest = below(rest, 1);
        }
        if inner.height >= 14 && !progress.stages.is_empty() {
            let taken = stages::view(canvas, rest, &progress.stages);
            rest = below(rest, taken + 1);
        }
    }
    let focused = focus == Pane::Facts;
    facts::facts(canvas, &job).view(canvas, rest, model.job.facts, focused);
    if let Some(right) = right {
        let title = match model.job.compare {
            _ if job.attempts == 0 => "Before",
            pictures::Compare::Both => "Before and after",
            pictures::Compare::Wipe => "Before | after",
            pictures::Compare::After => "After",
            pictures::Compare::Before => "Before",
        };
        let inner = canvas.pane(right, title, false);
        pictures::view(canvas, inner, &job);
    }
    if let Some(log) = log {
        let inner = canvas.pane(log, model.job.log.title(), focus == Pane::Log);
        model.job.log.view(canvas, inner, focus == Pane::Log);
    }
}

/// What is left of an area below so many lines.
fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y + lines, height: area.height - lines, ..area }
}
