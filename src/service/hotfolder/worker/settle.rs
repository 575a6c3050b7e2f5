//! Putting away what has ended.
//!
//! The order makes a crash at any point harmless: first the result is remembered where it could be
//! taken for an input, then the input is moved, then the ledger is told. What is done twice changes
//! nothing.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;

use crate::error::{Context, Result};
use crate::jobs::JobId;
use crate::jobs::store::{Taken, TakenState};
use crate::settings::config::{Input, Rule};

use super::super::area::{DONE, FAILED, Found};
use super::super::away::{self, Reason};
use super::super::ledger::{Fate, Files, Ledger};
use super::super::mailbox::News;
use super::super::rules::{self, Plan, Unit};
use super::{SWEEP, Worker};

impl<L: Ledger> Worker<L> {
    /// Puts away everything whose job has ended.
    pub(super) fn put_away(&mut self, news: &News, now: Instant) {
        let rows = self.unsettled.as_ref();
        let all = news.sweep || now >= self.sweep_at;
        let mut ended: Vec<Taken> = if all {
            self.sweep_at = now + SWEEP;
            rows.map(|rows| rows.values().cloned().collect()).unwrap_or_default()
        } else {
            let paths = news.ended.iter().filter_map(|job| self.by_job.get(job));
            paths.filter_map(|path| rows?.get(path).cloned()).collect()
        };
        if ended.is_empty() {
            self.stuck = self.stuck.take().filter(|_| !all);
            return;
        }
        ended.sort_by_key(|taken| taken.at);
        let (mut units, mut stuck): (Option<Vec<Unit>>, _) = (None, None);
        for taken in ended {
            let fate = match taken.job.map(|job| self.ledger.fate(job)) {
                Some(Ok(Fate::Going(_))) => continue,
                Some(Ok(fate)) => fate,
                None => Fate::Removed,
                Some(Err(error)) => {
                    self.stuck = Some(error.chain());
                    return;
                }
            };
            let (area, files) = (&self.area, &self.files);
            let units = units.get_or_insert_with(|| {
                let mut units = rules::units(&self.watch, area, files);
                units.sort_by(|a, b| a.path.cmp(&b.path));
                units
            });
            let at = units.binary_search_by(|unit| unit.path.cmp(&taken.path)).ok();
            let unit = at.map(|at| units[at].clone());
            if let Err(error) = self.settle(&taken, unit, fate) {
                tracing::warn!("hot folder {}: {}", self.watch.name, error.chain());
                stuck = Some(error.chain());
            }
        }
        if all || stuck.is_some() {
            self.stuck = stuck;
        }
        self.tell = true;
    }

    fn settle(&mut self, taken: &Taken, unit: Option<Unit>, fate: Fate) -> Result<()> {
        let (reason, files) = match fate {
            Fate::Going(_) => return Ok(()),
            Fate::Done(files) => (None, Some(files)),
            Fate::Ended(reason, files) => (Some(*reason), Some(files)),
            Fate::Removed => {
                let reason = Reason {
                    outcome: "cancelled".into(),
                    what: "its job was removed from the queue".into(),
                    ..Reason::default()
                };
                (Some(reason), None)
            }
        };
        if reason.is_none()
            && let Some(files) = &files
        {
            self.remember_output(files, taken.job)?;
        }
        let text = reason.map(|reason| reason.text(&taken.path, Timestamp::now()));
        let unit = unit.filter(|unit| self.is_unchanged(unit, taken));
        match (unit, self.watch.input) {
            (None, _) => self.settle_without(taken, text.as_deref())?,
            (Some(unit), input) => {
                let failed = text.is_some();
                let shared = self.parts(&unit);
                let what = || format!("cannot put {} away", taken.path.display());
                match (input, failed) {
                    (Input::Keep, false) => self.ledger.settle(&taken.path, &taken.stamp)?,
                    (Input::Keep, true) => {
                        self.leave_reason(&taken.path, text.as_deref().unwrap_or_default());
                        self.ledger.settle(&taken.path, &taken.stamp)?;
                    }
                    (Input::Remove, false) => {
                        // What makes it a unit goes first, so that half of it is none.
                        for path in std::iter::once(&unit.path).chain(&shared) {
                            away::remove(path).context(what)?;
                            self.forget_seen(path);
                        }
                        self.ledger.forget(&taken.path, &taken.stamp)?;
                    }
                    (Input::Move, _) | (Input::Remove, true) => {
                        let into = if failed { FAILED } else { DONE };
                        let to = self.put_into(into, &unit.path, &shared, text.as_deref());
                        let to = to.context(what)?;
                        // The row goes where the file goes: put back by hand, it is a new file.
                        let state = TakenState::Settled;
                        if failed {
                            // It may have been here before.
                            self.ledger.forget(&to, &taken.stamp)?;
                        }
                        self.ledger.remember(&to, &taken.stamp, taken.job, state)?;
                        self.ledger.forget(&taken.path, &taken.stamp)?;
                    }
                }
            }
        }
        if let Some(rows) = &mut self.unsettled {
            rows.remove(&taken.path);
        }
        if let Some(job) = taken.job {
            self.by_job.remove(&job);
            self.results.retain(|_, other| *other != job);
        }
        Ok(())
    }

    /// The job has ended, but what lies at the place of its input is not that input: somebody took
    /// it away, or put another file there, which is a new one.
    fn settle_without(&mut self, taken: &Taken, reason: Option<&str>) -> Result<()> {
        tracing::info!(
            "hot folder {}: {} is no longer there, or is another file now",
            self.watch.name,
            taken.path.display()
        );
        if let Some(text) = reason {
            self.leave_reason(&taken.path, text);
        }
        self.ledger.settle(&taken.path, &taken.stamp)
    }

    /// Writes the reason where it would lie, unless one lies there.
    fn leave_reason(&self, path: &Path, text: &str) {
        let beside = self.area.folder.join(FAILED).join(self.area.below(path));
        if away::reason_beside(&beside).exists() {
            return;
        }
        if let Err(e) = away::write_reason(&self.area.folder, &beside, text) {
            tracing::warn!("hot folder {}: cannot write the reason: {e}", self.watch.name);
        }
    }

    /// A result that lies where inputs are looked for is none.
    fn remember_output(&mut self, files: &Files, job: Option<JobId>) -> Result<()> {
        let output = &files.output;
        if self.area.objection(output).is_none()
            && let Ok(Some(Found::File(stamp))) = self.area.look(output)
        {
            let stamp = stamp.to_string();
            self.ledger.remember(output, &stamp, job, TakenState::Settled)?;
            self.known.insert(output.clone(), stamp);
        }
        Ok(())
    }

    /// Whether the files of a unit are those that were taken.
    fn is_unchanged(&self, unit: &Unit, taken: &Taken) -> bool {
        unit.stamp == taken.stamp
            && unit.members.iter().all(|(path, stamp)| {
                // In the folder of a job, notes and thumbnails may come and go.
                self.watch.rule == Rule::Folder
                    || matches!(self.area.look(path), Ok(Some(Found::File(now))) if now == *stamp)
            })
    }

    /// What goes away with a unit, beside what carries its name.
    pub(super) fn parts(&mut self, unit: &Unit) -> Vec<PathBuf> {
        match (&unit.plan, self.watch.rule) {
            (Plan::JobFile, _) => self.target_of(&unit.path).into_iter().collect(),
            (_, Rule::Pair) => {
                let members = unit.members.iter().map(|(path, _)| path);
                members.filter(|path| **path != unit.path).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The target of a job file, where it lies in the folder and no other job file names it.
    fn target_of(&mut self, job_file: &Path) -> Option<PathBuf> {
        let stamps: Vec<(PathBuf, String)> = self
            .files
            .files()
            .filter(|(path, _)| rules::is_job_file(path))
            .map(|(path, known)| (path.to_owned(), known.stamp.to_string()))
            .collect();
        for (path, stamp) in stamps {
            if self.inputs.get(&path).is_none_or(|(old, _)| *old != stamp) {
                let inputs =
                    rules::read_job_file(&path).map(|file| file.inputs).unwrap_or_default();
                self.inputs.insert(path, (stamp, inputs));
            }
        }
        let files = &self.files;
        self.inputs.retain(|path, _| files.get(path).is_some());
        let target = self.inputs.get(job_file)?.1.last()?.clone();
        let others = self.inputs.iter().filter(|(path, _)| *path != job_file);
        let shared = others.into_iter().any(|(_, (_, inputs))| inputs.contains(&target));
        let ours = self.area.objection(&target).is_none() && self.files.get(&target).is_some();
        (ours && !shared).then_some(target)
    }

    /// Moves a unit, and says where what carries its name lies now.
    pub(super) fn put_into(
        &mut self,
        into: &str,
        path: &Path,
        others: &[PathBuf],
        reason: Option<&str>,
    ) -> io::Result<PathBuf> {
        let folder = self.area.folder.clone();
        // What makes it a unit goes first, so that half of it is none.
        let to = away::put(&folder, into, path, reason)?;
        self.forget_seen(path);
        for other in others {
            match away::put(&folder, into, other, None) {
                Ok(_) => self.forget_seen(other),
                Err(e) => tracing::warn!(
                    "hot folder {}: cannot move {}: {e}",
                    self.watch.name,
                    other.display()
                ),
            }
        }
        Ok(to)
    }
}
