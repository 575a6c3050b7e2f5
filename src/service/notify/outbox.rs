//! A bounded queue with a thread behind it that delivers one message after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::Result;

use super::Message;

/// Messages that wait; more are not worth telling one by one.
pub(super) const MOST: usize = 64;

/// The queue; the thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Outbox {
    name: &'static str,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Message>,
    closed: bool,
}

impl Outbox {
    /// Starts the thread; what it cannot deliver is told by the log.
    pub(super) fn start(
        name: &'static str,
        deliver: impl Fn(&Message) -> Result<()> + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let behind = Arc::clone(&shared);
        let begun = std::thread::Builder::new().name(name.into()).spawn(move || {
            while let Some(message) = behind.next() {
                if let Err(error) = deliver(&message) {
                    tracing::warn!(
                        "{name}: nobody was told \"{}\": {}",
                        message.title,
                        error.chain()
                    );
                }
            }
        });
        if let Err(error) = begun {
            tracing::error!("{name}: cannot start a thread: {error}");
        }
        Outbox { name, shared }
    }

    /// Queues a message; the oldest makes room for it.
    pub(super) fn send(&self, message: Message) {
        let mut queue = self.shared.lock();
        if queue.waiting.len() == MOST
            && let Some(lost) = queue.waiting.pop_front()
        {
            tracing::warn!("{}: too many wait, \"{}\" is not told", self.name, lost.title);
        }
        queue.waiting.push_back(message);
        self.shared.changed.notify_one();
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next message; none when the service ends.
    fn next(&self) -> Option<Message> {
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return None;
            }
            if let Some(message) = queue.waiting.pop_front() {
                return Some(message);
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
