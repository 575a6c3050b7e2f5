//! The hot folders, painted.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::jobs::State;
use crate::service::wire::WatchView;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, fit, plain, tail};
use crate::tui::painted::List;
use crate::tui::theme::Role;

use super::detail;

/// Paints them.
pub(super) fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let shelf = &model.watches.shelf;
    let (list, detail) = shelf.panes(area);
    if let Some(list) = list {
        let title = format!("Hot folders {}", model.desk.watches.len());
        shelf.view(canvas, list, (List::Watches, &title), empty(canvas), |canvas, area, at| {
            let name = &canvas.model.watches.shelf.rows[at];
            if let Some(one) = canvas.model.desk.watches.iter().find(|one| one.name == *name) {
                line(canvas, area, one);
            }
        });
    }
    if let Some(area) = detail {
        let title = shelf.chosen().unwrap_or_default();
        let inner = canvas.pane(area, &plain(title), shelf.detail);
        detail::facts(canvas).view(canvas, inner, shelf.detail_at, shelf.detail);
    }
}

fn empty<'t>(canvas: &Canvas<'t>) -> Vec<Line<'t>> {
    vec![
        Line::from(canvas.span("no hot folder yet", Role::Text)),
        Line::default(),
        Line::from(vec![
            canvas.span(canvas.model.key(Action::New), Role::Accent),
            canvas.span(" a folder whose files become jobs", Role::Muted),
        ]),
    ]
}

/// The sign of what a hot folder does, in its color.
pub(super) fn sign(canvas: &Canvas<'_>, one: &WatchView) -> (char, Role) {
    let signs = canvas.theme().signs;
    match one.status.as_str() {
        "paused" => (signs.state(State::Paused), Role::Warning),
        "watching" | "polling" if one.working > 0 => (signs.state(State::Running), Role::Focus),
        "watching" | "polling" => (signs.mark(), Role::Done),
        _ => (signs.state(State::Failed), Role::Failed),
    }
}

/// One hot folder in a line: its name, its folder, and how many of its files are where.
fn line(canvas: &mut Canvas<'_>, area: Rect, one: &WatchView) {
    let (sign, role) = sign(canvas, one);
    let signs = canvas.theme().signs;
    let count = |canvas: &Canvas<'_>, state: State, count: u64, role: Role| {
        let role = if count == 0 { Role::Dim } else { role };
        canvas.span(format!("{} {count:<5}", signs.state(state)), role)
    };
    let counts = Line::from(vec![
        count(canvas, State::Running, one.working, Role::Focus),
        count(canvas, State::Done, one.settled, Role::Done),
        count(canvas, State::Failed, one.rejected, Role::Failed),
    ]);
    let wide = (counts.width() as u16).min(area.width);
    let left = Rect { width: area.width - wide, ..area };
    let name = fit(&one.name, 18);
    let rest = usize::from(left.width).saturating_sub(24);
    let (text, color) = match one.reason.is_empty() {
        true => (tail(&plain(&one.folder), rest, signs.cut()), Role::Muted),
        false => (plain(&one.reason), Role::Warning),
    };
    let spans = vec![
        canvas.span(format!(" {sign} "), role),
        canvas.span(format!("{name:<18}  "), Role::Text),
        canvas.span(text, color),
    ];
    canvas.line(left, Line::from(spans));
    canvas.line(Rect { x: area.right() - wide, width: wide, ..area }, counts);
}
