//! What is done outside of the state: effects become tasks, and their outcomes messages.

mod calls;
mod keys;
mod link;
mod pictures;
mod recent;
mod signals;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use crate::client::{Client, Options};

use super::effect::{Effect, Timer};
use super::msg::Msg;

/// Messages that wait for the loop at most: who sends more waits.
pub const WAITING: usize = 256;
/// Questions to the service at a time.
const CALLS: usize = 8;
/// Pictures that are loaded at a time; the processor is shared with the service.
const LOADS: usize = 3;

/// Does what effects ask for.
pub trait Runner {
    /// Begins with it; what comes of it is a message.
    fn run(&mut self, effect: Effect);
}

/// Does it for real.
#[derive(Debug, Clone)]
pub struct Tasks {
    to: mpsc::Sender<Msg>,
    client: Arc<RwLock<Option<Arc<Client>>>>,
    options: Options,
    calls: Arc<Semaphore>,
    loads: Arc<Semaphore>,
    started: Arc<tokio::sync::Notify>,
    accept: Arc<std::sync::atomic::AtomicBool>,
}

impl Tasks {
    /// Sends what comes back to `to`; the service is looked for as `options` say.
    pub fn new(to: mpsc::Sender<Msg>, options: Options) -> Self {
        Tasks {
            to,
            client: Arc::default(),
            options,
            calls: Arc::new(Semaphore::new(CALLS)),
            loads: Arc::new(Semaphore::new(LOADS)),
            started: Arc::default(),
            accept: Arc::default(),
        }
    }

    /// Begins to listen: to the service, the keys, and the signals. `consented`: the terms were
    /// accepted before.
    pub fn begin(&self, consented: bool) {
        tokio::spawn(link::link(self.clone(), consented));
        tokio::spawn(keys::keys(self.to.clone()));
        tokio::spawn(signals::signals(self.to.clone()));
    }

    fn client(&self) -> Option<Arc<Client>> {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_client(&self, client: Option<Arc<Client>>) {
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
    }

    fn after(&self, wait: Duration, timer: Timer) {
        let to = self.to.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let _ = to.send(Msg::Timer(timer)).await;
        });
    }
}

impl Runner for Tasks {
    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Call(call) => drop(tokio::spawn(calls::call(self.clone(), call))),
            Effect::Load(key, side) => drop(tokio::spawn(pictures::load(self.clone(), key, side))),
            Effect::Encode { want, version, pixels, how } => {
                drop(tokio::spawn(pictures::encode(self.to.clone(), want, version, pixels, how)));
            }
            Effect::After(wait, timer) => self.after(wait, timer),
            Effect::Recall(host) => drop(tokio::spawn(recent::recall(self.to.clone(), host))),
            Effect::Remember { host, files } => {
                drop(tokio::spawn(recent::remember(host, files)));
            }
            Effect::StartService { accept_terms } => {
                self.accept.store(accept_terms, std::sync::atomic::Ordering::SeqCst);
                self.started.notify_one();
            }
            // The loop does these itself: they are about the terminal.
            Effect::Copy(_) | Effect::Tell { .. } | Effect::Suspend | Effect::Redraw => {}
        }
    }
}
