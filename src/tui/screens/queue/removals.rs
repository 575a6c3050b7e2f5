//! Jobs on their way out of the list: for a while they can be called back.

use std::sync::Arc;
use std::time::Duration;

use crate::jobs::State;
use crate::service::wire::JobView;
use crate::tui::effect::{Call, Effect, Timer};
use crate::tui::model::Model;
use crate::tui::overlay::Tone;
use crate::tui::update::say;

use super::Queue;

/// So long what was removed or moved can be taken back.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// Jobs that are not shown any more and are removed at this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Removal {
    ids: Vec<String>,
    at: Duration,
}

impl Queue {
    pub(super) fn is_removed(&self, id: &str) -> bool {
        self.removals.iter().any(|removal| removal.ids.iter().any(|gone| gone == id))
    }
}

/// Takes jobs out of the list.
pub fn remove(model: &mut Model, meant: Vec<Arc<JobView>>) {
    let (running, rest): (Vec<_>, Vec<_>) =
        meant.into_iter().partition(|job| job.state == State::Running);
    if !running.is_empty() {
        let key = model.key(crate::tui::action::Action::Cancel);
        say(model, Tone::Warning, format!("what runs must be cancelled first: {key}"));
    }
    if rest.is_empty() {
        return;
    }
    let words = match rest.as_slice() {
        [job] => job.name.clone(),
        all => format!("{} jobs", all.len()),
    };
    let ids: Vec<String> = rest.iter().map(|job| job.id.clone()).collect();
    model.queue.marked.retain(|id| !ids.contains(id));
    model.queue.removals.push(Removal { ids, at: model.clock + GRACE });
    model.effect(Effect::After(GRACE + Duration::from_millis(20), Timer::Soon));
    let key = model.key(crate::tui::action::Action::Undo);
    say(model, Tone::Note, format!("{words} removed; {key} brings it back"));
}

/// Takes back what was removed or moved last.
pub fn undo(model: &mut Model) {
    if let Some(removal) = model.queue.removals.pop() {
        let back = removal.ids.len();
        model.queue.chosen = removal.ids.first().cloned();
        say(
            model,
            Tone::Done,
            if back == 1 { "it is back".into() } else { format!("{back} jobs are back") },
        );
    } else if !super::places::back(model) {
        say(model, Tone::Note, "there is nothing to take back");
    }
}

/// Removes what nobody called back in time.
pub fn settle(model: &mut Model) {
    let now = model.clock;
    let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut model.queue.removals)
        .into_iter()
        .partition(|removal| removal.at <= now);
    model.queue.removals = later;
    send(model, due);
    model.queue.moved.retain(|moved| moved.until > now);
}

/// Removes everything that is on its way out: nobody will call it back any more.
pub fn finish(model: &mut Model) {
    let all = std::mem::take(&mut model.queue.removals);
    send(model, all);
}

fn send(model: &mut Model, removals: Vec<Removal>) {
    for id in removals.into_iter().flat_map(|removal| removal.ids) {
        // It is gone at once for the eye; should the service refuse, its word brings it back.
        model.effect(Effect::Call(Call::Remove(id)));
    }
}
