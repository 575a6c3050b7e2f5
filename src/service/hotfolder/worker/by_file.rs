//! What job files ask for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::jobs::JobId;
use crate::service::wire::NewJob;

use super::super::ledger::{Ledger, settings};
use super::super::rules::{self, Unit};
use super::closely::Close;
use super::take::Wait;
use super::{HOLD, Worker};

/// What a job file comes to.
pub(super) enum Asked {
    Job(Box<NewJob>),
    Wait(Wait),
    Never(Error),
}

impl<L: Ledger> Worker<L> {
    /// What a job file asks for, once the files are whole that it names.
    pub(super) fn by_file(&mut self, unit: &Unit, id: JobId, now: Instant) -> Result<Asked> {
        let file = match rules::read_job_file(&unit.path) {
            Ok(file) => file,
            Err(error) => return Ok(Asked::Never(error)),
        };
        let entry = (unit.stamp.clone(), file.inputs.clone());
        self.inputs.insert(unit.path.clone(), entry);
        for input in &file.inputs {
            let inside = input.starts_with(&self.area.folder);
            match fs::metadata(input) {
                Ok(_) => {}
                // It may still come.
                Err(e) if e.kind() == io::ErrorKind::NotFound && inside => {
                    let (file, input) = (self.area.below(&unit.path), self.area.below(input));
                    let what = format!("{} waits for {}", file.display(), input.display());
                    return Ok(Asked::Wait(Wait::For(what)));
                }
                Err(e) => {
                    let error = Error::usage(format!("cannot find {}", input.display())).because(e);
                    return Ok(Asked::Never(error.hint("check the path in the job file")));
                }
            }
            let Some(known) = self.files.get(input) else { continue };
            match self.files.wait(known, false, now) {
                Some(Duration::ZERO) => {}
                Some(due) => return Ok(Asked::Wait(Wait::After(due))),
                // News will come when it is closed.
                None => return Ok(Asked::Wait(Wait::After(HOLD))),
            }
            let member = (input.clone(), known.stamp);
            match self.look_closely(&[member], now) {
                Close::Whole => {}
                Close::Later(later) => return Ok(Asked::Wait(Wait::After(later))),
                Close::Never(error) => return Ok(Asked::Never(error)),
            }
        }
        let mut new = file.job;
        if new.profile.is_none() && new.snapshot.is_none() {
            new.profile = self.watch.profile.clone();
            for (key, value) in settings(&self.watch) {
                new.settings.entry(key).or_insert(value);
            }
        }
        if new.priority == 0 {
            new.priority = self.watch.priority;
        }
        let target = PathBuf::from(&new.target);
        let output = match &new.output {
            Some(output) => {
                let output = PathBuf::from(output);
                if !self.may_write(&output) {
                    let message =
                        format!("the output {} lies outside the folder", output.display());
                    let hint =
                        "name one in the hot folder, in its output folder, or in service.roots";
                    return Ok(Asked::Never(Error::usage(message).hint(hint)));
                }
                self.make_folder(&output)?;
                output
            }
            None => {
                let source = new.sources.first().map(PathBuf::from);
                self.output(source.as_deref(), &target, id)?
            }
        };
        new.output = Some(output.to_string_lossy().into_owned());
        Ok(Asked::Job(Box::new(new)))
    }

    /// Whether a job file may have its result written there: whoever can put files into the folder
    /// is not thereby allowed to write everywhere.
    fn may_write(&self, output: &Path) -> bool {
        let Some(real) = real_path(output) else { return false };
        let mut roots = self.ledger.roots();
        roots.extend([self.watch.folder.clone(), self.watch.output_folder()]);
        roots.iter().filter_map(|root| real_path(root)).any(|root| real.starts_with(root))
    }
}

/// The path with every link followed, of which the end need not be there.
fn real_path(path: &Path) -> Option<PathBuf> {
    let mut there = path;
    loop {
        if let Ok(real) = fs::canonicalize(there) {
            let rest = path.strip_prefix(there).ok()?;
            let plain =
                rest.components().all(|part| matches!(part, std::path::Component::Normal(_)));
            return plain.then(|| real.join(rest));
        }
        // A link that leads nowhere would be written through.
        if fs::symlink_metadata(there).is_ok() {
            return None;
        }
        there = there.parent()?;
    }
}
