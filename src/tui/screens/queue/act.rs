//! What can be done in the queue.

use crate::service::wire::PlaceView;
use crate::tui::action::Action;
use crate::tui::model::{Model, Tab};
use crate::tui::overlay::moved;
use crate::tui::painted::List;
use crate::tui::screens::{job, verbs};
use crate::tui::update::go;

use super::{filter, open, places};

/// Does it; whether it means something here.
pub fn act(model: &mut Model, action: Action) -> bool {
    if model.queue.writing {
        return write(model, action);
    }
    let page = model.painted.page(List::Queue);
    if let Some(at) = moved(model.queue.at, model.queue.rows.len(), page, action) {
        model.queue.choose(at);
        return true;
    }
    match action {
        Action::Open => open(model),
        Action::Filter => model.queue.writing = true,
        Action::FilterState => filter::ask_state(model),
        Action::FilterProfile => filter::toggle_profile(model),
        Action::Sort => model.queue.order = model.queue.order.next(),
        Action::Back => back(model),
        Action::Mark => mark(model),
        Action::MarkRange => mark_range(model),
        Action::MarkAll => mark_all(model),
        Action::MoveUp => places::move_to(model, &PlaceView::Up),
        Action::MoveDown => places::move_to(model, &PlaceView::Down),
        Action::MoveTop => places::move_to(model, &PlaceView::Top),
        Action::Why => with_job(model, job::why),
        Action::CopyCommand => with_job(model, job::copy_command),
        Action::Compare => model.job.compare = model.job.compare.next(),
        Action::Facts | Action::Log => {
            if let Some(chosen) = model.queue.job() {
                model.job.show(chosen.id.clone());
                model.job.focus =
                    if action == Action::Log { job::Pane::Log } else { job::Pane::Facts };
                go(model, Tab::Job);
            }
        }
        _ => {
            let meant = model.queue.meant();
            return verbs::act(model, action, meant);
        }
    }
    true
}

/// The filter is being written.
fn write(model: &mut Model, action: Action) -> bool {
    match action {
        Action::Accept => model.queue.writing = false,
        Action::Back => {
            model.queue.writing = false;
            model.queue.filter.reset();
        }
        // The list moves while the filter is written.
        Action::Up => model.queue.choose(model.queue.at.saturating_sub(1)),
        Action::Down => model.queue.choose(model.queue.at + 1),
        _ => return false,
    }
    true
}

fn back(model: &mut Model) {
    if model.queue.dragged.take().is_some() {
        return;
    }
    if model.queue.marked.is_empty() {
        model.queue.show_all();
    } else {
        model.queue.marked.clear();
    }
}

fn with_job(model: &mut Model, work: fn(&mut Model, &str)) {
    if let Some(id) = model.queue.job().map(|job| job.id.clone()) {
        work(model, &id);
    }
}

fn mark(model: &mut Model) {
    let queue = &mut model.queue;
    let Some(id) = queue.chosen.clone() else { return };
    if !queue.marked.remove(&id) {
        queue.marked.insert(id);
        queue.anchor = Some(queue.at);
    }
    queue.choose(queue.at + 1);
}

fn mark_range(model: &mut Model) {
    let queue = &mut model.queue;
    let from = queue.anchor.unwrap_or(queue.at).min(queue.rows.len().saturating_sub(1));
    let (first, last) = (from.min(queue.at), from.max(queue.at));
    for job in queue.rows.get(first..=last).unwrap_or_default() {
        queue.marked.insert(job.id.clone());
    }
    queue.anchor = Some(queue.at);
}

fn mark_all(model: &mut Model) {
    let queue = &mut model.queue;
    if queue.marked.is_empty() {
        queue.marked = queue.rows.iter().map(|job| job.id.clone()).collect();
    } else {
        queue.marked.clear();
    }
}
