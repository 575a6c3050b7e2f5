//! The jobs that the dashboard knows.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::jobs::State;
use crate::jobs::store::Counts;
use crate::service::wire::{JobPage, JobView, Progress};

/// Jobs that are kept at most; of a longer queue the rest is only counted.
pub const MOST: usize = 20_000;
/// Rates that are kept of each job that runs.
const RATES: usize = 48;

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Running, held, queued as they will run, then what has ended, the latest first.
    #[default]
    Queue,
    /// The newest first.
    Newest,
    /// By name.
    Name,
    /// By state, as the filter shows them.
    State,
}

impl Order {
    /// The next one, for the key that goes through them.
    pub fn next(self) -> Self {
        match self {
            Order::Queue => Order::Newest,
            Order::Newest => Order::Name,
            Order::Name => Order::State,
            Order::State => Order::Queue,
        }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Order::Queue => "queue",
            Order::Newest => "newest",
            Order::Name => "name",
            Order::State => "state",
        }
    }
}

/// The jobs that the dashboard knows.
#[derive(Debug, Default)]
pub struct Jobs {
    all: HashMap<String, Arc<JobView>>,
    progress: HashMap<String, Progress>,
    rates: HashMap<String, VecDeque<f32>>,
    /// How many there are in each state, as the service counts.
    pub counts: Counts,
    /// Grows with every change that may change the list.
    pub revision: u64,
    /// The whole list is on its way.
    pub partial: bool,
}

impl Jobs {
    /// A job.
    pub fn get(&self, id: &str) -> Option<&Arc<JobView>> {
        self.all.get(id)
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How far a job is.
    pub fn progress(&self, id: &str) -> Option<&Progress> {
        self.progress.get(id)
    }

    /// Its last rates in frames a second, the newest at the end.
    pub fn rates(&self, id: &str) -> Option<&VecDeque<f32>> {
        self.rates.get(id)
    }

    /// Begins anew with a part of the list.
    pub fn begin(&mut self, jobs: Vec<JobView>, counts: Counts) {
        let whole = jobs.len() as u64 >= counts.sum();
        // A longer list that is known already is better than the beginning of the new one.
        if whole || self.all.is_empty() {
            self.all.clear();
        }
        self.partial = !whole;
        for job in jobs {
            self.put(job, None);
        }
        self.counts = counts;
        self.revision += 1;
    }

    /// Takes the whole list in.
    pub fn whole(&mut self, page: JobPage) {
        self.all.clear();
        self.partial = false;
        for job in page.jobs {
            self.put(job, None);
        }
        self.counts = page.counts;
        self.revision += 1;
    }

    /// Takes a job in.
    pub fn put(&mut self, job: JobView, counts: Option<Counts>) {
        self.counts = counts.unwrap_or(self.counts);
        if job.state == State::Running {
            if let Some(progress) = &job.progress {
                self.progress.insert(job.id.clone(), progress.clone());
            }
        } else {
            self.rates.remove(&job.id);
            if job.state != State::Paused {
                self.progress.remove(&job.id);
            }
        }
        if self.all.len() < MOST || self.all.contains_key(&job.id) {
            self.all.insert(job.id.clone(), Arc::new(job));
        }
        self.revision += 1;
    }

    /// A job came further.
    pub fn came_further(&mut self, id: &str, progress: Progress) {
        if progress.fps > 0.0 {
            let rates = self.rates.entry(id.to_owned()).or_default();
            if rates.len() == RATES {
                rates.pop_front();
            }
            rates.push_back(progress.fps as f32);
        }
        self.progress.insert(id.to_owned(), progress);
    }

    /// A job is gone.
    pub fn remove(&mut self, id: &str, counts: Option<Counts>) {
        self.counts = counts.unwrap_or(self.counts);
        self.all.remove(id);
        self.progress.remove(id);
        self.rates.remove(id);
        self.revision += 1;
    }

    /// All of them, in an order.
    pub fn ordered(&self, order: Order) -> Vec<Arc<JobView>> {
        let mut jobs: Vec<Arc<JobView>> = self.all.values().cloned().collect();
        match order {
            Order::Queue => jobs.sort_unstable_by(|a, b| queue(a, b)),
            Order::Newest => jobs.sort_unstable_by(|a, b| b.id.cmp(&a.id)),
            Order::Name => jobs.sort_unstable_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id))),
            Order::State => {
                jobs.sort_unstable_by(|a, b| (a.state, &a.id).cmp(&(b.state, &b.id)));
            }
        }
        jobs
    }

    /// Seconds until all that runs is done, where that is known of all.
    pub fn seconds_left(&self) -> Option<f64> {
        let running = self.all.values().filter(|job| job.state == State::Running);
        let mut most: Option<f64> = None;
        for job in running {
            let left = self.progress.get(&job.id).and_then(|progress| progress.eta_seconds)?;
            most = Some(most.map_or(left, |most| most.max(left)));
        }
        most
    }
}

/// As people look at a queue.
fn queue(a: &JobView, b: &JobView) -> std::cmp::Ordering {
    let rank = |state: State| match state {
        State::Running => 0,
        State::Paused => 1,
        State::Queued => 2,
        _ => 3,
    };
    rank(a.state).cmp(&rank(b.state)).then_with(|| match rank(a.state) {
        0 => a.started.cmp(&b.started).then_with(|| a.id.cmp(&b.id)),
        1 | 2 => b
            .priority
            .cmp(&a.priority)
            .then_with(|| a.place.cmp(&b.place))
            .then_with(|| a.id.cmp(&b.id)),
        _ => b.ended.cmp(&a.ended).then_with(|| b.id.cmp(&a.id)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::job;

    #[test]
    fn the_order_of_the_queue_is_that_of_the_service() {
        let mut jobs = Jobs::default();
        let mut put = |id: &str, state: State, priority: i32, place: i64| {
            jobs.put(JobView { priority, place, ..job(id, state) }, None);
        };
        put("A", State::Done, 0, 1);
        put("B", State::Queued, 0, 2);
        put("C", State::Queued, 5, 9);
        put("D", State::Queued, 0, 1);
        put("E", State::Running, 0, 0);
        put("F", State::Paused, 0, 0);
        put("G", State::Failed, 0, 0);
        let ids: String = jobs.ordered(Order::Queue).iter().map(|job| job.id.as_str()).collect();
        assert_eq!(ids, "EFCDBGA");
        let ids: String = jobs.ordered(Order::Newest).iter().map(|job| job.id.as_str()).collect();
        assert_eq!(ids, "GFEDCBA");
    }

    #[test]
    fn rates_are_kept_while_a_job_runs_and_no_longer() {
        let mut jobs = Jobs::default();
        jobs.put(job("A", State::Running), None);
        for n in 1..200 {
            let progress = Progress { frames: n, fps: 25.0, ..Progress::default() };
            jobs.came_further("A", progress);
        }
        assert_eq!(jobs.rates("A").unwrap().len(), RATES);
        assert_eq!(jobs.progress("A").unwrap().frames, 199);
        jobs.put(job("A", State::Done), None);
        assert!(jobs.rates("A").is_none() && jobs.progress("A").is_none());
    }

    #[test]
    fn when_it_is_done_is_said_only_when_it_is_known() {
        let mut jobs = Jobs::default();
        assert_eq!(jobs.seconds_left(), None);
        jobs.put(job("A", State::Running), None);
        jobs.put(job("B", State::Running), None);
        let left = |eta| Progress { eta_seconds: Some(eta), ..Progress::default() };
        jobs.came_further("A", left(10.0));
        assert_eq!(jobs.seconds_left(), None);
        jobs.came_further("B", left(20.0));
        assert_eq!(jobs.seconds_left(), Some(20.0));
    }

    #[test]
    fn memory_has_an_end() {
        let mut jobs = Jobs::default();
        for n in 0..MOST + 10 {
            jobs.put(job(&format!("{n:08}"), State::Queued), None);
        }
        assert_eq!(jobs.len(), MOST);
    }
}
