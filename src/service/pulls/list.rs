//! The list of what is, was and will be fetched.

use std::collections::VecDeque;

use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::models::Entry;
use crate::service::fault::{Answer, Fault, FaultKind};
use crate::service::wire::PullView;

/// Models in the list, whatever their state.
pub(super) const MOST: usize = 64;

/// Where a model stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Stage::Queued => "queued",
            Stage::Running => "running",
            Stage::Done => "done",
            Stage::Failed => "failed",
            Stage::Cancelled => "cancelled",
        }
    }

    fn has_ended(self) -> bool {
        !matches!(self, Stage::Queued | Stage::Running)
    }
}

/// One model in the list.
#[derive(Debug)]
struct Pull {
    model: String,
    /// The models that were asked for and need it, itself included.
    because_of: Vec<String>,
    stage: Stage,
    done: u64,
    total: Option<u64>,
    message: String,
    interrupt: Interrupt,
}

impl Pull {
    fn view(&self) -> PullView {
        PullView {
            model: self.model.clone(),
            state: self.stage.name().to_owned(),
            done: self.done,
            total: self.total,
            message: self.message.clone(),
        }
    }
}

/// The list.
#[derive(Debug, Default)]
pub(super) struct List {
    pulls: VecDeque<Pull>,
    /// Whether somebody fetches.
    working: bool,
}

impl List {
    pub(super) fn views(&self) -> Vec<PullView> {
        self.pulls.iter().map(Pull::view).collect()
    }

    pub(super) fn active(&self) -> usize {
        self.pulls.iter().filter(|pull| !pull.stage.has_ended()).count()
    }

    /// The last word on a model.
    pub(super) fn view_of(&self, model: &str) -> Option<PullView> {
        self.pulls.iter().rev().find(|pull| pull.model == model).map(Pull::view)
    }

    /// The one of this name that waits or is fetched, and was not given up.
    fn live(&mut self, model: &str) -> Option<&mut Pull> {
        let is_live = |pull: &Pull| !pull.stage.has_ended() && !pull.interrupt.is_set();
        self.pulls.iter_mut().find(|pull| pull.model == model && is_live(pull))
    }

    /// Queues these models because of this one; all or none. Those that were not queued before.
    pub(super) fn add(&mut self, model: &str, missing: &[&Entry]) -> Answer<Vec<PullView>> {
        if let Some(pull) = self.live(model)
            && pull.because_of.iter().any(|asked| asked == model)
        {
            let state = pull.stage.name();
            return Err(Fault::conflict(format!("the model {model} is {state} already")));
        }
        let is_new = |list: &mut List, id: &str| list.live(id).is_none();
        let new: Vec<&Entry> =
            missing.iter().copied().filter(|entry| is_new(self, &entry.id)).collect();
        if self.active() + new.len() > MOST {
            let error = Error::failed(format!("{} models are being fetched", self.active()))
                .hint("ask again when some of them are here");
            return Err(Fault::new(FaultKind::Busy, error));
        }
        for entry in missing {
            if let Some(pull) = self.live(&entry.id)
                && !pull.because_of.iter().any(|asked| asked == model)
            {
                pull.because_of.push(model.to_owned());
            }
        }
        let mut views = Vec::new();
        for entry in new {
            self.make_room();
            let pull = Pull {
                model: entry.id.clone(),
                because_of: vec![model.to_owned()],
                stage: Stage::Queued,
                done: 0,
                total: entry.files.first().and_then(|file| file.bytes),
                message: String::new(),
                interrupt: Interrupt::new(),
            };
            views.push(pull.view());
            self.pulls.push_back(pull);
        }
        Ok(views)
    }

    /// Forgets the oldest that came to its end when the list is full.
    fn make_room(&mut self) {
        if self.pulls.len() >= MOST
            && let Some(oldest) = self.pulls.iter().position(|pull| pull.stage.has_ended())
        {
            self.pulls.remove(oldest);
        }
    }

    /// Whether somebody has to begin to fetch; from now on somebody does.
    pub(super) fn begin_working(&mut self) -> bool {
        !std::mem::replace(&mut self.working, true)
    }

    /// The next one to fetch, which runs from now on. With none, nobody fetches any more.
    pub(super) fn next(&mut self) -> Option<(PullView, Interrupt)> {
        let next = self.pulls.iter_mut().find(|pull| pull.stage == Stage::Queued);
        match next {
            Some(pull) => {
                pull.stage = Stage::Running;
                Some((pull.view(), pull.interrupt.clone()))
            }
            None => {
                self.working = false;
                None
            }
        }
    }

    fn running(&mut self) -> Option<&mut Pull> {
        self.pulls.iter_mut().find(|pull| pull.stage == Stage::Running)
    }

    /// Says how far the one is that is fetched.
    pub(super) fn progress(&mut self, done: u64, total: Option<u64>) {
        if let Some(pull) = self.running() {
            pull.done = done;
            pull.total = total.or(pull.total);
        }
    }

    /// Says something about the one that is fetched.
    pub(super) fn note(&mut self, message: &str) {
        if let Some(pull) = self.running() {
            message.clone_into(&mut pull.message);
        }
    }

    /// How the one that is fetched looks.
    pub(super) fn running_view(&mut self) -> Option<PullView> {
        self.running().map(|pull| pull.view())
    }

    /// The one that was fetched came to this end.
    pub(super) fn end(&mut self, stage: Stage, message: String) -> Option<PullView> {
        let pull = self.running()?;
        pull.stage = stage;
        pull.message = message;
        if stage == Stage::Done {
            pull.done = pull.total.unwrap_or(pull.done).max(pull.done);
        }
        Some(pull.view())
    }

    /// Gives up everything; nobody fetches any more.
    pub(super) fn give_up(&mut self, why: &str) {
        for pull in self.pulls.iter_mut().filter(|pull| !pull.stage.has_ended()) {
            pull.stage = Stage::Cancelled;
            why.clone_into(&mut pull.message);
        }
        self.working = false;
    }

    /// Gives up a model and what is only fetched because of it; those that ended by that. The one
    /// that is being fetched ends a moment later.
    pub(super) fn cancel(&mut self, model: &str) -> Answer<Vec<PullView>> {
        if self.live(model).is_none() {
            return Err(Fault::conflict(format!("the model {model} is not being fetched")));
        }
        let mut ended = Vec::new();
        for pull in self.pulls.iter_mut().filter(|pull| !pull.stage.has_ended()) {
            if pull.model == model {
                // Nobody can have it now, whoever needs it.
                pull.because_of.clear();
            }
            pull.because_of.retain(|asked| asked != model);
            if !pull.because_of.is_empty() {
                continue;
            }
            pull.interrupt.set();
            if pull.stage == Stage::Queued {
                pull.stage = Stage::Cancelled;
                "given up".clone_into(&mut pull.message);
                ended.push(pull.view());
            }
        }
        Ok(ended)
    }
}
