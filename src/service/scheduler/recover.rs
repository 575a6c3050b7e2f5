//! What a service that ended without a word left behind, put in order before anything runs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::error::Result;
use crate::jobs::store::{Change, Published};
use crate::jobs::{Failure, JobId, State};
use crate::pipeline;

use super::super::Core;

/// A job during which the service ended so often is not begun again.
const MOST_CRASHES: u32 = 2;
/// What a job fails with during which the service ended too often.
const CRASHED: &str = "crashed";
/// How our own hidden files begin; nothing else is ever removed.
const HIDDEN: &str = ".facedeck-";

/// Finishes jobs whose output had its name already, removes hidden files of the others, and puts
/// them back into the queue, unless they ended the service too often.
pub(super) fn recover(core: &Arc<Core>) -> Result<()> {
    for id in core.store.in_state(State::Running)? {
        let Some(job) = core.store.job(id)? else { continue };
        let published = core.store.published(id)?;
        let change = match published.filter(|done| is_there(done, &job.spec.output)) {
            Some(done) => Change::Finish { summary: done.summary },
            None if job.crashes + 1 >= MOST_CRASHES => Change::Fail {
                failure: Failure::of_kind(
                    CRASHED,
                    format!("the service ended {MOST_CRASHES} times while it worked on this job"),
                    Some(&format!(
                        "the system's log may say why (memory?); then: facedeck jobs retry {id}"
                    )),
                ),
            },
            None => {
                Change::Crashed { reason: "the service ended while it worked on it".to_owned() }
            }
        };
        let output = &job.spec.output;
        let begun = pipeline::unfinished_of(output).ok().flatten();
        if matches!(change, Change::Finish { .. }) || begun.is_some_and(|work| work.done == 0) {
            // Nobody goes on with it.
            throw_away(output);
        }
        remove_hidden(core, id)?;
        if let Some(job) = core.store.change(id, &change, Timestamp::now())? {
            tracing::warn!("job {id} ran when the service ended: it is {} now", job.state);
            if job.state == State::Failed {
                core.ended_badly(id, job.state);
            }
        }
    }
    // What was held in memory is begun again when it is resumed.
    for id in core.store.in_state(State::Paused)? {
        remove_hidden(core, id)?;
    }
    claim_uploads(core)
}

/// Says again which uploads are needed by jobs that have not ended.
fn claim_uploads(core: &Arc<Core>) -> Result<()> {
    for state in [State::Queued, State::Running, State::Paused] {
        for id in core.store.in_state(state)? {
            if let Some(job) = core.store.job(id)? {
                let request = job.spec.request();
                let files: Vec<&Path> = request.inputs().map(|(_, path)| path).collect();
                core.uploads.claim(id, &files);
            }
        }
    }
    Ok(())
}

fn throw_away(output: &Path) {
    if let Err(error) = pipeline::discard(output) {
        tracing::warn!("{}", error.chain());
    }
}

/// Whether the output got its name before the end: it is the file that was about to get it. File
/// systems that number files anew when they are renamed are told by the hidden file being gone.
fn is_there(done: &Published, output: &Path) -> bool {
    let Ok(file) = fs::metadata(output) else { return false };
    let same = file.dev() == done.device && file.ino() == done.inode;
    file.len() == done.bytes && (same || !done.hidden.exists())
}

fn remove_hidden(core: &Arc<Core>, id: JobId) -> Result<()> {
    if let Some(hidden) = core.store.left_behind(id)? {
        let ours = hidden.file_name().is_some_and(|n| n.to_string_lossy().starts_with(HIDDEN));
        if ours
            && let Err(error) = fs::remove_file(&hidden)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("{} is left over and cannot be removed: {error}", hidden.display());
        }
        core.store.hidden(id, None)?;
    }
    Ok(())
}
