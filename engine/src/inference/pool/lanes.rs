//! Sessions of one network that run side by side.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::inference::session::{Beside, Session};

/// Sessions of one network, as many as run at once.
///
/// A session is run by one thread at a time. Where the numbers of a network lie in memory once for
/// all of its sessions, further ones cost little: they are made when somebody would have to wait.
pub(in crate::inference) struct Lanes {
    state: Mutex<State>,
    /// One has become free, or cannot be made.
    changed: Condvar,
    /// Makes further ones.
    beside: Option<Beside>,
}

struct State {
    /// With their numbers.
    free: Vec<(usize, Session)>,
    /// How many there are, those that run included.
    count: usize,
    /// How many there may be.
    most: usize,
    /// Whether one has run: the first result is not to wait for what loads beside it.
    warm: bool,
}

impl std::fmt::Debug for Lanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let State { count, most, .. } = *self.lock();
        f.debug_struct("Lanes").field("count", &count).field("most", &most).finish_non_exhaustive()
    }
}

impl Lanes {
    /// A session, and those beside it that are worth it.
    pub fn new(session: Session) -> Self {
        let beside = session.beside();
        let most = beside.as_ref().map_or(1, |beside| beside.most);
        let state = State { free: vec![(0, session)], count: 1, most, warm: false };
        Lanes { state: Mutex::new(state), changed: Condvar::new(), beside }
    }

    /// Runs something on a session that is free.
    pub fn with<T>(&self, run: impl FnOnce(&mut Session) -> T) -> T {
        let mut taken = Taken { lanes: self, session: Some(self.take()) };
        let taken = &mut taken.session;
        run(&mut taken.get_or_insert_with(|| unreachable!("it is there until it is dropped")).1)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> (usize, Session) {
        let mut state = self.lock();
        loop {
            // The first one has all threads: whoever runs alone is to have it.
            if let Some(at) = (0..state.free.len()).min_by_key(|&at| state.free[at].0) {
                return state.free.swap_remove(at);
            }
            match &self.beside {
                Some(beside) if state.warm && state.count < state.most => {
                    let number = state.count;
                    state.count += 1;
                    drop(state);
                    let made = beside.another(beside.most);
                    state = self.lock();
                    match made {
                        Ok(session) => return (number, session),
                        // There is at least one, for which everybody waits.
                        Err(error) => {
                            tracing::warn!("{}: fewer run side by side", error.chain());
                            state.count -= 1;
                            state.most = state.count;
                        }
                    }
                }
                _ => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// A session that goes back when it is dropped.
struct Taken<'a> {
    lanes: &'a Lanes,
    session: Option<(usize, Session)>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut state = self.lanes.lock();
        state.free.extend(self.session.take());
        state.warm = true;
        drop(state);
        self.lanes.changed.notify_one();
    }
}
