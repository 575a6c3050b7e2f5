//! The thread that fetches.

use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::interrupt::Interrupt;
use crate::models::download::{Progress, Watcher};
use crate::models::pull::{Pulled, pull};

use super::list::{List, Stage};
use super::{Surroundings, lock};

/// Between two words on the progress of one model: four a second.
const SPACING: Duration = Duration::from_millis(250);
/// How long the end of the service goes unnoticed at most.
const NOTICED: Duration = Duration::from_millis(100);

/// Fetches one after the other, until the queue is empty or the service stops.
pub(super) fn until_nothing_is_left(list: &Mutex<List>, around: &Surroundings) {
    let _fallen = Fallen(list);
    loop {
        if around.stopping.is_set() {
            lock(list).give_up("the service stopped");
            return;
        }
        let Some((view, interrupt)) = lock(list).next() else { return };
        let model = view.model.clone();
        (around.publish)(view);
        let (stage, message) = fetch(list, around, &model, &interrupt);
        if stage == Stage::Failed {
            tracing::warn!("the model {model} was not fetched: {message}");
        } else {
            tracing::info!("the model {model} is {}: {message}", stage.name());
        }
        if let Some(view) = lock(list).end(stage, message) {
            (around.publish)(view);
        }
    }
}

/// Nobody waits for a thread that fell over a bug: the next one who asks starts another.
struct Fallen<'a>(&'a Mutex<List>);

impl Drop for Fallen<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(self.0).give_up("facedeck made a mistake while it fetched");
        }
    }
}

/// Fetches one model; how it ended, in words.
fn fetch(
    list: &Mutex<List>,
    around: &Surroundings,
    model: &str,
    interrupt: &Interrupt,
) -> (Stage, String) {
    let (finished, wait) = channel::<()>();
    std::thread::scope(|scope| {
        // A pull hears one interrupt only; this one passes on that the service is to stop.
        scope.spawn(move || {
            while wait.recv_timeout(NOTICED) == Err(RecvTimeoutError::Timeout) {
                if around.stopping.is_set() {
                    interrupt.set();
                }
            }
        });
        let mut teller = Teller { list, around, last: None };
        let entry = around.store.entry(model);
        let pulled = entry.and_then(|entry| {
            interrupt.check()?;
            pull(&around.store, entry, around.patience, &mut teller, interrupt)
        });
        drop(finished);
        match pulled {
            Ok(Pulled::Embedded) => (Stage::Done, "lies in facedeck itself".to_owned()),
            Ok(Pulled::Here(_)) => (Stage::Done, "was here already".to_owned()),
            Ok(Pulled::Fetched(found)) => (Stage::Done, found.origin),
            Ok(Pulled::ByAnother(_)) => (Stage::Done, "fetched by another process".to_owned()),
            Err(error) if error.exit_code() == 130 => (Stage::Cancelled, "given up".to_owned()),
            Err(error) => (Stage::Failed, error.chain()),
        }
    })
}

/// Passes on how far it is, but not too often.
struct Teller<'a> {
    list: &'a Mutex<List>,
    around: &'a Surroundings,
    last: Option<Instant>,
}

impl Teller<'_> {
    fn tell(&mut self) {
        if self.last.is_some_and(|last| last.elapsed() < SPACING) {
            return;
        }
        self.last = Some(Instant::now());
        // Not under the lock: whoever listens may ask for the list.
        let view = lock(self.list).running_view();
        if let Some(view) = view {
            (self.around.publish)(view);
        }
    }
}

impl Watcher for Teller<'_> {
    fn note(&mut self, text: &str) {
        lock(self.list).note(text);
        self.tell();
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        lock(self.list).progress(progress.done, progress.total);
        self.tell();
    }
}
