//! The queue, painted.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::jobs::State;
use crate::service::wire::JobView;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, plain};
use crate::tui::desk::Link;
use crate::tui::input;
use crate::tui::painted::{Hit, List};
use crate::tui::screens::job;
use crate::tui::theme::Role;
use crate::tui::words::{clock, time};

/// From so many columns on, pictures stand to the right of the list.
const WIDE: u16 = 120;
/// With fewer rows there are no pictures.
const LOW: u16 = 16;

/// Paints the queue.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let shown = canvas.model.queue.job().cloned();
    let (list, detail) = match shown {
        Some(_) if area.width >= WIDE && area.height >= LOW => {
            let [list, detail] =
                Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(area);
            (list, Some(detail))
        }
        Some(_) if area.height >= LOW && area.width >= 60 => {
            let [list, detail] =
                Layout::vertical([Constraint::Fill(1), Constraint::Length(area.height / 2)])
                    .areas(area);
            (list, Some(detail))
        }
        _ => (area, None),
    };
    let inner = canvas.pane(list, &title(canvas), true);
    rows(canvas, inner);
    if let (Some(detail), Some(shown)) = (detail, &shown) {
        let inner = canvas.pane(detail, &plain(&shown.name), false);
        canvas.hit(detail, Hit::Action(Action::Open));
        job::glance(canvas, inner, shown);
    }
}

fn title(canvas: &Canvas<'_>) -> String {
    let model = canvas.model;
    let queue = &model.queue;
    let dot = model.theme.signs.dot();
    let mut parts = vec![match queue.marked.len() {
        0 => format!("Queue {}", model.desk.jobs.counts.sum()),
        marked => format!("Queue {}, {marked} marked", model.desk.jobs.counts.sum()),
    }];
    if queue.order != crate::tui::desk::Order::Queue {
        parts.push(format!("by {}", queue.order.name()));
    }
    let filter = queue.filter_words();
    if !filter.is_empty() {
        parts.push(plain(&filter));
    }
    parts.join(dot)
}

fn rows(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let queue = &model.queue;
    let mut list = area;
    if queue.writing {
        let line = Rect { height: 1, ..area };
        input::labeled(canvas, line, "/", &queue.filter, true);
        list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    }
    if queue.rows.is_empty() {
        return empty(canvas, list);
    }
    canvas.list(list, List::Queue, queue.rows.len(), Some(queue.at), true, |canvas, area, row| {
        let job = &canvas.model.queue.rows[row];
        line(canvas, area, job);
        let over = canvas
            .model
            .queue
            .dragged
            .as_ref()
            .is_some_and(|(id, over)| *over == row && *id != job.id);
        if over {
            let style = canvas.theme().style(Role::Accent);
            canvas.buffer.set_style(area, style.add_modifier(ratatui::style::Modifier::UNDERLINED));
        }
    });
}

/// What is said when there is nothing in the list.
fn empty(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let lines: Vec<Line<'_>> = match &model.desk.link {
        Link::Connecting => vec![Line::from(canvas.span("looking for the service", Role::Muted))],
        _ if !model.queue.filter_words().is_empty() => vec![
            Line::from(canvas.span("no job fits", Role::Muted)),
            Line::from(vec![
                canvas.span(model.key(Action::Back), Role::Accent),
                canvas.span(" shows all again", Role::Muted),
            ]),
        ],
        _ => vec![
            Line::from(canvas.span("nothing to do", Role::Text)),
            Line::default(),
            Line::from(vec![
                canvas.span(model.key(Action::TabNewJob), Role::Accent),
                canvas.span(" a new job, or drop a photo and a film here", Role::Muted),
            ]),
            Line::from(vec![
                canvas.span(model.key(Action::TabWatches), Role::Accent),
                canvas.span(" hot folders, whose files become jobs", Role::Muted),
            ]),
        ],
    };
    let top = area.y + area.height.saturating_sub(lines.len() as u16) / 2;
    for (row, line) in lines.into_iter().enumerate() {
        let place = Rect { y: top + row as u16, height: 1, ..area };
        if place.y < area.bottom() {
            canvas.line(place, line.centered());
        }
    }
}

/// One job in a line.
fn line(canvas: &mut Canvas<'_>, area: Rect, job: &JobView) {
    let model = canvas.model;
    let theme = canvas.theme();
    let (sign, color) = theme.state(job.state);
    let marked = model.queue.marked.contains(&job.id);
    let mark = if marked { theme.signs.mark() } else { ' ' };
    let right = right(canvas, job, area.width);
    let wide = (right.width() as u16).min(area.width / 2);
    let left = Rect { width: area.width - wide, ..area };
    let mut spans = vec![
        canvas.span(mark.to_string(), Role::Accent),
        ratatui::text::Span::styled(format!("{sign} "), color),
        canvas.span(plain(&job.name), Role::Text),
    ];
    if area.width >= 64 {
        spans.push(canvas.span(format!("  {}", plain(&job.profile)), Role::Muted));
    }
    if area.width >= 90
        && let Some(words) = words(job)
    {
        let role = if job.failure.is_some() { Role::Failed } else { Role::Muted };
        spans.push(canvas.span(format!("  {}", plain(&words)), role));
    }
    canvas.line(left, Line::from(spans));
    canvas.line(Rect { x: area.right() - wide, width: wide, ..area }, right);
}

/// Why it is as it is, where that says something.
fn words(job: &JobView) -> Option<String> {
    match (&job.failure, &job.waiting) {
        (Some(failure), _) => Some(failure.message.clone()),
        (None, Some(waiting)) => Some(waiting.clone()),
        _ if job.priority != 0 && !job.state.is_final() => {
            Some(format!("priority {:+}", job.priority))
        }
        _ => None,
    }
}

/// What stands at the end of the line: how far it is, or when it ended.
fn right<'t>(canvas: &Canvas<'t>, job: &JobView, width: u16) -> Line<'t> {
    let model = canvas.model;
    let when = job.ended.map(|ended| time(ended, model.now)).unwrap_or_default();
    if job.state.is_final() {
        return Line::from(canvas.span(format!(" {when} "), Role::Muted));
    }
    let Some(progress) = model.desk.jobs.progress(&job.id) else {
        let word = match (job.state, job.not_before) {
            (State::Queued, Some(at)) => format!(" {} ", time(at, model.now)),
            (State::Running, _) => " starting ".to_owned(),
            (state, _) => format!(" {state} "),
        };
        return Line::from(canvas.span(word, Role::Muted));
    };
    let share = share(progress.frames, progress.total);
    let percent = share
        .map_or_else(|| format!("{} frames", progress.frames), |s| format!("{:3.0} %", 100.0 * s));
    let role = crate::tui::theme::Theme::of_state(job.state);
    let mut spans = vec![];
    if width >= 100
        && let Some(rates) = model.desk.jobs.rates(&job.id)
    {
        spans.push(canvas.spark(rates, 12, Role::Queued));
        spans.push(canvas.span(" ", Role::Text));
    }
    if width >= 56 && job.state == State::Running {
        spans.push(canvas.span(format!("{:.1} fps ", progress.fps), Role::Muted));
    }
    if let (Some(share), true) = (share, width >= 40) {
        let (done, left) = model.theme.signs.bar();
        let wide = if width >= 72 { 14 } else { 8 };
        let full = (share * f64::from(wide)).round() as usize;
        spans.push(canvas.span(done.to_string().repeat(full), role));
        spans.push(canvas.span(left.to_string().repeat(wide as usize - full), Role::Dim));
        spans.push(canvas.span(" ", Role::Text));
    }
    spans.push(canvas.span(percent, role));
    if let (Some(eta), true) = (progress.eta_seconds, width >= 48 && job.state == State::Running) {
        spans.push(canvas.span(format!(" {}", clock(eta)), Role::Text));
    }
    spans.push(canvas.span(" ", Role::Text));
    Line::from(spans)
}

/// How much of a job is done, 0 to 1.
pub fn share(frames: u64, total: Option<u64>) -> Option<f64> {
    total.filter(|total| *total > 0).map(|total| (frames as f64 / total as f64).min(1.0))
}
