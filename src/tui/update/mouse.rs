//! The mouse: what a click, a turn of the wheel or a drag means where the last view was painted.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::tui::action::Action;
use crate::tui::model::{Model, Tab};
use crate::tui::painted::Hit;
use crate::tui::{overlay, screens};

use super::{act, go};

/// Two clicks within so long are one that opens.
const TWICE: std::time::Duration = std::time::Duration::from_millis(400);

/// Takes in what the mouse does.
pub(super) fn event(model: &mut Model, event: MouseEvent) {
    let MouseEvent { kind, column, row, .. } = event;
    match kind {
        MouseEventKind::Down(MouseButton::Left) => click(model, column, row),
        MouseEventKind::Drag(MouseButton::Left) if model.overlays.is_empty() => {
            screens::drag(model, column, row);
        }
        MouseEventKind::Up(MouseButton::Left) if model.overlays.is_empty() => screens::drop(model),
        MouseEventKind::ScrollUp => wheel(model, column, row, Action::Up),
        MouseEventKind::ScrollDown => wheel(model, column, row, Action::Down),
        _ => {}
    }
}

fn click(model: &mut Model, column: u16, row: u16) {
    let Some((area, hit)) = model.painted.hit(column, row) else { return };
    let here = (column, row, model.clock);
    let twice = model.painted_click.is_some_and(|(c, r, at)| {
        (c, r) == (column, row) && model.clock.saturating_sub(at) < TWICE
    });
    model.painted_click = Some(here);
    match hit {
        Hit::Tab(tab) => go(model, tab),
        Hit::Action(action) => act(model, action),
        Hit::State(state) => {
            go(model, Tab::Queue);
            screens::queue::only(model, state);
        }
        Hit::Row(list, index) => {
            let over = overlay::choose(model, list, index, twice);
            if !over {
                screens::choose(model, list, index, twice);
            }
        }
        hit if model.overlays.is_empty() => screens::clicked(model, area, hit, column),
        _ => {}
    }
}

fn wheel(model: &mut Model, column: u16, row: u16, action: Action) {
    if model.overlays.is_empty()
        && let Some(list) = model.painted.list(column, row)
    {
        screens::focus(model, list);
    }
    for _ in 0..3 {
        act(model, action);
    }
}
