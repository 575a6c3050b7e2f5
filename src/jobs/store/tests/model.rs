//! Random sequences of changes against a small model that knows no SQL.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::*;
use crate::jobs::store::{Counts, Edit, Filter, Place};

/// A job as the model knows it.
#[derive(Debug, Clone)]
struct Known {
    id: JobId,
    state: State,
    priority: i32,
    device: &'static str,
    attempts: u32,
    crashes: u32,
    begun: bool,
    after: Vec<JobId>,
    not_before: Option<i64>,
    retry_at: Option<i64>,
    /// Its time had come when another one began, and it stays due if the clock is put back.
    released: bool,
    ended: i64,
    history: Vec<State>,
}

/// Jobs in the order of their places, whatever their priority.
#[derive(Debug, Default)]
struct Model {
    jobs: Vec<Known>,
    done: Vec<JobId>,
}

#[derive(Debug, Clone)]
enum Step {
    Add {
        priority: i32,
        gpu: bool,
        after: Option<usize>,
        wait: Option<i64>,
        held: bool,
    },
    Change(usize, u8, i64),
    Move(usize, u8, usize),
    Priority(usize, i32),
    After(usize, Option<usize>),
    Remove(usize),
    /// The job that is to run next begins.
    Run(bool),
    /// The clock moves, also back.
    Wait(i64),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let job = 0..8usize;
    let wait = prop::option::weighted(0.2, -30..60i64);
    let step = prop_oneof![
        5 => (-1..=1, any::<bool>(), prop::option::weighted(0.4, 0..8usize), wait, prop::bool::weighted(0.1))
            .prop_map(|(priority, gpu, after, wait, held)| Step::Add { priority, gpu, after, wait, held }),
        12 => (job.clone(), 0..11u8, 0..40i64).prop_map(|(job, change, wait)| Step::Change(job, change, wait)),
        4 => (job.clone(), 0..6u8, job.clone()).prop_map(|(job, place, other)| Step::Move(job, place, other)),
        1 => (job.clone(), -1..=1).prop_map(|(job, priority)| Step::Priority(job, priority)),
        2 => (job.clone(), prop::option::of(job.clone())).prop_map(|(job, before)| Step::After(job, before)),
        1 => job.prop_map(Step::Remove),
        5 => any::<bool>().prop_map(Step::Run),
        2 => (-20..40i64).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..60)
}

impl Known {
    fn time(&self) -> Option<i64> {
        self.not_before.max(self.retry_at)
    }
}

impl Model {
    fn get(&mut self, index: usize) -> Option<&mut Known> {
        self.jobs.get_mut(index)
    }

    fn is_free(&self, job: &Known, now: i64) -> bool {
        self.is_open(job) && (job.released || job.time().is_none_or(|time| time <= now))
    }

    fn is_open(&self, job: &Known) -> bool {
        job.state == State::Queued && job.after.iter().all(|id| self.done.contains(id))
    }

    fn release(&mut self, device: &str, now: i64) {
        for index in 0..self.jobs.len() {
            let job = &self.jobs[index];
            let due = job.time().is_some_and(|time| time <= now);
            if job.device == device && self.is_open(job) && due {
                self.jobs[index].released = true;
            }
        }
    }

    fn next(&self, now: i64, busy: &[String]) -> Option<JobId> {
        let free = |job: &&Known| self.is_free(job, now) && !busy.contains(&job.device.to_owned());
        // The first of several that are equal: the one whose place is less.
        let first = self.jobs.iter().filter(free).min_by_key(|job| rank(job));
        first.map(|job| job.id)
    }

    fn queue(&self) -> Vec<JobId> {
        let mut jobs: Vec<&Known> =
            self.jobs.iter().filter(|job| job.state == State::Queued).collect();
        jobs.sort_by_key(|job| rank(job));
        jobs.into_iter().map(|job| job.id).collect()
    }

    /// The index of a job behind all others.
    fn to_the_end(&mut self, id: JobId) {
        let index = self.jobs.iter().position(|job| job.id == id).unwrap();
        let job = self.jobs.remove(index);
        self.jobs.push(job);
    }

    /// Whether a job waits for this one, however long the way.
    fn waits_for(&self, job: JobId, id: JobId) -> bool {
        job == id
            || self
                .jobs
                .iter()
                .find(|known| known.id == job)
                .is_some_and(|known| known.after.iter().any(|before| self.waits_for(*before, id)))
    }
}

fn rank(job: &Known) -> (Reverse<bool>, Reverse<i32>) {
    (Reverse(job.crashes > 0), Reverse(job.priority))
}

fn change(number: u8, now: i64, wait: i64) -> Change {
    let reason = because("why");
    match number {
        0 | 1 => Change::Start,
        2 => Change::Continue,
        3 => Change::Pause { reason },
        4 => Change::Requeue { reason },
        5 => Change::TryAgain { failure: failure("no"), not_before: at(now + wait) },
        6 => Change::Crashed { reason },
        7 => Change::Retry { from_scratch: wait % 2 == 0 },
        8 => finish(),
        9 => {
            let kind = if wait % 2 == 0 { "refused" } else { "no_face" };
            Change::Fail { failure: Failure::of_kind(kind, "no", None) }
        }
        _ => Change::Cancel { reason },
    }
}

/// What a change does to the model; false when it is not allowed.
fn apply(model: &mut Model, id: JobId, change: &Change, now: i64) -> bool {
    use State::{Cancelled, Done, Failed, Paused, Queued, Refused, Running};
    let Some(index) = model.jobs.iter().position(|job| job.id == id) else { return false };
    let free = model.is_free(&model.jobs[index], now);
    let job = &mut model.jobs[index];
    let was = job.state;
    let uncount = |job: &mut Known| job.attempts -= u32::from(std::mem::take(&mut job.begun));
    match (change, was) {
        (Change::Start, Queued) if free => {
            (job.state, job.begun, job.retry_at) = (Running, true, None);
            job.attempts += 1;
        }
        (Change::Continue, Paused) if job.begun => job.state = Running,
        (Change::Pause { .. }, Queued | Running) => job.state = Paused,
        (Change::Requeue { .. }, Running | Paused) => {
            uncount(job);
            (job.state, job.retry_at) = (Queued, None);
        }
        (Change::Crashed { .. }, Running) => {
            uncount(job);
            (job.state, job.retry_at) = (Queued, None);
            job.crashes += 1;
        }
        (Change::TryAgain { not_before, .. }, Running) => {
            let time = not_before.as_second() - at(0).as_second();
            (job.state, job.begun, job.retry_at) = (Queued, false, Some(time));
        }
        (Change::Retry { .. }, Failed | Refused | Cancelled) => {
            (job.state, job.attempts, job.crashes) = (Queued, 0, 0);
        }
        (Change::Finish { .. }, Running) => job.state = Done,
        (Change::Fail { failure }, _) if failure.kind == "refused" => {
            if was != Running {
                return false;
            }
            job.state = Refused;
        }
        (Change::Fail { .. }, Queued | Running | Paused) => job.state = Failed,
        (Change::Cancel { .. }, Queued | Running | Paused) => job.state = Cancelled,
        _ => return false,
    }
    if job.state.is_final() {
        (job.begun, job.retry_at, job.ended) = (false, None, now);
    }
    job.history.push(job.state);
    job.released = false;
    let device = job.device;
    match (was, model.jobs[index].state) {
        (_, Done) => model.done.push(id),
        (Queued, Running) => model.release(device, now),
        (Failed | Refused | Cancelled, _) => model.to_the_end(id),
        _ => {}
    }
    true
}

/// Moves a job in the model; none when it is not allowed.
fn moved(model: &mut Model, id: JobId, place: Place) -> Option<()> {
    let standing = |job: &Known| !job.state.is_final();
    let job = model.jobs.iter().find(|job| job.id == id)?.clone();
    if !matches!(job.state, State::Queued | State::Paused) {
        return None;
    }
    let mine = |other: &&Known| other.priority == job.priority && other.id != id && standing(other);
    let index = model.jobs.iter().position(|known| known.id == id)?;
    let waiting = |other: &&Known| mine(other) && other.state != State::Running;
    let beside = match place {
        Place::Top => model.jobs.iter().find(mine).map(|job| (job.id, true)),
        Place::Bottom => model.jobs.iter().rfind(mine).map(|job| (job.id, false)),
        Place::Up => model.jobs[..index].iter().rfind(waiting).map(|job| (job.id, true)),
        Place::Down => model.jobs[index..].iter().find(waiting).map(|job| (job.id, false)),
        Place::Before(other) => Some((other, true)),
        Place::Behind(other) => Some((other, false)),
    };
    let Some((other, before)) = beside else { return Some(()) };
    let priority =
        model.jobs.iter().find(|job| job.id == other).filter(|job| standing(job))?.priority;
    if other == id {
        return Some(());
    }
    let mut job = model.jobs.remove(index);
    job.priority = priority;
    let index = model.jobs.iter().position(|known| known.id == other)?;
    model.jobs.insert(if before { index } else { index + 1 }, job);
    Some(())
}

fn agree(home: &Home, model: &Model, now: i64) {
    for busy in [vec![], vec!["cpu".to_owned()], vec!["gpu:0".to_owned()]] {
        let next = home.next(at(now), &busy).unwrap().map(|job| job.id);
        assert_eq!(next, model.next(now, &busy), "{busy:?} at {now}: {model:#?}");
    }
    assert_eq!(home.in_state(State::Queued).unwrap(), model.queue(), "{model:#?}");
    let mut counts = Counts::default();
    for known in &model.jobs {
        let job = home.job(known.id).unwrap().unwrap();
        let times = (known.not_before.map(at), known.retry_at.map(at));
        assert_eq!((job.not_before, job.retry_at), times);
        assert_eq!((job.state, job.priority), (known.state, known.priority));
        assert_eq!((job.attempts, job.crashes), (known.attempts, known.crashes));
        assert_eq!(job.ended, known.state.is_final().then(|| at(known.ended)));
        assert_eq!(job.after, known.after);
        let history: Vec<State> =
            home.history(known.id).unwrap().into_iter().map(|row| row.to).collect();
        assert_eq!(history, known.history);
        let waits: Vec<JobId> =
            home.waits_for(known.id).unwrap().into_iter().map(|(id, _)| id).collect();
        let left: Vec<JobId> =
            known.after.iter().copied().filter(|id| !model.done.contains(id)).collect();
        assert_eq!(waits, left);
        match known.state {
            State::Queued => counts.queued += 1,
            State::Running => counts.running += 1,
            State::Paused => counts.paused += 1,
            State::Done => counts.done += 1,
            State::Failed => counts.failed += 1,
            State::Refused => counts.refused += 1,
            State::Cancelled => counts.cancelled += 1,
        }
    }
    assert_eq!(home.counts().unwrap(), counts);
    let page = home.list(&Filter { limit: 1000, ..Filter::default() }).unwrap();
    assert_eq!((page.jobs.len(), page.total), (model.jobs.len(), model.jobs.len() as u64));
    let due = model.jobs.iter().filter(|job| model.is_open(job) && !job.released);
    let due = due.filter_map(Known::time).filter(|time| *time > now).min().map(at);
    let told = home.next_due(at(now)).unwrap();
    assert_eq!(told, due, "at {now}: {model:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_what_a_simple_model_does(steps in steps()) {
        let mut home = home();
        let fast = |home: &Home| {
            home.store.writer.lock().unwrap().pragma_update(None, "synchronous", "OFF").unwrap();
        };
        fast(&home);
        let mut model = Model::default();
        let mut now = 0i64;
        for step in steps {
            match step {
                Step::Add { priority, gpu, after, wait, held } => {
                    if model.jobs.len() == 8 {
                        continue;
                    }
                    let mut new = row("job");
                    let device = if gpu { "gpu:0" } else { "cpu" };
                    new.spec.profile = on(device);
                    new.priority = priority;
                    new.state = if held { State::Paused } else { State::Queued };
                    new.after =
                        after.and_then(|index| model.get(index)).map(|job| job.id).into_iter().collect();
                    new.not_before = wait.map(|wait| at(now + wait));
                    home.add(std::slice::from_ref(&new), at(now)).unwrap();
                    model.jobs.push(Known {
                        id: new.id,
                        state: new.state,
                        priority,
                        device,
                        attempts: 0,
                        crashes: 0,
                        begun: false,
                        after: new.after,
                        not_before: wait.map(|wait| now + wait),
                        retry_at: None,
                        released: false,
                        ended: 0,
                        history: vec![new.state],
                    });
                }
                Step::Change(index, number, wait) => {
                    let Some(id) = model.get(index).map(|job| job.id) else { continue };
                    let change = change(number, now, wait);
                    let changed = home.change(id, &change, at(now)).unwrap();
                    prop_assert_eq!(changed.is_some(), apply(&mut model, id, &change, now));
                    prop_assert!(changed.is_none() || changed == home.job(id).unwrap());
                }
                Step::Move(index, place, other) => {
                    let Some(id) = model.get(index).map(|job| job.id) else { continue };
                    let Some(other) = model.get(other).map(|job| job.id) else { continue };
                    let place = match place {
                        0 => Place::Top,
                        1 => Place::Bottom,
                        2 => Place::Up,
                        3 => Place::Down,
                        4 => Place::Before(other),
                        _ => Place::Behind(other),
                    };
                    let edit = Edit { place: Some(place), ..Edit::default() };
                    let edited = home.edit(id, &edit).unwrap();
                    prop_assert_eq!(edited.is_some(), moved(&mut model, id, place).is_some());
                }
                Step::Priority(index, priority) => {
                    let Some(job) = model.get(index).cloned() else { continue };
                    let edit = Edit { priority: Some(priority), ..Edit::default() };
                    let edited = home.edit(job.id, &edit).unwrap();
                    let allowed = matches!(job.state, State::Queued | State::Paused);
                    prop_assert_eq!(edited.is_some(), allowed);
                    if allowed && job.priority != priority {
                        model.to_the_end(job.id);
                        model.jobs.last_mut().unwrap().priority = priority;
                    }
                }
                Step::After(index, before) => {
                    let Some(job) = model.get(index).cloned() else { continue };
                    let before = before.and_then(|index| model.get(index)).map(|job| job.id);
                    let after: Vec<JobId> = before.into_iter().collect();
                    let edit = Edit { after: Some(after.clone()), ..Edit::default() };
                    let edited = home.edit(job.id, &edit);
                    if !matches!(job.state, State::Queued | State::Paused) {
                        prop_assert_eq!(edited.unwrap(), None);
                    } else if before.is_some_and(|before| model.waits_for(before, job.id)) {
                        prop_assert_eq!(edited.unwrap_err().exit_code(), 2);
                    } else {
                        prop_assert_eq!(&edited.unwrap().unwrap().after, &after);
                        model.get(index).unwrap().after = after;
                    }
                }
                Step::Remove(index) => {
                    let Some(job) = model.get(index).cloned() else { continue };
                    let removed = home.remove(job.id).unwrap();
                    prop_assert_eq!(removed.is_some(), job.state != State::Running);
                    if removed.is_some() {
                        model.jobs.remove(index);
                        if job.state == State::Done {
                            for other in &mut model.jobs {
                                other.after.retain(|id| *id != job.id);
                            }
                        }
                    }
                }
                Step::Run(ends) => {
                    let Some(id) = model.next(now, &[]) else { continue };
                    for change in [Change::Start, finish()].iter().take(1 + usize::from(ends)) {
                        prop_assert!(home.change(id, change, at(now)).unwrap().is_some());
                        prop_assert!(apply(&mut model, id, change, now));
                    }
                }
                Step::Wait(seconds) => now += seconds,
                Step::Restart => {
                    home = home.again().unwrap();
                    fast(&home);
                }
            }
            agree(&home, &model, now);
        }
    }
}
