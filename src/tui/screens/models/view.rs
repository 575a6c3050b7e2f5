//! The models, painted.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::jobs::State;
use crate::service::wire::ModelView;
use crate::tui::canvas::{Canvas, fit, plain};
use crate::tui::desk::Link;
use crate::tui::painted::List;
use crate::tui::theme::Role;
use crate::tui::words::bytes;

use super::{detail, pull};

/// Paints them.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    let shelf = &model.models.shelf;
    let (list, detail) = shelf.panes(area);
    if let Some(list) = list {
        let here = model.desk.models.iter().filter(|one| usable(one)).count();
        let title = format!("Models {}, {here} here", model.desk.models.len());
        shelf.view(canvas, list, (List::Models, &title), empty(canvas), |canvas, area, at| {
            let models = &canvas.model.desk.models;
            let name = &canvas.model.models.shelf.rows[at];
            let before = at.checked_sub(1).and_then(|at| canvas.model.models.shelf.rows.get(at));
            let find = |name: &str| models.iter().find(|one| one.id == name);
            if let Some(one) = find(name) {
                let role = before.and_then(|name| find(name)).map(|one| one.role);
                line(canvas, area, one, role != Some(one.role));
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
    let word = match canvas.model.desk.link {
        Link::Up => "asking which models there are",
        _ => "the service knows which models there are",
    };
    vec![Line::from(canvas.span(word, Role::Muted))]
}

/// Whether a model can be used now.
fn usable(one: &ModelView) -> bool {
    matches!(one.status.as_str(), "embedded" | "here")
}

/// The sign of a status, in its color.
pub(super) fn sign(canvas: &Canvas<'_>, one: &ModelView) -> (char, Role) {
    let signs = canvas.theme().signs;
    if pull(canvas.model, &one.id).is_some() {
        return (signs.state(State::Running), Role::Focus);
    }
    match one.status.as_str() {
        "embedded" => (signs.mark(), Role::Done),
        "here" => (signs.state(State::Done), Role::Done),
        "damaged" => (signs.state(State::Failed), Role::Failed),
        _ => (signs.state(State::Queued), Role::Muted),
    }
}

/// One model in a line: its role where it is the first of it, its name, its size, its license or how
/// far it is.
fn line(canvas: &mut Canvas<'_>, area: Rect, one: &ModelView, first: bool) {
    let (sign, role) = sign(canvas, one);
    let label = if first { one.role.name() } else { "" };
    let name = if usable(one) { Role::Text } else { Role::Muted };
    let wide = usize::from(area.width).saturating_sub(37).clamp(16, 26);
    let id = fit(&one.id, wide);
    let mut spans = vec![
        canvas.span(format!(" {:<12}", fit(label, 12)), Role::Queued),
        canvas.span(format!("{sign} "), role),
        canvas.span(format!("{id:<wide$} "), name),
        canvas.span(format!("{:>7}  ", one.bytes.map(bytes).unwrap_or_default()), Role::Muted),
    ];
    spans.extend(last(canvas, one));
    canvas.line(area, Line::from(spans));
}

fn last<'t>(canvas: &Canvas<'t>, one: &ModelView) -> Vec<Span<'t>> {
    if let Some(pull) = pull(canvas.model, &one.id) {
        return detail::bar(canvas, pull, 8);
    }
    if let Some(word) = canvas.model.models.busy.get(&one.id) {
        return vec![canvas.span(*word, Role::Focus)];
    }
    if one.status == "damaged" {
        return vec![canvas.span("damaged", Role::Failed)];
    }
    let role = if one.license.commercial { Role::Muted } else { Role::Warning };
    let name = plain(&one.license.name);
    // What is not in SPDX's list is named by who wrote it.
    let name = name.strip_prefix("LicenseRef-").unwrap_or(&name).to_owned();
    vec![canvas.span(name, role)]
}
