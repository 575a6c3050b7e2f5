//! A new job: a form, with pictures of what goes in and what will come out.

mod act;
mod answers;
mod check;
mod edit;
mod faces;
mod field;
mod looks;
mod options;
mod paths;
mod people;
mod pictures;
mod preview;
mod profile;
mod recent;
mod request;
mod seek;
mod submit;
mod take;
mod verdict;
mod view;

use std::time::Duration;

use serde_json::{Map, Value};

use crate::service::wire::{CheckBody, CheckView};
use crate::tui::effect::{Call, Effect, Timer};
use crate::tui::model::Model;
use crate::tui::screens::job::Compare;

pub use act::{act, choose, clicked, drag, focus};
pub use answers::{failed, heard, recalled};
pub use check::check;
pub use edit::{key, paste};
pub use faces::{assign_to, faces_of_frame, pick_face, take_away};
pub use field::Field;
pub use looks::{Look, Looks};
pub use options::{Entry, change, entries, reset};
pub use paths::parse as paths;
pub use people::around;
pub use profile::{ask as ask_profile, ask_to_save};
pub use seek::step;
pub use take::take_paths;
pub use view::view;

use edit::Editing;
use people::Person;
use preview::Preview;

/// What was typed or moved rests for so long before somebody is asked about it.
pub const RESTS: Duration = Duration::from_millis(300);
/// The profile of a job when nobody says which.
const USUAL: &str = "embedded";

/// A new job.
#[derive(Debug)]
pub struct NewJob {
    /// Photos of the person who is put in.
    sources: Vec<String>,
    /// Which face of them, by size; the largest where nothing was said.
    source_face: Option<usize>,
    /// What is changed: a job for each.
    targets: Vec<String>,
    /// Where the result goes.
    output: String,
    /// The profile.
    profile: String,
    /// Keys that differ from it; `null` is the default.
    settings: Map<String, Value>,
    /// Who gets whose face.
    people: Vec<Person>,
    name: String,
    priority: String,
    hold: bool,
    overwrite: bool,
    /// The field with the focus.
    at: Field,
    /// The field that is being written.
    editing: Option<Editing>,
    /// What was found out about files.
    looks: Looks,
    /// What the service says about the keys.
    checked: Option<(CheckBody, Look<CheckView>)>,
    /// The frame of the target to which was gone, and the one that is shown.
    frame: u64,
    shown: u64,
    preview: Option<Preview>,
    /// Counts previews.
    previews: u64,
    compare: Compare,
    /// Where the wipe is, in percent.
    wipe: u8,
    zoom: bool,
    /// Files that were used lately, the last one first.
    recent: Vec<String>,
    /// They were asked for.
    recalled: bool,
    /// The home of the user whose service this is.
    home: Option<String>,
    /// The folder in which a file was chosen last.
    folder: String,
    /// The key or the face for which a question is open.
    asked_for: AskedFor,
    /// It starts once everything was looked at.
    starting: bool,
    /// Jobs that were sent off and not answered yet.
    adding: usize,
    /// Why the service did not take it.
    refused: Option<String>,
    /// When something changed last.
    changed: Duration,
}

/// What an open question is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum AskedFor {
    #[default]
    Nothing,
    /// A key of the profile.
    Key(String),
    /// A face of the frame, by its place in the list.
    Face(usize),
}

impl Default for NewJob {
    fn default() -> Self {
        NewJob {
            sources: Vec::new(),
            source_face: None,
            targets: Vec::new(),
            output: String::new(),
            profile: USUAL.to_owned(),
            settings: Map::new(),
            people: Vec::new(),
            name: String::new(),
            priority: "0".to_owned(),
            hold: false,
            overwrite: false,
            at: Field::Source(0),
            editing: None,
            looks: Looks::default(),
            checked: None,
            frame: 0,
            shown: 0,
            preview: None,
            previews: 0,
            compare: Compare::default(),
            wipe: 50,
            zoom: false,
            recent: Vec::new(),
            recalled: false,
            home: None,
            folder: String::new(),
            asked_for: AskedFor::default(),
            starting: false,
            adding: 0,
            refused: None,
            changed: Duration::ZERO,
        }
    }
}

impl NewJob {
    /// Whether a line is being written.
    pub fn typing(&self) -> bool {
        self.editing.is_some()
    }

    /// Whether a path is being written.
    pub fn types_path(&self) -> bool {
        self.editing.is_some() && edit::is_path(self.at)
    }

    /// What was found out about files.
    pub fn looks(&self) -> &Looks {
        &self.looks
    }

    /// The frame of the target that is shown.
    pub fn frame(&self) -> u64 {
        self.frame
    }
}

/// The screen is shown from now on: what it needs is asked for.
pub fn entered(model: &mut Model) {
    model.effect(Effect::Call(Call::Capabilities));
    model.effect(Effect::Call(Call::Profiles));
    let profile = model.new_job.profile.clone();
    model.effect(Effect::Call(Call::Profile(profile)));
    if model.new_job.home.is_none() {
        model.effect(Effect::Call(Call::Files { path: String::new(), hidden: false }));
    }
    if !model.new_job.recalled {
        model.new_job.recalled = true;
        let host = model.host.clone();
        model.effect(Effect::Recall(host));
    }
    // What failed may have been the line.
    model.new_job.looks.forget_failures();
    touch(model);
}

/// Something changed: it is looked at once it rests.
pub fn touch(model: &mut Model) {
    model.new_job.changed = model.clock;
    model.effect(Effect::After(RESTS, Timer::Typed));
}

#[cfg(test)]
mod tests;
