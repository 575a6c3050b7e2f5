//! Brings the input of a job back out of `failed/`, so that the job can be tried again.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::Result;
use crate::jobs::store::{Taken, TakenState};
use crate::jobs::{Job, Origin};
use crate::service::Core;
use crate::settings::config::{Rule, Watch};

use super::area::FAILED;
use super::away;

/// Puts the input of a job of a hot folder back where the job looks for it, when it lies in
/// `failed/`. Where that cannot be done nothing is changed: the job says itself what it misses.
pub(in super::super) fn bring_back(core: &Core, job: &Job) {
    let Origin::Watch { name } = &job.spec.origin else { return };
    let config = core.config();
    let Some(watch) = config.watch.iter().find(|watch| watch.name == *name) else { return };
    if std::fs::symlink_metadata(&job.spec.target).is_ok() {
        return;
    }
    match put_back(core, watch, job) {
        Ok(true) => core.watches.reload(name),
        Ok(false) => {}
        Err(error) => tracing::warn!("hot folder {name}: {}", error.chain()),
    }
}

/// Where the input lay, by the rule of its hot folder.
fn place(watch: &Watch, target: &Path) -> Option<PathBuf> {
    let below = target.strip_prefix(&watch.folder).ok()?;
    match watch.rule {
        Rule::Source => Some(target.to_owned()),
        Rule::Folder => Some(watch.folder.join(below.components().next()?)),
        // Their other files lie where people put them, under names that may be taken by now.
        Rule::Pair | Rule::Job => None,
    }
}

fn put_back(core: &Core, watch: &Watch, job: &Job) -> Result<bool> {
    let (Some(lies), Some(place)) = (core.store.taken_for(job.id)?, place(watch, &job.spec.target))
    else {
        return Ok(false);
    };
    let failed = watch.folder.join(FAILED);
    if lies.state != TakenState::Settled || !lies.path.starts_with(&failed) {
        return Ok(false);
    }
    // The row first: a file that came back without one would be taken as a new one.
    let row = Taken { path: place.clone(), state: TakenState::Working, ..lies.clone() };
    if core.store.take(&row, None, Timestamp::now())?.is_none() {
        return Ok(false);
    }
    if let Err(e) = away::rename(&lies.path, &place) {
        tracing::warn!("hot folder {}: cannot move {} back: {e}", watch.name, lies.path.display());
        core.store.forget_taken(&watch.name, &row.path, &row.stamp)?;
        return Ok(false);
    }
    core.store.forget_taken(&watch.name, &lies.path, &lies.stamp)?;
    let _ = std::fs::remove_file(away::reason_beside(&lies.path));
    Ok(true)
}
