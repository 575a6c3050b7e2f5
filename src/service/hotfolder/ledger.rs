//! What the worker needs of the rest of the service: the ledger of taken files, the queue, and ears
//! for what changed. A trait, so that the worker can be proven without them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Result};
use crate::jobs::store::{Taken, TakenState};
use crate::jobs::{JobId, Origin, State};
use crate::service::events::Event;
use crate::service::wire::{NewJob, WatchView};
use crate::service::{Core, FaultKind};
use crate::settings::config::{Rule, Watch};

use super::away::Reason;

/// A file that is gone is remembered for so long after it was taken: what was taken away by mistake
/// and is put back is not done again.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So many files are looked at together for whether they are gone.
const PAGE: usize = 200;

/// What became of a try to take a file.
#[derive(Debug)]
pub(super) enum Took {
    /// A job was made.
    Job,
    /// That very file was taken before.
    Before,
    /// It cannot become a job, now or later.
    Never(Error),
    /// Another job will write its result.
    Clash(Error),
    /// Not now; that is not the file's fault.
    NotNow(Error),
}

/// What became of a job.
#[derive(Debug)]
pub(super) enum Fate {
    /// It has not ended.
    Going(Files),
    /// Its output is there.
    Done(Files),
    /// It came to another end.
    Ended(Box<Reason>, Files),
    /// It is no longer in the queue.
    Removed,
}

/// The files of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Files {
    /// Photos.
    pub(super) sources: Vec<PathBuf>,
    /// What is changed.
    pub(super) target: PathBuf,
    /// The result.
    pub(super) output: PathBuf,
}

/// See the module.
pub(super) trait Ledger: Send {
    /// Whether jobs of this hot folder can be made at all: its profile, its sources.
    fn ready(&self, watch: &Watch) -> Result<()>;
    /// Whether that very file was taken before.
    fn was_taken(&self, path: &Path, stamp: &str) -> Result<bool>;
    /// Whether a job that has not ended will write this file.
    fn is_claimed(&self, output: &Path) -> Result<bool>;
    /// Makes a job of a file and remembers both in one step.
    fn take(&self, path: &Path, stamp: &str, id: JobId, new: &NewJob) -> Took;
    /// Remembers a file that no job is to be made of.
    fn remember(
        &self,
        path: &Path,
        stamp: &str,
        job: Option<JobId>,
        state: TakenState,
    ) -> Result<()>;
    /// The files whose jobs had not ended.
    fn unsettled(&self) -> Result<Vec<Taken>>;
    /// What became of a job.
    fn fate(&self, job: JobId) -> Result<Fate>;
    /// The job of a file has ended and the file lies where it lay.
    fn settle(&self, path: &Path, stamp: &str) -> Result<()>;
    /// A file no longer lies where it was taken.
    fn forget(&self, path: &Path, stamp: &str) -> Result<()>;
    /// Some files whose jobs ended long ago, from this place of the ledger on, and the place at
    /// which to go on; none at its end.
    fn settled_long_ago(&self, after: i64) -> Result<(Vec<Taken>, Option<i64>)>;
    /// These files are gone for good.
    fn forget_all(&self, files: &[Taken]) -> Result<()>;
    /// How many files are working, settled, rejected.
    fn counts(&self) -> Result<(u64, u64, u64)>;
    /// Folders in which job files may have results written.
    fn roots(&self) -> Vec<PathBuf>;
    /// Tells everybody how the hot folder stands.
    fn publish(&self, view: WatchView);
    /// Whether the service is to end.
    fn is_stopping(&self) -> bool;
}

/// The ledger of one hot folder of a service.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) core: Arc<Core>,
    /// The hot folder.
    pub(super) name: String,
}

impl Book {
    fn row(&self, path: &Path, stamp: &str, job: Option<JobId>, state: TakenState) -> Taken {
        let (watch, at) = (self.name.clone(), Timestamp::now());
        Taken { watch, path: path.to_owned(), stamp: stamp.to_owned(), job, state, at }
    }
}

/// The settings of a hot folder, as a job has them.
pub(super) fn settings(watch: &Watch) -> serde_json::Map<String, serde_json::Value> {
    let json = |(key, value): (&String, &toml::Value)| {
        Some((key.clone(), serde_json::to_value(value).ok()?))
    };
    watch.set.iter().filter_map(json).collect()
}

impl Ledger for Book {
    fn ready(&self, watch: &Watch) -> Result<()> {
        let profile = self.core.profile(watch.profile.as_deref(), &settings(watch), None);
        let profile = profile.map_err(|fault| fault.error)?;
        if watch.rule != Rule::Source {
            return Ok(());
        }
        if watch.sources.is_empty() && profile.swaps() && profile.faces.map.is_empty() {
            let error = Error::usage("the hot folder has no sources to put in");
            return Err(error.hint("give it sources, or rule = \"folder\", \"pair\" or \"job\""));
        }
        watch.sources.iter().try_for_each(|path| crate::pipeline::check_input("source", path))
    }

    fn was_taken(&self, path: &Path, stamp: &str) -> Result<bool> {
        self.core.store.was_taken(&self.name, path, stamp)
    }

    fn is_claimed(&self, output: &Path) -> Result<bool> {
        Ok(self.core.store.writer_of(output)?.is_some())
    }

    fn take(&self, path: &Path, stamp: &str, id: JobId, new: &NewJob) -> Took {
        let origin = Origin::Watch { name: self.name.clone() };
        let mut row = match self.core.prepare(new, origin) {
            Ok(row) => row,
            Err(fault) => {
                return match fault.kind {
                    FaultKind::Internal | FaultKind::Busy => Took::NotNow(fault.error),
                    FaultKind::Conflict => Took::Clash(fault.error),
                    _ => Took::Never(fault.error),
                };
            }
        };
        row.id = id;
        let taken = self.row(path, stamp, Some(id), TakenState::Working);
        match self.core.store.take(&taken, Some(&row), Timestamp::now()) {
            Ok(Some(job)) => {
                if let Some(job) = job {
                    self.core.changed(&job);
                }
                Took::Job
            }
            Ok(None) => Took::Before,
            // Such as a job before it that is not there.
            Err(error) if error.exit_code() == 2 => Took::Never(error),
            Err(error) => Took::NotNow(error),
        }
    }

    fn remember(
        &self,
        path: &Path,
        stamp: &str,
        job: Option<JobId>,
        state: TakenState,
    ) -> Result<()> {
        let row = self.row(path, stamp, job, state);
        self.core.store.take(&row, None, Timestamp::now()).map(|_| ())
    }

    fn unsettled(&self) -> Result<Vec<Taken>> {
        self.core.store.unsettled(&self.name)
    }

    fn fate(&self, id: JobId) -> Result<Fate> {
        let Some(job) = self.core.store.job(id)? else { return Ok(Fate::Removed) };
        let files = Files {
            sources: job.spec.sources.clone(),
            target: job.spec.target.clone(),
            output: job.spec.output.clone(),
        };
        if !job.state.is_final() {
            return Ok(Fate::Going(files));
        }
        if job.state == State::Done {
            return Ok(Fate::Done(files));
        }
        let mut reason = Reason {
            outcome: job.state.to_string(),
            what: if job.reason.is_empty() { job.state.to_string() } else { job.reason.clone() },
            job: Some((id.to_string(), self.core.log_of(id))),
            ..Reason::default()
        };
        if let Some(failure) = job.failure.filter(|_| job.state != State::Cancelled) {
            reason.what = failure.message;
            reason.causes = failure.causes;
            reason.hint = failure.hint;
        }
        Ok(Fate::Ended(Box::new(reason), files))
    }

    fn settle(&self, path: &Path, stamp: &str) -> Result<()> {
        self.core.store.settle(&self.name, path, stamp, TakenState::Settled)
    }

    fn forget(&self, path: &Path, stamp: &str) -> Result<()> {
        self.core.store.forget_taken(&self.name, path, stamp)
    }

    fn settled_long_ago(&self, after: i64) -> Result<(Vec<Taken>, Option<i64>)> {
        let before = Timestamp::now() - KEPT;
        self.core.store.settled_before(&self.name, before, after, PAGE)
    }

    fn forget_all(&self, files: &[Taken]) -> Result<()> {
        self.core.store.forget_all_taken(files)
    }

    fn counts(&self) -> Result<(u64, u64, u64)> {
        self.core.store.taken_counts(&self.name)
    }

    fn roots(&self) -> Vec<PathBuf> {
        self.core.config().service.roots.clone()
    }

    fn publish(&self, view: WatchView) {
        // One that was removed meanwhile says nothing more.
        if self.core.watches.show(&view) {
            self.core.events.publish(Event::Watch { watch: Box::new(view) });
        }
    }

    fn is_stopping(&self) -> bool {
        self.core.stopping.is_set()
    }
}
