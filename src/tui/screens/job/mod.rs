//! One job: its facts, its pictures, its log.

mod act;
mod command;
mod facts;
mod glance;
mod log;
mod pictures;
mod segments;
mod stages;
mod view;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use crate::service::wire::JobDetail;
use crate::tui::effect::{Call, Effect};
use crate::tui::model::{Model, Tab};
use crate::tui::painted::{Hit, List};

pub use act::{act, why};
pub use command::{copy_command, failed, heard};
pub use glance::glance;
pub use log::look_at_log;
pub use pictures::{Compare, halves};
pub use view::view;

use command::Copying;
use log::Log;

/// The parts of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pane {
    /// The facts.
    #[default]
    Facts,
    /// The log.
    Log,
}

/// One job.
#[derive(Debug, Default)]
pub struct Job {
    /// Which one.
    pub id: Option<String>,
    /// Everything about it, as it was when it was asked for.
    pub detail: Option<JobDetail>,
    /// The revision of the desk at that time: with another one it is asked for again.
    asked: Option<(String, u64)>,
    /// The part with the focus.
    pub focus: Pane,
    /// How before and after are shown.
    pub compare: Compare,
    /// Where the wipe is, in percent.
    wipe: u8,
    /// Only the part around the face.
    zoom: bool,
    /// The log.
    log: Log,
    /// The fact at the top.
    facts: usize,
    /// The command line that is about to be copied, with what is known of its job.
    copying: Option<(Copying, Option<JobDetail>)>,
}

impl Job {
    /// Another job is shown from now on.
    pub fn show(&mut self, id: String) {
        if self.id.as_ref() != Some(&id) {
            let (compare, focus) = (self.compare, self.focus);
            *self = Job { id: Some(id), compare, focus, wipe: 50, ..Job::default() };
        }
    }

    /// Whether the search in the log is being written.
    pub fn typing(&self) -> bool {
        self.log.writing()
    }
}

/// The screen is shown from now on.
pub fn entered(model: &mut Model) {
    if model.job.id.is_none() {
        model.job.id = model.queue.job().map(|job| job.id.clone());
        model.job.wipe = 50;
    }
    refresh(model);
    look_at_log(model);
}

/// Asks for everything about the job where it may have changed.
pub fn refresh(model: &mut Model) {
    if model.tab != Tab::Job {
        return;
    }
    let Some(id) = model.job.id.clone() else { return };
    let Some(job) = model.desk.jobs.get(&id) else { return };
    // Its own changes count, not those of others.
    let of_job = (id.clone(), revision_of(job));
    if model.job.asked.as_ref() != Some(&of_job) {
        model.job.asked = Some(of_job);
        model.effect(Effect::Call(Call::Detail(id)));
    }
}

/// A number that changes with what the list knows of a job.
fn revision_of(job: &crate::service::wire::JobView) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (job.state, job.attempts, job.priority, job.place, &job.reason, &job.name).hash(&mut hasher);
    hasher.finish()
}

/// Everything about a job came.
pub fn detailed(model: &mut Model, detail: JobDetail) {
    if model.job.id.as_ref() == Some(&detail.job.id) {
        model.job.detail = Some(detail);
    }
}

/// The log of a job came.
pub fn logged(model: &mut Model, id: &str, text: &str) {
    if model.job.id.as_deref() == Some(id) {
        model.job.log.take(text);
    }
}

/// A letter of the search in the log.
pub fn key(model: &mut Model, key: KeyEvent) {
    model.job.log.key(key);
}

/// A paste into the search; whether it is being written.
pub fn paste(model: &mut Model, text: &str) -> bool {
    model.job.log.paste(text)
}

/// A line is clicked.
pub fn choose(model: &mut Model, list: List, index: usize, _: bool) {
    focus(model, list);
    if list == List::Log {
        model.job.log.choose(index);
    }
}

/// A part gets the focus.
pub fn focus(model: &mut Model, list: List) {
    match list {
        List::Facts => model.job.focus = Pane::Facts,
        List::Log => model.job.focus = Pane::Log,
        _ => {}
    }
}

/// Something else is clicked.
pub fn clicked(model: &mut Model, area: Rect, hit: Hit, column: u16) {
    if hit == Hit::Wipe {
        wipe_to(model, area, column);
    }
}

/// The mouse moves with its button down: the wipe goes with it.
pub fn drag(model: &mut Model, column: u16, row: u16) {
    if let Some((area, Hit::Wipe)) = model.painted.hit(column, row) {
        wipe_to(model, area, column);
    }
}

fn wipe_to(model: &mut Model, area: Rect, column: u16) {
    let width = area.width.max(1);
    let at = u32::from(column.saturating_sub(area.x)) * 100 / u32::from(width);
    model.job.wipe = at.min(100) as u8;
}
