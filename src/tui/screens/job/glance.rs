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
    let [faces, lines] = if area.width > area.height * 4 {
        // Low and wide: words beside the pictures.
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).spacing(1).areas(area)
    } else {
        Layout::vertical([Constraint::Fill(1), Constraint::Length(4)]).areas(area)
    };
    let source = job.sources.first().cloned();
    match source {
        Some(source) if faces.width >= 30 => {
            let [small, large] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(3)])
                .spacing(1)
                .areas(faces);
            canvas.picture(small, &Key::file(source));
            pictures::view(canvas, large, job);
        }
        _ => pictures::view(canvas, faces, job),
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
