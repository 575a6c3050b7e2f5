//! What the dashboard knows of the service: told by events, and asked for where events say nothing.

mod jobs;

use std::collections::HashMap;

use jiff::Timestamp;

use crate::client::Told;
use crate::service::events::Event;
use crate::service::wire::{
    Capabilities, Health, MetersView, ModelView, ProfileDetail, ProfileView, PullView, ServiceView,
    WatchView,
};

pub use jobs::{Jobs, MOST, Order};

/// The line to the service.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// It is looked for.
    Connecting,
    /// It is there.
    Up,
    /// It went away, for this reason; it is looked for all the time.
    Away(String),
}

/// What is known.
#[derive(Debug)]
pub struct Desk {
    /// The line.
    pub link: Link,
    /// The service about itself.
    pub service: Option<ServiceView>,
    /// The jobs.
    pub jobs: Jobs,
    /// The hot folders.
    pub watches: Vec<WatchView>,
    /// Models that are being fetched.
    pub pulls: Vec<PullView>,
    /// The models, by role; empty until they were asked for.
    pub models: Vec<ModelView>,
    /// The profiles; empty until they were asked for.
    pub profiles: Vec<ProfileView>,
    /// Profiles with everything in them, by name, as far as they were asked for.
    pub profile_details: HashMap<String, ProfileDetail>,
    /// What the service can do.
    pub capabilities: Option<Box<Capabilities>>,
    /// Which networks are loaded.
    pub health: Option<Box<Health>>,
    /// How the machine does; the last 60 looks, the newest at the end.
    pub meters: std::collections::VecDeque<MetersView>,
    /// The service said that it stops.
    pub stopping: bool,
}

/// Looks at the meters that are kept.
const METERS: usize = 60;

/// What an event means beyond what the desk keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follow {
    /// Nothing.
    Nothing,
    /// The whole list of jobs has to be asked for.
    Jobs,
    /// Something to be told.
    Notice {
        /// What happened.
        what: String,
        /// In one line.
        title: String,
        /// More about it.
        text: String,
    },
}

impl Default for Desk {
    fn default() -> Self {
        Desk {
            link: Link::Connecting,
            service: None,
            jobs: Jobs::default(),
            watches: Vec::new(),
            pulls: Vec::new(),
            models: Vec::new(),
            profiles: Vec::new(),
            profile_details: HashMap::new(),
            capabilities: None,
            health: None,
            meters: std::collections::VecDeque::new(),
            stopping: false,
        }
    }
}

impl Desk {
    /// Takes in what the event stream says.
    pub fn hear(&mut self, told: Told) -> Follow {
        match told {
            Told::Cut => {
                self.link = Link::Away("the line was cut".to_owned());
                Follow::Nothing
            }
            Told::Again => {
                self.link = Link::Up;
                self.stopping = false;
                Follow::Jobs
            }
            Told::Event(event) => self.event(*event),
        }
    }

    fn event(&mut self, event: Event) -> Follow {
        match event {
            Event::Snapshot { service, jobs, watches, pulls } => {
                let all = service.counts.sum();
                let whole = jobs.len() as u64 >= all;
                self.jobs.begin(jobs, service.counts);
                self.stopping = service.stopping;
                self.service = Some(*service);
                self.watches = watches;
                self.pulls = pulls;
                self.link = Link::Up;
                return if whole { Follow::Nothing } else { Follow::Jobs };
            }
            Event::Job { job, counts } => self.jobs.put(*job, Some(counts)),
            Event::Removed { id, counts } => self.jobs.remove(&id, Some(counts)),
            Event::Progress { id, progress } => self.jobs.came_further(&id, progress),
            Event::Watch { watch } => {
                match self.watches.iter_mut().find(|old| old.name == watch.name) {
                    Some(old) => *old = *watch,
                    None => self.watches.push(*watch),
                }
            }
            Event::WatchRemoved { name } => self.watches.retain(|watch| watch.name != name),
            Event::Pull { pull } => {
                match self.pulls.iter_mut().find(|old| old.model == pull.model) {
                    Some(old) => *old = pull,
                    None => self.pulls.push(pull),
                }
            }
            Event::Notice { what, title, text, .. } => {
                return Follow::Notice { what, title, text };
            }
            Event::Stopping => self.stopping = true,
        }
        Follow::Nothing
    }

    /// Takes in how the machine does.
    pub fn measured(&mut self, meters: MetersView) {
        if self.meters.len() == METERS {
            self.meters.pop_front();
        }
        self.meters.push_back(meters);
    }

    /// When everything that runs and waits will be done, by what is known of the rates; `None`
    /// where nothing is known.
    pub fn done_at(&self, now: Timestamp) -> Option<Timestamp> {
        let seconds = self.jobs.seconds_left()?;
        now.checked_add(jiff::SignedDuration::from_secs_f64(seconds.clamp(0.0, 1e9))).ok()
    }
}
