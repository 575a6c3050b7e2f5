//! Which jobs are shown.

use crate::jobs::State;
use crate::service::wire::JobView;
use crate::tui::model::Model;
use crate::tui::overlay::{Choice, Choices, Overlay};

use super::Queue;

impl Queue {
    /// Whether a job is shown.
    pub(super) fn fits(&self, job: &JobView) -> bool {
        if self.state.is_some_and(|state| state != job.state) {
            return false;
        }
        if self.profile.as_ref().is_some_and(|profile| *profile != job.profile) {
            return false;
        }
        let text = self.filter.value().trim().to_lowercase();
        text.is_empty()
            || [&job.name, &job.id, &job.target, &job.output]
                .into_iter()
                .chain(&job.sources)
                .any(|part| part.to_lowercase().contains(&text))
    }

    /// What is left out, in words; empty when everything is shown.
    pub(super) fn filter_words(&self) -> String {
        let mut words = Vec::new();
        if !self.filter.value().trim().is_empty() {
            words.push(format!("/{}", self.filter.value().trim()));
        }
        words.extend(self.state.map(|state| state.to_string()));
        words.extend(self.profile.as_ref().map(|profile| format!("profile {profile}")));
        words.join(", ")
    }

    /// Shows everything again; whether something was left out.
    pub(super) fn show_all(&mut self) -> bool {
        let filtered = !self.filter_words().is_empty();
        self.filter.reset();
        (self.state, self.profile) = (None, None);
        filtered
    }
}

/// Asks for a state.
pub(super) fn ask_state(model: &mut Model) {
    let counts = model.desk.jobs.counts;
    let all = std::iter::once(Choice::new("all", format!("{} jobs", counts.sum())));
    let states = State::ALL.into_iter().map(|state| {
        let count = counts.of(state);
        Choice::new(state.name(), if count == 1 { "1 job".into() } else { format!("{count} jobs") })
    });
    let now = model.queue.state.map_or("all", State::name);
    let choices =
        Choices::new("Only jobs that are…", all.chain(states).collect(), now, |model, word| {
            model.queue.state = word.parse().ok();
        });
    model.overlays.push(Overlay::Choices(choices));
}

/// Only jobs with the profile of the chosen one, or all again.
pub(super) fn toggle_profile(model: &mut Model) {
    let queue = &mut model.queue;
    queue.profile = match queue.profile {
        Some(_) => None,
        None => queue.job().map(|job| job.profile.clone()),
    };
}

/// Only jobs in this state, or all again where that was asked for already.
pub fn only(model: &mut Model, state: State) {
    let queue = &mut model.queue;
    queue.state = if queue.state == Some(state) { None } else { Some(state) };
}
