//! A job is dragged to another place.

use crate::jobs::State;
use crate::service::wire::PlaceView;
use crate::tui::model::Model;
use crate::tui::painted::{Hit, List};

use super::places;

/// The mouse moves with a job.
pub fn drag(model: &mut Model, column: u16, row: u16) {
    if let Some((_, Hit::Row(List::Queue, index))) = model.painted.hit(column, row)
        && let Some((_, over)) = &mut model.queue.dragged
    {
        *over = index;
    }
}

/// The job is let go: it takes the place of the one beneath.
pub fn drop(model: &mut Model) {
    let Some((id, over)) = model.queue.dragged.take() else { return };
    let rows = &model.queue.rows;
    let waits = |state: State| matches!(state, State::Queued | State::Paused);
    let (Some(from), Some(target)) =
        (rows.iter().position(|job| job.id == id), rows.get(over).cloned())
    else {
        return;
    };
    if from == over || !waits(rows[from].state) || !waits(target.state) {
        return;
    }
    let place = match from < over {
        true => PlaceView::Behind(target.id.clone()),
        false => PlaceView::Before(target.id.clone()),
    };
    places::move_next_to(model, &id, place);
}
