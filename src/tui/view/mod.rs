//! The whole screen, from the state alone.

mod footer;
mod header;
mod strip;

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::action::Action;
use super::canvas::Canvas;
use super::desk::Link;
use super::screens;
use super::theme::Role;

/// A window that is smaller than this shows nothing but that it is too small.
pub const LEAST: (u16, u16) = (40, 10);

/// Paints everything.
pub fn view(canvas: &mut Canvas<'_>) {
    let area = canvas.buffer.area;
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return too_small(canvas, area);
    }
    let roomy = area.width >= 80 && area.height >= 24;
    let heights = [
        Constraint::Length(1),
        Constraint::Length(if roomy { 2 } else { 0 }),
        Constraint::Fill(1),
        Constraint::Length(1),
    ];
    let [head, strip, body, foot] = Layout::vertical(heights).areas(area);
    header::view(canvas, head);
    strip::view(canvas, strip);
    let body = banner(canvas, body);
    screens::view(canvas, body);
    for overlay in &canvas.model.overlays {
        overlay.view(canvas);
    }
    // Last, so that a click on a key means that key, whatever lies over the screen.
    footer::view(canvas, foot);
    canvas.model.toasts.view(canvas, Rect { height: area.height.saturating_sub(1), ..area });
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let text = format!("{} x {} is too small; jobs go on", area.width, area.height);
    let line = Line::from(canvas.span(text, Role::Warning)).centered();
    let place = Rect { y: area.y + area.height / 2, height: area.height.min(1), ..area };
    canvas.line(place, line);
}

/// A line that says that the service is away; gives what is left of the area.
fn banner(canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let model = canvas.model;
    let text = match &model.desk.link {
        Link::Away(why) if model.local => {
            format!(" no service ({} starts one): {why}", model.key(Action::StopService))
        }
        Link::Away(why) => format!(" no service: {why}; trying again"),
        _ if model.desk.stopping => " the service is about to stop".to_owned(),
        _ => return area,
    };
    let place = Rect { height: area.height.min(1), ..area };
    let line = Line::from(canvas.span(super::canvas::plain(&text), Role::Warning));
    canvas.line(place, line);
    Rect { y: area.y + place.height, height: area.height - place.height, ..area }
}
