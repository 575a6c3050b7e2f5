//! What all parts of the service share, and the verbs on jobs: the only ways in which anybody
//! changes the queue.

mod add;
mod admit;
mod list;
mod profile;
mod steer;
mod view;

pub(super) use profile::setting;

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::jobs::{self, JobId};
use crate::settings::Directories;
use crate::settings::config::Config;

use super::engines::Engines;
use super::events::{Event, Events};
use super::hotfolder::Watches;
use super::looks::Looks;
use super::meters::Meters;
use super::metrics::Metrics;
use super::pulls::Pulls;
use super::running::Running;
use super::uploads::Uploads;

/// What all parts share; lives behind an `Arc`.
#[derive(Debug)]
pub struct Core {
    /// Where everything lies.
    pub directories: Directories,
    config: Mutex<Arc<Config>>,
    /// The jobs.
    pub store: jobs::Store,
    /// What changes.
    pub events: Events,
    /// The jobs that are worked on.
    pub running: Running,
    /// What jobs and previews run on.
    pub engines: Engines,
    /// What clients sent.
    pub uploads: Uploads,
    /// The hot folders.
    pub watches: Watches,
    /// The models that are fetched.
    pub pulls: Pulls,
    /// Looks at pictures outside of jobs.
    pub looks: Looks,
    /// How the machine does.
    pub meters: Meters,
    /// What monitoring systems read.
    pub metrics: Metrics,
    /// Set by [`Core::stop`]: jobs go back to the queue, and every part ends.
    pub stopping: Interrupt,
    stopped: watch::Sender<bool>,
    /// When it began.
    pub started: Instant,
    /// The unix socket.
    pub socket: PathBuf,
    /// The address on the network, where it listens there.
    pub listen: Mutex<Option<String>>,
    wake: (Mutex<bool>, Condvar),
}

impl Core {
    /// Opens the store.
    ///
    /// # Errors
    /// As [`jobs::Store::open`].
    pub fn open(directories: Directories, config: Config, socket: PathBuf) -> Result<Arc<Self>> {
        let store = jobs::Store::open(&directories.state.join("jobs.sqlite3"))?;
        Ok(Arc::new(Core {
            uploads: Uploads::at(directories.state.join("uploads")),
            engines: Engines::default(),
            watches: Watches::default(),
            pulls: Pulls::default(),
            looks: Looks::default(),
            meters: Meters::default(),
            metrics: Metrics::default(),
            directories,
            config: Mutex::new(Arc::new(config)),
            store,
            events: Events::default(),
            running: Running::default(),
            stopping: Interrupt::new(),
            stopped: watch::channel(false).0,
            started: Instant::now(),
            socket,
            listen: Mutex::new(None),
            wake: (Mutex::new(false), Condvar::new()),
        }))
    }

    /// The configuration, as it was when the service began or was last read again.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over a configuration that was changed.
    pub fn set_config(&self, config: Config) {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// Asks every part to end.
    pub fn stop(&self) {
        if !self.stopping.is_set() {
            self.stopping.set();
            self.events.publish(Event::Stopping);
        }
        self.stopped.send_replace(true);
        self.wake();
    }

    /// Comes back when the service is to end.
    pub async fn until_stopped(&self) {
        let mut stopped = self.stopped.subscribe();
        // The sender lives as long as this.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }

    /// Lets the scheduler look again.
    pub fn wake(&self) {
        *self.wake.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.1.notify_all();
    }

    /// Waits until somebody wakes the scheduler, but no longer than this.
    pub(super) fn wait_for_wake(&self, at_most: Duration) {
        let woken = self.wake.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.1.wait_timeout_while(woken, at_most, |woken| !*woken);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    /// Where the log of a job lies.
    pub fn log_of(&self, id: JobId) -> PathBuf {
        self.directories.state.join("logs/jobs").join(format!("{id}.log"))
    }

    /// Where the pictures of a job lie that show a frame `before.jpg` and `after.jpg`.
    pub fn stills_of(&self, id: JobId) -> PathBuf {
        self.directories.state.join("stills").join(id.to_string())
    }

    /// Where the output of a job lies that names none of its own.
    pub fn outputs_of(&self, id: JobId) -> PathBuf {
        self.directories.state.join("outputs").join(id.to_string())
    }
}
