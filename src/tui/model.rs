//! The state of the dashboard: everything that the view shows.

use std::time::Duration;

use crokey::KeyCombination;
use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::terminal::Protocol;

use super::action::Action;
use super::desk::Desk;
use super::effect::Effect;
use super::keymap::{Keymap, Scope};
use super::overlay::{Overlay, Toasts};
use super::painted::Painted;
use super::picture::{How, Pictures};
use super::screens::{job, models, new_job, profiles, queue, system, watches};
use super::theme::Theme;
use super::tty::Traffic;

/// The screens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// The queue.
    #[default]
    Queue,
    /// One job.
    Job,
    /// A new job.
    NewJob,
    /// Hot folders.
    Watches,
    /// Models.
    Models,
    /// Profiles.
    Profiles,
    /// The machine and the service.
    System,
}

impl Tab {
    /// All, in their order.
    pub const ALL: [Tab; 7] =
        [Tab::Queue, Tab::Job, Tab::NewJob, Tab::Watches, Tab::Models, Tab::Profiles, Tab::System];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Tab::Queue => "Queue",
            Tab::Job => "Job",
            Tab::NewJob => "New job",
            Tab::Watches => "Hot folders",
            Tab::Models => "Models",
            Tab::Profiles => "Profiles",
            Tab::System => "System",
        }
    }

    /// Its title where there is little room.
    pub fn short(self) -> &'static str {
        match self {
            Tab::NewJob => "New",
            Tab::Watches => "Folders",
            tab => tab.title(),
        }
    }

    /// The keys that mean something there.
    pub fn scope(self) -> Scope {
        match self {
            Tab::Queue => Scope::Queue,
            Tab::Job => Scope::Job,
            Tab::NewJob => Scope::NewJob,
            Tab::Watches => Scope::Watches,
            Tab::Models => Scope::Models,
            Tab::Profiles => Scope::Profiles,
            Tab::System => Scope::System,
        }
    }
}

/// How the terminal is, and how the user wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Terminal {
    /// Columns and rows.
    pub size: (u16, u16),
    /// How pictures are drawn.
    pub how: How,
    /// What the terminal can do at best; what the key for it goes through begins there.
    pub best: Protocol,
    /// Why pictures are drawn like that, in words.
    pub why: String,
    /// Small pictures, seldom.
    pub low_bandwidth: bool,
    /// The name of the service's machine, to which links to its files lead; none where the terminal
    /// takes no links, or where nobody knows the name.
    pub links: Option<String>,
    /// The line is slow: SSH, or a service on another machine.
    pub remote: bool,
    /// The window has the focus, as far as is known.
    pub focused: bool,
}

/// The state of the dashboard.
#[derive(Debug)]
pub struct Model {
    /// What is known of the service.
    pub desk: Desk,
    /// Where the service is, as it is shown.
    pub host: String,
    /// The service is the one of this machine.
    pub local: bool,
    /// The screen.
    pub tab: Tab,
    /// The queue.
    pub queue: queue::Queue,
    /// The job.
    pub job: job::Job,
    /// The new job.
    pub new_job: new_job::NewJob,
    /// The hot folders.
    pub watches: watches::Watches,
    /// The models.
    pub models: models::Models,
    /// The profiles.
    pub profiles: profiles::Profiles,
    /// The system.
    pub system: system::System,
    /// What lies over the screen, the uppermost last.
    pub overlays: Vec<Overlay>,
    /// What was said.
    pub toasts: Toasts,
    /// Pictures.
    pub pictures: Pictures,
    /// The terminal.
    pub terminal: Terminal,
    /// What was written to it.
    pub traffic: Traffic,
    /// The colors.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// The first of two keys.
    pub begun: Option<KeyCombination>,
    /// What the last view painted where, for the mouse and for lists that scroll.
    pub painted: Painted,
    /// Where and when the mouse was pressed last.
    pub painted_click: Option<(u16, u16, Duration)>,
    /// The time on the wall.
    pub now: Timestamp,
    /// The time since the dashboard was started.
    pub clock: Duration,
    /// What has to be done.
    pub effects: Vec<Effect>,
    /// The user leaves.
    pub leaving: bool,
}

impl Model {
    /// The dashboard as it begins.
    pub fn new(
        terminal: Terminal,
        theme: Theme,
        keymap: Keymap,
        host: String,
        local: bool,
    ) -> Self {
        Model {
            desk: Desk::default(),
            host,
            local,
            tab: Tab::default(),
            queue: queue::Queue::default(),
            job: job::Job::default(),
            new_job: new_job::NewJob::default(),
            watches: watches::Watches::default(),
            models: models::Models::default(),
            profiles: profiles::Profiles::default(),
            system: system::System::default(),
            overlays: Vec::new(),
            toasts: Toasts::default(),
            pictures: Pictures::default(),
            terminal,
            traffic: Traffic::default(),
            theme,
            keymap,
            begun: None,
            painted: Painted::default(),
            painted_click: None,
            now: Timestamp::UNIX_EPOCH,
            clock: Duration::ZERO,
            effects: Vec::new(),
            leaving: false,
        }
    }

    /// Where keys mean something now, the nearest first.
    pub fn scopes(&self) -> Vec<Scope> {
        if let Some(overlay) = self.overlays.last() {
            return overlay.scopes();
        }
        if self.typing() {
            return vec![Scope::Input];
        }
        vec![self.tab.scope(), Scope::List, Scope::Global]
    }

    /// Whether letters go into a line that is being written.
    pub fn typing(&self) -> bool {
        match self.overlays.last() {
            Some(overlay) => overlay.typing(),
            None => match self.tab {
                Tab::Queue => self.queue.typing(),
                Tab::Job => self.job.typing(),
                Tab::NewJob => self.new_job.typing(),
                Tab::Watches => self.watches.typing(),
                Tab::Models => self.models.typing(),
                Tab::Profiles => self.profiles.typing(),
                Tab::System => false,
            },
        }
    }

    /// Whether a path is being written on the screen that is shown.
    pub fn types_path(&self) -> bool {
        match self.tab {
            Tab::NewJob => self.new_job.types_path(),
            Tab::Watches => self.watches.types_path(),
            _ => false,
        }
    }

    /// The key of an action where the focus is, as it is shown.
    pub fn key(&self, action: Action) -> String {
        self.keymap.label(&[self.tab.scope(), Scope::List, Scope::Global], action)
    }

    /// Something has to be done.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The whole screen.
    pub fn area(&self) -> Rect {
        Rect::new(0, 0, self.terminal.size.0, self.terminal.size.1)
    }
}
