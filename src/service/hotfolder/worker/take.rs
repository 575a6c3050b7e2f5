//! Taking what is whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::jobs::JobId;
use crate::jobs::store::{Taken, TakenState};
use crate::service::wire::NewJob;
use crate::settings::config::{Input, Rule};

use super::super::area::FAILED;
use super::super::away::{self, Reason};
use super::super::ledger::{Ledger, Took, settings};
use super::super::output::{self, Parts};
use super::super::rules::{self, Plan, Unit};
use super::by_file::Asked;
use super::closely::Close;
use super::{HOLD, SAFETY, Worker};

/// So many are taken before the news are looked at again.
const AT_ONCE: usize = 64;
/// So many units that wait are named.
const NAMED: usize = 3;

impl<L: Ledger> Worker<L> {
    /// Takes everything that is whole; says when the next thing may be.
    pub(super) fn take_whole(&mut self, now: Instant) -> Duration {
        if now < self.hold_until {
            return self.hold_until - now;
        }
        let mut units = rules::units(&self.watch, &self.area, &self.files);
        let order = |path: &Path| self.files.get(path).map(|known| known.order);
        units.sort_by_cached_key(|unit| {
            unit.members.iter().filter_map(|(path, _)| order(path)).min()
        });
        let (mut wait, mut left, mut waiting) = (SAFETY, AT_ONCE, Vec::new());
        for unit in units {
            let is_known = self.known.get(&unit.path) == Some(&unit.stamp);
            let busy = self.unsettled.as_ref().is_some_and(|rows| rows.contains_key(&unit.path));
            // What came in the place of a file whose job has not ended waits for that end.
            if is_known || busy {
                continue;
            }
            if let Plan::Waits(why) = &unit.plan {
                waiting.push(format!("{}: {why}", self.area.below(&unit.path).display()));
                continue;
            }
            let Some(due) = self.whole_after(&unit, now) else { continue };
            if !due.is_zero() {
                wait = wait.min(due);
                continue;
            }
            if left == 0 {
                wait = Duration::ZERO;
                break;
            }
            left -= 1;
            match self.take(&unit, now) {
                Ok(None) => {}
                Ok(Some(Wait::After(later))) => {
                    wait = wait.min(later.max(Duration::from_millis(10)))
                }
                Ok(Some(Wait::For(what))) => waiting.push(what),
                Err(error) => {
                    self.hold(&error, now);
                    return HOLD;
                }
            }
        }
        self.trouble = None;
        waiting.sort();
        if waiting.len() > NAMED {
            let more = waiting.len() - NAMED;
            waiting.truncate(NAMED);
            waiting.push(format!("and {more} more"));
        }
        self.waiting = waiting;
        wait
    }

    /// Takes nothing for a while: it is not the fault of a file.
    fn hold(&mut self, error: &Error, now: Instant) {
        let hint = error.hint_text().map_or(String::new(), |hint| format!(" ({hint})"));
        let why = format!("{}{hint}", error.chain());
        if self.trouble.as_ref() != Some(&why) {
            tracing::warn!("hot folder {}: {why}", self.watch.name);
        }
        self.trouble = Some(why);
        self.hold_until = now + HOLD;
        self.ready_until = now;
    }

    /// How long until every file of a unit has been quiet for long enough; none when that is no
    /// matter of time.
    fn whole_after(&self, unit: &Unit, now: Instant) -> Option<Duration> {
        let waits = unit.members.iter().map(|(path, _)| {
            self.files.get(path).and_then(|known| self.files.wait(known, unit.slow, now))
        });
        waits.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    fn take(&mut self, unit: &Unit, now: Instant) -> Result<Option<Wait>> {
        if self.ledger.was_taken(&unit.path, &unit.stamp)? {
            self.known.insert(unit.path.clone(), unit.stamp.clone());
            return Ok(None);
        }
        // The result of a job, of ours or of somebody else, that has not ended.
        if self.results.contains_key(&unit.path) || self.ledger.is_claimed(&unit.path)? {
            return Ok(Some(Wait::After(HOLD)));
        }
        match self.look_closely(&unit.members, now) {
            Close::Whole => {}
            Close::Later(later) => return Ok(Some(Wait::After(later))),
            Close::Never(error) => return self.refuse(unit, &error),
        }
        if unit.path.to_str().is_none() {
            let error = Error::usage("its name is no UTF-8").hint("give it another name");
            return self.refuse(unit, &error);
        }
        if now >= self.ready_until {
            self.ledger.ready(&self.watch)?;
            self.ready_until = now + HOLD;
        }
        let id = JobId::generate();
        let new = match &unit.plan {
            Plan::Waits(_) => return Ok(None),
            Plan::Unfit(why) => return self.refuse(unit, &Error::usage(why.as_str())),
            Plan::Swap { sources, target } => self.swap(sources, target, id)?,
            Plan::JobFile => match self.by_file(unit, id, now)? {
                Asked::Job(new) => *new,
                Asked::Wait(wait) => return Ok(Some(wait)),
                Asked::Never(error) => return self.refuse(unit, &error),
            },
        };
        self.add(unit, id, &new)
    }

    fn add(&mut self, unit: &Unit, id: JobId, new: &NewJob) -> Result<Option<Wait>> {
        match self.ledger.take(&unit.path, &unit.stamp, id, new) {
            Took::Job => {
                let taken = Taken {
                    watch: self.watch.name.clone(),
                    path: unit.path.clone(),
                    stamp: unit.stamp.clone(),
                    job: Some(id),
                    state: TakenState::Working,
                    at: Timestamp::now(),
                };
                let output = new.output.as_deref().map(PathBuf::from);
                if let Some(output) = output.filter(|o| self.area.objection(o).is_none()) {
                    self.results.insert(output, id);
                }
                self.by_job.insert(id, unit.path.clone());
                self.unsettled.get_or_insert_default().insert(unit.path.clone(), taken);
                self.known.insert(unit.path.clone(), unit.stamp.clone());
                self.tell = true;
                Ok(None)
            }
            Took::Before => {
                self.known.insert(unit.path.clone(), unit.stamp.clone());
                Ok(None)
            }
            Took::NotNow(error) => Err(error),
            // Somebody was faster; the next try finds another name.
            Took::Clash(error) if self.watch.rule != Rule::Job => Err(error),
            Took::Clash(error) => self.refuse(unit, &error),
            // A job file asked for it itself; of the others the hot folder may be at fault.
            Took::Never(error) if self.watch.rule != Rule::Job => {
                if matches!(error.exit_code(), 5 | 6) {
                    return Err(error);
                }
                self.ledger.ready(&self.watch)?;
                self.refuse(unit, &error)
            }
            Took::Never(error) => self.refuse(unit, &error),
        }
    }

    /// The job that puts these sources into a target.
    fn swap(&self, sources: &[PathBuf], target: &Path, id: JobId) -> Result<NewJob> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let output = self.output(sources.first().map(PathBuf::as_path), target, id)?;
        Ok(NewJob {
            sources: sources.iter().map(|path| text(path)).collect(),
            target: text(target),
            output: Some(text(&output)),
            profile: self.watch.profile.clone(),
            settings: settings(&self.watch),
            priority: self.watch.priority,
            ..NewJob::default()
        })
    }

    /// A free name for a result, in a folder that is there.
    pub(super) fn output(
        &self,
        source: Option<&Path>,
        target: &Path,
        id: JobId,
    ) -> Result<PathBuf> {
        let parts = Parts { target, source, id, now: Timestamp::now() };
        let output = output::choose(&self.watch, parts, &|path| {
            Ok(fs::symlink_metadata(path).is_ok() || self.ledger.is_claimed(path)?)
        })?;
        self.make_folder(&output)?;
        Ok(output)
    }

    pub(super) fn make_folder(&self, output: &Path) -> Result<()> {
        let folder = output.parent().unwrap_or(Path::new("/"));
        // A hot folder that was unmounted in this moment is not made again by its output folder.
        let made = if folder.starts_with(&self.watch.folder) && !self.watch.folder.is_dir() {
            Err(io::Error::from(io::ErrorKind::NotFound))
        } else {
            fs::create_dir_all(folder)
        };
        made.map_err(|e| {
            Error::failed(format!("cannot make the output folder {}", folder.display()))
                .because(e)
                .hint("check that it may be written")
        })
    }

    /// Puts something away that can never become a job, and says why.
    fn refuse(&mut self, unit: &Unit, error: &Error) -> Result<Option<Wait>> {
        let reason = Reason::of(error);
        tracing::warn!(
            "hot folder {}: {}: {}",
            self.watch.name,
            self.area.below(&unit.path).display(),
            error.chain()
        );
        let text = reason.text(&unit.path, Timestamp::now());
        self.tell = true;
        if self.watch.input != Input::Keep {
            let others = self.parts(unit);
            match self.put_into(FAILED, &unit.path, &others, Some(&text)) {
                Ok(to) => {
                    self.ledger.remember(&to, &unit.stamp, None, TakenState::Rejected)?;
                    return Ok(None);
                }
                Err(e) => tracing::warn!(
                    "hot folder {}: cannot move {}: {e}",
                    self.watch.name,
                    unit.path.display()
                ),
            }
        } else {
            let beside = self.area.folder.join(FAILED).join(self.area.below(&unit.path));
            if let Err(e) = away::write_reason(&self.area.folder, &beside, &text) {
                tracing::warn!("hot folder {}: cannot write the reason: {e}", self.watch.name);
            }
        }
        self.ledger.remember(&unit.path, &unit.stamp, None, TakenState::Rejected)?;
        self.known.insert(unit.path.clone(), unit.stamp.clone());
        Ok(None)
    }
}

/// For what a unit waits.
pub(super) enum Wait {
    /// Time.
    After(Duration),
    /// Something else, in words.
    For(String),
}
