//! A job at a glance, beside the queue.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::service::wire::JobView;
use crate::tui::canvas::{Canvas, plain, tail};
use crate::tui::picture::Key;
use crate::tui::theme::Role;
use crate::tui::words::file_name;

use super::pictures;

/// Paints who goes where, how it looks, and what there is to say.
pub fn glance(canvas: &mut Canvas<'_>, area: Rect, job: &JobView) {
    let source = job.sources.first().map(Key::file);
    if area.width > area.height * 4 {
        // Low and wide: the words beside all pictures.
        let [face, large, lines] =
            Layout::horizontal([Constraint::Fill(3), Constraint::Fill(9), Constraint::Fill(8)])
                .spacing(1)
                .areas(area);
        if let Some(source) = source {
            canvas.picture(face, &source);
        }
        pictures::view(canvas, large, job);
        return words(canvas, lines, job);
    }
    // The face that goes in, beside the words, below what becomes of it.
    let low = (area.height / 3).clamp(4, 12);
    let most = Rect { height: area.height.saturating_sub(low + 1), ..area };
    let high = pictures::rows(canvas, most, job);
    let [large, _, below, _] = Layout::vertical([
        Constraint::Length(high),
        Constraint::Length(1),
        Constraint::Length(low),
        Constraint::Fill(1),
    ])
    .areas(area);
    pictures::view(canvas, large, job);
    let room = (area.width / 3, low);
    let wide = source.as_ref().map_or(0, |source| canvas.fitted(source, room).0.0);
    let [face, lines] =
        Layout::horizontal([Constraint::Length(wide), Constraint::Fill(1)]).spacing(1).areas(below);
    if let Some(source) = source {
        canvas.picture(face, &source);
    }
    words(canvas, lines, job);
}

fn words(canvas: &mut Canvas<'_>, area: Rect, job: &JobView) {
    let arrow = canvas.theme().signs.arrow();
    let cut = canvas.theme().signs.cut();
    let room = usize::from(area.width);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let source = job.sources.first().map(|source| file_name(source)).unwrap_or("no source");
    let more = match job.sources.len() {
        0 | 1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    lines.push(Line::from(vec![
        canvas.span(plain(source), Role::Text),
        canvas.span(format!("{more} {arrow} "), Role::Muted),
        canvas.span(plain(file_name(&job.target)), Role::Text),
    ]));
    lines.push(Line::from(canvas.span(tail(&plain(&job.output), room, cut), Role::Muted)));
    if let Some(failure) = &job.failure {
        lines.push(Line::from(canvas.span(plain(&failure.message), Role::Failed)));
        if let Some(hint) = &failure.hint {
            lines.push(Line::from(canvas.span(plain(hint), Role::Warning)));
        }
    } else if let Some(waiting) = &job.waiting {
        lines.push(Line::from(canvas.span(plain(waiting), Role::Warning)));
    } else if let Some(progress) = canvas.model.desk.jobs.progress(&job.id)
        && !progress.stage.is_empty()
    {
        let stage = format!("limited by {}", progress.stage);
        lines.push(Line::from(canvas.span(stage, Role::Muted)));
    }
    for (row, line) in lines.into_iter().enumerate().take(usize::from(area.height)) {
        let place = Rect { y: area.y + row as u16, height: 1, ..area };
        canvas.line(place, line);
    }
}
