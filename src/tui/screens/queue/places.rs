//! Places in the queue: jobs are moved, and moved back.

use std::time::Duration;

use crate::jobs::State;
use crate::service::wire::{EditJob, PlaceView};
use crate::tui::desk::Order;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::Model;
use crate::tui::overlay::Tone;
use crate::tui::update::say;

use super::removals::GRACE;

/// A job that was moved, and where it was.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moved {
    id: String,
    before: PlaceView,
    pub until: Duration,
}

/// Moves the meant jobs.
pub(super) fn move_to(model: &mut Model, place: &PlaceView) {
    if model.queue.order != Order::Queue {
        say(model, Tone::Warning, "jobs are moved in the order of the queue; s sorts by it");
        return;
    }
    let mut meant = model.queue.meant();
    meant.retain(|job| matches!(job.state, State::Queued | State::Paused));
    if meant.is_empty() {
        say(model, Tone::Warning, "only jobs that wait have a place");
        return;
    }
    // So that several keep their order among each other.
    if matches!(place, PlaceView::Down | PlaceView::Top) {
        meant.reverse();
    }
    for job in meant {
        remember(model, &job.id);
        send(model, &job.id, place.clone());
    }
}

/// Moves a job before or behind another one.
pub(super) fn move_next_to(model: &mut Model, id: &str, place: PlaceView) {
    remember(model, id);
    send(model, id, place);
}

fn send(model: &mut Model, id: &str, place: PlaceView) {
    let edit = EditJob { place: Some(place), ..EditJob::default() };
    model.effect(Effect::Call(Call::Edit(id.to_owned(), Box::new(edit))));
}

/// Remembers where a job was: by the one behind it, or the one before it.
fn remember(model: &mut Model, id: &str) {
    let rows = &model.queue.rows;
    let Some(at) = rows.iter().position(|job| job.id == id) else { return };
    let waits = |job: &&std::sync::Arc<crate::service::wire::JobView>| {
        matches!(job.state, State::Queued | State::Paused) && job.priority == rows[at].priority
    };
    let behind = rows.get(at + 1).filter(waits);
    let before = at.checked_sub(1).and_then(|at| rows.get(at)).filter(waits);
    let place = match (behind, before) {
        (Some(behind), _) => PlaceView::Before(behind.id.clone()),
        (None, Some(before)) => PlaceView::Behind(before.id.clone()),
        (None, None) => return,
    };
    let moved = Moved { id: id.to_owned(), before: place, until: model.clock + GRACE };
    // Several steps of one job in a row are one move.
    let same = model.queue.moved.last().is_some_and(|last| last.id == moved.id);
    if same {
        if let Some(last) = model.queue.moved.last_mut() {
            last.until = moved.until;
        }
        return;
    }
    model.queue.moved.push(moved);
    if model.queue.moved.len() > 100 {
        model.queue.moved.remove(0);
    }
}

/// Moves back what was moved last; whether there was something.
pub(super) fn back(model: &mut Model) -> bool {
    let now = model.clock;
    model.queue.moved.retain(|moved| moved.until > now);
    let Some(moved) = model.queue.moved.pop() else { return false };
    send(model, &moved.id, moved.before);
    model.queue.chosen = Some(moved.id);
    say(model, Tone::Done, "it is where it was");
    true
}
