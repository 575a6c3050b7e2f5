//! The queue: what runs, what waits, what has ended.

mod act;
mod drag;
mod filter;
mod places;
mod removals;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use tui_input::Input;

use crate::jobs::State;
use crate::service::wire::JobView;
use crate::tui::desk::Order;
use crate::tui::input;
use crate::tui::model::{Model, Tab};
use crate::tui::painted::List;

pub use act::act;
pub use drag::{drag, drop};
pub use filter::only;
pub use removals::{finish, remove, settle, undo};
pub use view::{share, view};

use places::Moved;
use removals::Removal;

/// The queue.
#[derive(Debug, Default)]
pub struct Queue {
    /// The jobs that fit the filter, in their order.
    pub rows: Vec<Arc<JobView>>,
    /// The id of the chosen one: it stays chosen when others come and go.
    pub chosen: Option<String>,
    /// Its line.
    at: usize,
    /// In which order.
    pub order: Order,
    /// Only those whose name, id or paths hold this.
    filter: Input,
    /// The filter is being written.
    writing: bool,
    /// Only those in this state.
    state: Option<State>,
    /// Only those with this profile.
    profile: Option<String>,
    /// Those that are marked.
    pub marked: BTreeSet<String>,
    /// Where the last mark was set.
    anchor: Option<usize>,
    /// Those that are about to be removed.
    removals: Vec<Removal>,
    /// What was moved last, to be moved back.
    moved: Vec<Moved>,
    /// The job that is dragged, and the line over which it is.
    dragged: Option<(String, usize)>,
    /// What the rows were made from.
    made: Option<Made>,
}

/// What the rows are made from.
#[derive(Debug, Clone, PartialEq)]
struct Made {
    revision: u64,
    order: Order,
    filter: String,
    state: Option<State>,
    profile: Option<String>,
    removals: usize,
}

impl Queue {
    /// Whether the filter is being written.
    pub fn typing(&self) -> bool {
        self.writing
    }

    /// The chosen job.
    pub fn job(&self) -> Option<&Arc<JobView>> {
        self.rows.get(self.at)
    }

    /// The jobs that a verb is about: those that are marked, else the chosen one.
    pub fn meant(&self) -> Vec<Arc<JobView>> {
        if self.marked.is_empty() {
            return self.job().cloned().into_iter().collect();
        }
        self.rows.iter().filter(|job| self.marked.contains(&job.id)).cloned().collect()
    }

    fn choose(&mut self, at: usize) {
        self.at = at.min(self.rows.len().saturating_sub(1));
        self.chosen = self.rows.get(self.at).map(|job| job.id.clone());
    }
}

/// Makes the rows again where something changed of which they are made.
pub fn refresh(model: &mut Model) {
    let queue = &mut model.queue;
    let now = Made {
        revision: model.desk.jobs.revision,
        order: queue.order,
        filter: queue.filter.value().to_owned(),
        state: queue.state,
        profile: queue.profile.clone(),
        removals: queue.removals.len(),
    };
    if queue.made.as_ref() == Some(&now) {
        return;
    }
    let mut rows = model.desk.jobs.ordered(queue.order);
    rows.retain(|job| queue.fits(job) && !queue.is_removed(&job.id));
    queue.rows = rows;
    queue.made = Some(now);
    let chosen = queue.chosen.take();
    let found = chosen.and_then(|id| queue.rows.iter().position(|job| job.id == id));
    queue.choose(found.unwrap_or(queue.at));
    let jobs = &model.desk.jobs;
    queue.marked.retain(|id| jobs.get(id).is_some());
}

/// A letter of the filter.
pub fn key(model: &mut Model, key: KeyEvent) {
    input::edit(&mut model.queue.filter, key);
}

/// A paste into the filter; whether it is being written.
pub fn paste(model: &mut Model, text: &str) -> bool {
    if model.queue.writing {
        input::insert(&mut model.queue.filter, text);
    }
    model.queue.writing
}

/// A line is clicked.
pub fn choose(model: &mut Model, list: List, index: usize, twice: bool) {
    if list != List::Queue {
        return;
    }
    model.queue.choose(index);
    if twice {
        open(model);
    } else if model.queue.order == Order::Queue {
        model.queue.dragged = model.queue.chosen.clone().map(|id| (id, index));
    }
}

/// Shows the chosen job on its own screen.
fn open(model: &mut Model) {
    if let Some(job) = model.queue.job() {
        model.job.show(job.id.clone());
        crate::tui::update::go(model, Tab::Job);
    }
}

#[cfg(test)]
mod tests;
