//! The jobs of a batch, and everything that is wrong with them before the first one begins.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::media::kept_frames;
use crate::pipeline::{check_input, check_output};
use crate::profiles::Profile;

use super::names::{Pattern, files, photos};
use super::{BatchArgs, Paths};

/// One source into one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// Counted from 1.
    pub(super) index: usize,
    /// The photo, or the folder of photos; none where the profile says who gets whose face.
    pub(super) source: Option<PathBuf>,
    /// The photos.
    pub(super) photos: Paths,
    /// What is changed.
    pub(super) target: PathBuf,
    /// Where the result goes.
    pub(super) output: PathBuf,
    /// The output is there already, and that is fine.
    pub(super) skip: bool,
}

/// Every source with every target, by target.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when an input is missing, two jobs have one output, or an output
/// exists and nobody said what to do about that.
pub(super) fn plan(args: &BatchArgs, profile: &Profile) -> Result<Vec<Job>> {
    let sources = sources(args, profile)?;
    let targets = files("target", &args.targets)?;
    targets.iter().try_for_each(|target| check_input("target", target))?;
    let pattern = Pattern::new(&args.output, !args.sources.is_empty())?;
    let count = sources.len() * targets.len();
    let mut jobs = Vec::with_capacity(count);
    for target in &targets {
        for (source, photos) in &sources {
            let index = jobs.len() + 1;
            let name = source.as_deref().and_then(Path::file_stem).unwrap_or_default();
            let output = pattern.output(&name.to_string_lossy(), target, index, count);
            let skip = args.skip_existing && output.exists();
            jobs.push(Job {
                index,
                source: source.clone(),
                photos: photos.clone(),
                target: target.clone(),
                output,
                skip,
            });
        }
    }
    check(&jobs, args)?;
    if profile.video.keep_frames && sources.len() > 1 {
        let folder = kept_frames::folder_of(&targets[0]);
        return Err(Error::usage(format!(
            "{} sources would keep their frames in one folder, {}",
            sources.len(),
            folder.display()
        ))
        .hint("keep frames of one source at a time"));
    }
    Ok(jobs)
}

/// The people who are put in, each with their photos.
fn sources(args: &BatchArgs, profile: &Profile) -> Result<Vec<(Option<PathBuf>, Paths)>> {
    if args.sources.is_empty() {
        if profile.swaps() && profile.faces.map.is_empty() {
            return Err(Error::usage("no source was given").hint("name photos with --source"));
        }
        return Ok(vec![(None, Vec::new())]);
    }
    if !profile.faces.map.is_empty() {
        return Err(Error::usage(
            "every person of the map has a face of their own, so a source has no place",
        )
        .hint("leave out --source, or the map"));
    }
    let mut people = Vec::new();
    for path in files("source", &args.sources)? {
        let photos = if path.is_dir() { photos(&path)? } else { vec![path.clone()] };
        photos.iter().try_for_each(|photo| check_input("source", photo))?;
        people.push((Some(path), photos));
    }
    Ok(people)
}

fn check(jobs: &[Job], args: &BatchArgs) -> Result<()> {
    let mut taken: HashMap<&Path, &Job> = HashMap::new();
    for job in jobs {
        if let Some(other) = taken.insert(&job.output, job) {
            let of = |job: &Job| {
                let source = job.source.as_deref().unwrap_or(Path::new("the map"));
                format!("{} in {}", source.display(), job.target.display())
            };
            return Err(Error::usage(format!(
                "two jobs would write {}: {}, and {}",
                job.output.display(),
                of(other),
                of(job)
            ))
            .hint("put {source}, {target} or {index} into --output"));
        }
    }
    let inputs = || {
        let photos = jobs.iter().flat_map(|job| job.photos.iter().map(|p| ("source", p.as_path())));
        photos.chain(jobs.iter().map(|job| ("target", job.target.as_path())))
    };
    for job in jobs {
        check_output(inputs(), &job.output)?;
    }
    let there = jobs.iter().filter(|job| job.output.exists() && !job.skip).collect::<Vec<_>>();
    if let Some(first) = there.first()
        && !args.overwrite
    {
        let more = match there.len() {
            1 => String::new(),
            n => format!(", and {} more", n - 1),
        };
        return Err(Error::usage(format!("{} exists already{more}", first.output.display()))
            .hint("give --skip-existing to leave them, --overwrite to replace them"));
    }
    Ok(())
}
