//! What all parts of the service share, and the verbs on jobs: the only ways in which anybody
//! changes the queue.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::jobs::{self, JobId, Origin};
use crate::settings::Directories;
use crate::settings::config::Config;

use super::engines::Engines;
use super::events::{Event, Events};
use super::fault::Answer;
use super::hotfolder::Watches;
use super::looks::Looks;
use super::meters::Meters;
use super::metrics::Metrics;
use super::pulls::Pulls;
use super::running::Running;
use super::uploads::Uploads;
use super::wire::{EditJob, JobDetail, JobPage, JobView, ListQuery, NewJob, ServiceView};

/// What all parts share; lives behind an `Arc`.
#[derive(Debug)]
pub struct Core {
    /// Where everything lies.
    pub directories: Directories,
    /// The configuration, as it was when the service began or was last read again.
    pub config: Mutex<Arc<Config>>,
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
    /// Set when the service is to stop: jobs go back to the queue.
    pub stopping: Interrupt,
    /// When it began.
    pub started: Instant,
    /// The address on the network, where it listens there.
    pub listen: Mutex<Option<String>>,
    wake: (Mutex<u64>, Condvar),
}

impl Core {
    /// Opens the store.
    ///
    /// # Errors
    /// As [`jobs::Store::open`].
    pub fn open(directories: Directories, config: Config) -> Result<Arc<Self>> {
        let store = jobs::Store::open(&directories.state.join("jobs.sqlite3"))?;
        let uploads = Uploads::at(directories.state.join("uploads"));
        Ok(Arc::new(Core {
            directories,
            uploads,
            engines: Engines::default(),
            watches: Watches::default(),
            pulls: Pulls::default(),
            looks: Looks::default(),
            meters: Meters::default(),
            metrics: Metrics::default(),
            config: Mutex::new(Arc::new(config)),
            store,
            events: Events::default(),
            running: Running::default(),
            stopping: Interrupt::new(),
            started: Instant::now(),
            listen: Mutex::new(None),
            wake: (Mutex::new(0), Condvar::new()),
        }))
    }

    /// The configuration.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The service about itself.
    pub fn view(&self) -> Answer<ServiceView> {
        todo!()
    }

    /// Checks a job and adds it to the queue.
    pub fn add(&self, new: &NewJob, origin: Origin) -> Answer<JobView> {
        let _ = (new, origin);
        todo!()
    }

    /// The file that a client names: a path, or `upload:ID`. Clients of the network may only name
    /// files inside the allowed folders; symbolic links are followed before that is decided.
    pub fn admit(&self, from: &Origin, role: &str, file: &str) -> Answer<std::path::PathBuf> {
        let _ = (from, role, file);
        todo!()
    }

    /// The profile of this name with these keys changed, or a whole one; checked against what there
    /// is.
    pub fn profile(
        &self,
        name: Option<&str>,
        settings: &serde_json::Map<String, serde_json::Value>,
        snapshot: Option<&serde_json::Value>,
    ) -> Answer<crate::profiles::Profile> {
        let _ = (name, settings, snapshot);
        todo!()
    }

    /// A part of the list of jobs.
    pub fn list(&self, query: &ListQuery) -> Answer<JobPage> {
        let _ = query;
        todo!()
    }

    /// A job with everything about it; `id` is an id, or the beginning of one that is clear.
    pub fn show(&self, id: &str) -> Answer<JobDetail> {
        let _ = id;
        todo!()
    }

    /// The id that begins like this.
    pub fn resolve(&self, id: &str) -> Answer<JobId> {
        let _ = id;
        todo!()
    }

    /// Changes a job that has not ended.
    pub fn edit(&self, id: JobId, edit: &EditJob) -> Answer<JobView> {
        let _ = (id, edit);
        todo!()
    }

    /// Holds a job.
    pub fn pause(&self, id: JobId, release: bool) -> Answer<JobView> {
        let _ = (id, release);
        todo!()
    }

    /// Lets a held job go on.
    pub fn resume(&self, id: JobId) -> Answer<JobView> {
        let _ = id;
        todo!()
    }

    /// Gives a job up.
    pub fn cancel(&self, id: JobId) -> Answer<JobView> {
        let _ = id;
        todo!()
    }

    /// Tries a job again that failed, was refused or given up.
    pub fn retry(&self, id: JobId, from_scratch: bool) -> Answer<JobView> {
        let _ = (id, from_scratch);
        todo!()
    }

    /// Removes a job that does not run. Its output stays; what it was uploaded from goes.
    pub fn remove(&self, id: JobId) -> Answer<JobView> {
        let _ = id;
        todo!()
    }

    /// How a job looks now.
    pub fn view_of(&self, job: &jobs::Job) -> Answer<JobView> {
        let _ = job;
        todo!()
    }

    /// Tells everybody that a job was added or changed, and wakes the scheduler.
    pub fn changed(&self, job: &jobs::Job) {
        let _ = (job, Event::Stopping);
        todo!()
    }

    /// Where the log of a job lies.
    pub fn log_of(&self, id: JobId) -> std::path::PathBuf {
        self.directories.state.join("logs/jobs").join(format!("{id}.log"))
    }

    /// Where the pictures of a job lie that show a frame before and after.
    pub fn stills_of(&self, id: JobId) -> std::path::PathBuf {
        self.directories.state.join("stills").join(id.to_string())
    }
}
