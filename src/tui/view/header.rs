//! The first line: the screens, and where the service is.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::canvas::{Canvas, plain};
use crate::tui::desk::Link;
use crate::tui::model::Tab;
use crate::tui::painted::Hit;
use crate::tui::theme::Role;

/// Paints it.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let model = canvas.model;
    // Where there is little room, first the name gives way, then the titles.
    let roomy = area.width >= 110;
    let mut x = area.x;
    if roomy || area.width < 68 {
        let name = Line::from(Span::styled(" facedeck ", canvas.theme().heading()));
        x += (name.width() as u16).min(area.width);
        canvas.line(area, name);
    }
    for (number, tab) in Tab::ALL.into_iter().enumerate() {
        let here = tab == model.tab;
        let number = number + 1;
        let text = match (roomy, area.width) {
            (true, _) => format!(" {number} {} ", tab.title()),
            (false, 68..) => format!(" {number} {} ", tab.short()),
            _ if here => format!(" {number} {} ", tab.short()),
            _ => format!(" {number} "),
        };
        let style = match here {
            true => canvas.theme().selected(true).patch(canvas.theme().heading()),
            false => canvas.style(Role::Muted),
        };
        let width = (text.len() as u16).min(area.right().saturating_sub(x));
        let place = Rect { x, width, ..area };
        canvas.line(place, Span::styled(text, style));
        canvas.hit(place, Hit::Tab(tab));
        x += width;
    }
    let (word, role) = match &model.desk.link {
        Link::Connecting => ("connecting", Role::Warning),
        Link::Up => ("", Role::Done),
        Link::Away(_) => ("away", Role::Failed),
    };
    let host = plain(&model.host);
    let right = match word {
        "" => format!("{host} "),
        word => format!("{host} {word} "),
    };
    let width = right.chars().count() as u16;
    if x + width <= area.right() {
        let place = Rect { x: area.right() - width, width, ..area };
        canvas.line(place, canvas.span(right, role));
    }
}
