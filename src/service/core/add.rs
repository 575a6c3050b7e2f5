//! A new job: checked as far as it can be without looking at pixels, then put into the queue.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::{Error, Kind};
use crate::jobs::store::NewRow;
use crate::jobs::{JobId, JobSpec, Origin, State, output};
use crate::models::Store;
use crate::models::store::missing_error;
use crate::pipeline::needs;
use crate::profiles::Profile;
use crate::profiles::library::USUAL;

use super::super::fault::{Answer, Fault, FaultKind};
use super::super::guard::guard;
use super::super::wire::{JobView, NewJob, UPLOAD};
use super::Core;

/// Priorities lie within this and its negative.
const MOST_PRIORITY: i32 = 1000;
/// More attempts than this help nobody.
const MOST_ATTEMPTS: u32 = 100;
/// More jobs before one than this are a mistake.
const MOST_BEFORE: usize = 1000;
/// The longest name of a job, in bytes.
const LONGEST_NAME: usize = 200;

impl Core {
    /// Checks a job and adds it to the queue.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn add(&self, new: &NewJob, origin: Origin) -> Answer<JobView> {
        let row = self.prepare(new, origin)?;
        let id = row.id;
        self.claim_uploads(&row);
        let added = self.store.add(&[row], Timestamp::now()).map_err(store_fault);
        let job = match added.map(|mut jobs| jobs.pop()) {
            Ok(Some(job)) => job,
            Ok(None) => return Err(Fault::internal(Error::failed("the store added no job"))),
            Err(fault) => {
                self.uploads.release(id);
                return Err(fault);
            }
        };
        self.changed(&job);
        self.view_of(&job)
    }

    /// Checks a job, resolves its profile, and finds out where everything lies; adds nothing.
    ///
    /// # Errors
    /// Everything that is wrong with it and can be known without looking at pixels.
    pub fn prepare(&self, new: &NewJob, origin: Origin) -> Answer<NewRow> {
        let id = JobId::generate();
        let config = self.config();
        let mut sources = Vec::with_capacity(new.sources.len());
        for source in &new.sources {
            sources.push(self.admit(&origin, "source", source)?);
        }
        let target = self.admit(&origin, "target", &new.target)?;
        let mut profile =
            self.profile(new.profile.as_deref(), &new.settings, new.snapshot.as_ref())?;
        self.admit_profile(&origin, &mut profile)?;
        if profile.video.keep_frames && new.target.starts_with(UPLOAD) {
            let error = Error::usage("frames of an upload cannot be kept: they lie beside it");
            return Err(error.hint("leave video.keep_frames out").into());
        }
        let output = self.output(id, new, &origin, &sources, &target)?;
        let spec = JobSpec {
            name: self.name(new, &target)?,
            sources,
            source_face: new.source_face,
            target,
            output,
            overwrite: new.overwrite,
            profile_name: new.profile.clone().unwrap_or_else(|| USUAL.to_owned()),
            profile,
            origin,
        };
        self.check(&spec)?;
        let after = new.after.iter().map(|id| self.resolve(id)).collect::<Answer<Vec<_>>>()?;
        within("after", after.len(), MOST_BEFORE)?;
        check_priority(new.priority)?;
        let max_attempts = new.max_attempts.unwrap_or(config.service.max_attempts);
        check_attempts(max_attempts)?;
        Ok(NewRow {
            id,
            spec,
            state: if new.hold { State::Paused } else { State::Queued },
            priority: new.priority,
            after,
            not_before: new.not_before,
            max_attempts,
        })
    }

    /// Says that a job that is about to be added needs its uploads.
    pub(in super::super) fn claim_uploads(&self, row: &NewRow) {
        let request = row.spec.request();
        let files: Vec<&Path> = request.inputs().map(|(_, path)| path).collect();
        self.uploads.claim(row.id, &files);
    }

    /// The files that a profile names.
    pub(in super::super) fn admit_profile(
        &self,
        origin: &Origin,
        profile: &mut Profile,
    ) -> Answer<()> {
        let admit = |role: &str, path: &mut PathBuf| {
            let text = path.to_str().ok_or_else(|| {
                Error::usage(format!("the {role} {} is no UTF-8", path.display()))
            })?;
            *path = self.admit(origin, role, text)?;
            Answer::Ok(())
        };
        if let Some(path) = &mut profile.faces.reference_picture {
            admit("reference picture", path)?;
        }
        for map in &mut profile.faces.map {
            admit("person of the map", &mut map.who)?;
            map.faces.iter_mut().try_for_each(|face| admit("face of the map", face))?;
        }
        Ok(())
    }

    /// Where the result goes. What was uploaded, and what somebody on the network names without a
    /// folder, comes to lie among the service's own files.
    fn output(
        &self,
        id: JobId,
        new: &NewJob,
        origin: &Origin,
        sources: &[PathBuf],
        target: &Path,
    ) -> Answer<PathBuf> {
        let own = |name: &Path| {
            let folder = self.outputs_of(id);
            name.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
        };
        match new.output.as_deref().filter(|output| !output.is_empty()) {
            None if new.target.starts_with(UPLOAD) => Ok(own(&output::choose(None, None, target))),
            None if *origin == Origin::Network => {
                let beside = output::choose(None, None, target);
                self.admit_output(origin, &beside.to_string_lossy())
            }
            None => Ok(output::choose(None, None, target)),
            Some(name) if *origin == Origin::Network && !name.contains('/') => {
                if name.contains('\0') || name == "." || name == ".." {
                    return Err(Error::usage("the output names no file").into());
                }
                Ok(own(Path::new(name)))
            }
            Some(path) => {
                let place = self.admit_output(origin, path)?;
                Ok(output::choose(Some(&place), sources.first().map(PathBuf::as_path), target))
            }
        }
    }

    fn name(&self, new: &NewJob, target: &Path) -> Answer<String> {
        let given = new.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        match given {
            Some(name) => check_name(name),
            None => Ok(target.file_name().unwrap_or_default().to_string_lossy().into_owned()),
        }
    }

    /// Everything about a job's files that needs no look inside them, and whether its models are
    /// here.
    fn check(&self, spec: &JobSpec) -> Answer<()> {
        if let Some(other) = self.store.writer_of(&spec.output).map_err(Fault::internal)? {
            let error =
                Error::usage(format!("job {other} will write {} already", spec.output.display()))
                    .hint("give the output another name, or cancel that job");
            return Err(Fault::new(FaultKind::Conflict, error));
        }
        // A folder of ours is made when it is needed.
        let own = spec.output.starts_with(self.directories.state.join("outputs"));
        if own && let Some(folder) = spec.output.parent() {
            let made = std::fs::create_dir_all(folder);
            made.map_err(|e| {
                Fault::internal(
                    Error::failed(format!("cannot make {}", folder.display())).because(e),
                )
            })?;
        }
        let checked = self.check_files(spec);
        if own
            && checked.is_err()
            && let Some(folder) = spec.output.parent()
        {
            let _ = std::fs::remove_dir(folder);
        }
        checked
    }

    fn check_files(&self, spec: &JobSpec) -> Answer<()> {
        let request = spec.request();
        request.check()?;
        if spec.origin == Origin::Network {
            let config = self.config();
            request.inputs().try_for_each(|(_, path)| guard(path, &config.service))?;
        }
        let missing = Store::beneath(&self.directories)?.missing(&needs(&spec.profile)?)?;
        if missing.is_empty() { Ok(()) } else { Err(missing_error(&missing).into()) }
    }
}

/// The store itself is at fault, unless what it was asked makes no sense.
pub(super) fn store_fault(error: Error) -> Fault {
    if *error.kind() == Kind::Usage { error.into() } else { Fault::internal(error) }
}

fn within(what: &str, count: usize, most: usize) -> Answer<()> {
    if count <= most {
        return Ok(());
    }
    Err(Error::usage(format!("{what} names {count} jobs; at most {most} are possible")).into())
}

/// # Errors
/// [`FaultKind::Invalid`] when it is out of range.
pub(super) fn check_priority(priority: i32) -> Answer<()> {
    if (-MOST_PRIORITY..=MOST_PRIORITY).contains(&priority) {
        return Ok(());
    }
    Err(Error::usage(format!("the priority {priority} is out of range"))
        .hint(format!("priorities are whole numbers from -{MOST_PRIORITY} to {MOST_PRIORITY}"))
        .into())
}

/// # Errors
/// [`FaultKind::Invalid`] when it is out of range.
pub(super) fn check_attempts(attempts: u32) -> Answer<()> {
    if (1..=MOST_ATTEMPTS).contains(&attempts) {
        return Ok(());
    }
    Err(Error::usage(format!("{attempts} attempts are out of range"))
        .hint(format!("a job is tried 1 to {MOST_ATTEMPTS} times"))
        .into())
}

/// # Errors
/// [`FaultKind::Invalid`] when it is too long or no line of text.
pub(super) fn check_name(name: &str) -> Answer<String> {
    if name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        let message = format!("a name is a line of at most {LONGEST_NAME} bytes");
        return Err(Error::usage(message).into());
    }
    Ok(name.to_owned())
}
