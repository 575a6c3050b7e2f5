//! The system, painted: in two columns where there is room.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::canvas::Canvas;
use crate::tui::facts::Facts;
use crate::tui::painted::List;

use super::{machine, service};

/// From so many columns on there are two.
const WIDE: u16 = 110;

/// Paints it.
pub fn view(canvas: &mut Canvas<'_>, area: Rect) {
    let first = canvas.model.system.first;
    if area.width < WIDE {
        let inner = canvas.pane(area, "System", true);
        let mut all = Facts::default();
        left(canvas, &mut all, inner.width.into());
        right(canvas, &mut all);
        all.scroll(canvas, inner, first);
        return;
    }
    let [one, two] = Layout::horizontal([Constraint::Fill(1); 2]).areas(area);
    let areas =
        [canvas.pane(one, "System", true), canvas.pane(two, &canvas.model.host.clone(), false)];
    let (mut columns, width) = ([Facts::default(), Facts::default()], areas[0].width);
    left(canvas, &mut columns[0], width.into());
    right(canvas, &mut columns[1]);
    let mut window = crate::tui::painted::Window::default();
    for (facts, inner) in columns.iter().zip(areas) {
        facts.scroll(canvas, inner, first);
        // The wheel moves both; how far is said by the longer one.
        if let Some(of) = canvas.painted.lists.remove(&List::Facts) {
            window.len = window.len.max(of.len);
        }
    }
    window.area = areas[0].union(areas[1]);
    canvas.painted.lists.insert(List::Facts, window);
}

/// What may need somebody, then the machine.
fn left(canvas: &Canvas<'_>, facts: &mut Facts, width: usize) {
    service::warnings(canvas, facts);
    machine::say(canvas, facts, width);
    service::findings(canvas, facts);
}

fn right(canvas: &Canvas<'_>, facts: &mut Facts) {
    service::networks(canvas, facts);
    service::service(canvas, facts);
    service::terminal(canvas, facts);
}
