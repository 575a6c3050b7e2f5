//! The profiles, painted.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::jobs::State;
use crate::service::wire::ProfileView;
use crate::tui::canvas::{Canvas, fit, plain};
use crate::tui::painted::List;
use crate::tui::theme::Role;

use super::{BUILT_IN, detail};

/// Paints them.
pub(super) fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let shelf = &model.profiles.shelf;
    let (list, detail) = shelf.panes(area);
    if let Some(list) = list {
        let own = model.desk.profiles.iter().filter(|one| one.from != BUILT_IN).count();
        let title = match own {
            0 => format!("Profiles {}", model.desk.profiles.len()),
            own => format!("Profiles {}, {own} of your own", model.desk.profiles.len()),
        };
        let empty = vec![Line::from(canvas.span("asking which profiles there are", Role::Muted))];
        shelf.view(canvas, list, (List::Profiles, &title), empty, |canvas, area, at| {
            let name = &canvas.model.profiles.shelf.rows[at];
            if let Some(one) = canvas.model.desk.profiles.iter().find(|one| one.name == *name) {
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

/// The sign of whether a profile can be used, in its color.
pub(super) fn sign(canvas: &Canvas<'_>, one: &ProfileView) -> (char, Role) {
    let signs = canvas.theme().signs;
    match (&one.fault, one.missing.is_empty()) {
        (Some(_), _) => (signs.state(State::Failed), Role::Failed),
        (None, false) => (signs.state(State::Queued), Role::Warning),
        (None, true) => (signs.state(State::Done), Role::Done),
    }
}

/// One profile in a line: its name, whose it is, and what it is good for or lacks.
fn line(canvas: &mut Canvas<'_>, area: Rect, one: &ProfileView) {
    let (sign, role) = sign(canvas, one);
    let name = fit(&one.name, 18);
    let whose = if one.from == BUILT_IN { "built in" } else { "yours" };
    let (text, color) = match (&one.fault, one.missing.len()) {
        (Some(fault), _) => (plain(fault), Role::Failed),
        (None, 0) => (plain(&one.description), Role::Muted),
        (None, 1) => ("1 model is missing".to_owned(), Role::Warning),
        (None, n) => (format!("{n} models are missing"), Role::Warning),
    };
    let spans = vec![
        canvas.span(format!(" {sign} "), role),
        canvas.span(format!("{name:<18} "), Role::Text),
        canvas.span(format!("{whose:<9} "), Role::Queued),
        canvas.span(text, color),
    ];
    canvas.line(area, Line::from(spans));
}
