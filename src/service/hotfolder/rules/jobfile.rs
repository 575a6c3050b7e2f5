//! Job files: `job.toml` or `NAME.job.toml` beside the files that it names, with everything that a
//! job can say.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::service::wire::NewJob;
use crate::settings::document::{Document, flat};

use super::super::settling::Settling;
use super::{Plan, Unit};

/// The largest job file, in bytes.
const LARGEST: u64 = 1 << 20;

/// What a job file says; its paths are full.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct JobFile {
    /// The job.
    pub(in super::super) job: NewJob,
    /// The files that it reads.
    pub(in super::super) inputs: Vec<PathBuf>,
}

/// Whether a file has the name of a job file.
pub(in super::super) fn is_job_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name == "job.toml" || name.ends_with(".job.toml")
}

pub(super) fn units(files: &Settling) -> Vec<Unit> {
    let files = files.files().filter(|(path, _)| is_job_file(path));
    files
        .map(|(path, known)| Unit {
            path: path.to_owned(),
            stamp: known.stamp.to_string(),
            members: vec![(path.to_owned(), known.stamp)],
            slow: false,
            plan: Plan::JobFile,
        })
        .collect()
}

/// Reads a job file. Paths in it are taken from its folder.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when it cannot be read or says what a job cannot say: everything
/// that is wrong, by line.
pub(in super::super) fn read(path: &Path) -> Result<JobFile> {
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
        .map_err(|e| {
            Error::usage(format!("cannot read the job file {}", path.display()))
                .because(e)
                .hint("check its permissions; it is a text in UTF-8")
        })?;
    if text.len() as u64 > LARGEST {
        let message = format!("the job file {} is larger than 1 MB", path.display());
        return Err(Error::usage(message).hint("it names files, and holds none"));
    }
    let mut document = Document::parse(&text, path)?;
    let root = document.root();
    let job: NewJob = document.table(&root, "", &[]);
    let mut job: NewJob = document.finish(job)?;
    if job.target.is_empty() {
        let message = format!("{}: the target is missing", path.display());
        return Err(Error::usage(message).hint("name it: target = \"film.mp4\""));
    }
    job.settings = flat(std::mem::take(&mut job.settings));
    let folder = path.parent().unwrap_or(Path::new("/"));
    let full = |file: &str| -> PathBuf { folder.join(file).components().collect() };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let target = full(&job.target);
    let sources: Vec<PathBuf> = job.sources.iter().map(|file| full(file)).collect();
    job.target = text(&target);
    job.sources = sources.iter().map(|path| text(path)).collect();
    job.output = job.output.map(|file| text(&full(&file)));
    let inputs = sources.into_iter().chain([target]).collect();
    Ok(JobFile { job, inputs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<JobFile> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.job.toml");
        fs::write(&path, text).unwrap();
        let mut job = read(&path)?;
        let short = |text: &mut String| *text = text.replace(folder.path().to_str().unwrap(), "F");
        job.job.sources.iter_mut().for_each(short);
        short(&mut job.job.target);
        job.job.output.iter_mut().for_each(short);
        Ok(job)
    }

    #[test]
    fn it_says_everything_that_a_job_can_say() {
        let job = read_text(
            "sources = [\"me.jpg\", \"/faces/you.jpg\"]\nsource_face = 1\ntarget = \"./film.mp4\"\n\
             output = \"out/film.mkv\"\noverwrite = true\nprofile = \"quality\"\nname = \"mine\"\n\
             priority = -3\nnot_before = 2030-01-02T03:04:05Z\nmax_attempts = 5\nhold = true\n\
             [settings]\n\"video.quality\" = 90\nswap.weight = 0.5\n",
        )
        .unwrap();
        let NewJob { sources, target, output, settings, not_before, .. } = &job.job;
        assert_eq!(sources, &["F/me.jpg", "/faces/you.jpg"]);
        assert_eq!((target.as_str(), output.as_deref()), ("F/film.mp4", Some("F/out/film.mkv")));
        assert_eq!(settings["video.quality"], 90);
        assert_eq!(settings["swap.weight"], 0.5);
        assert_eq!(not_before.unwrap().to_string(), "2030-01-02T03:04:05Z");
        assert_eq!((job.job.priority, job.job.max_attempts, job.job.hold), (-3, Some(5), true));
        assert_eq!(job.inputs.len(), 3);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let told = |text: &str| {
            let error = read_text(text).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            format!("{} {}", error.message(), error.hint_text().unwrap_or_default())
        };
        let error = told("target = \"a.mp4\"\ntargte = \"b\"\n");
        assert!(error.contains("line 2") && error.contains("did you mean target?"), "{error}");
        assert!(told("sources = [\"a\"]\n").contains("the target is missing"));
        let error = told("target = 5\npriority = \"high\"\n");
        assert!(error.contains("2 faults") && error.contains("priority"), "{error}");
        assert!(told("target = ").contains("line 1"));
        assert!(told(&"#".repeat(2 << 20)).contains("larger"));
        let error = told("target = \"a\"\nnot_before = \"soon\"\n");
        assert!(error.contains("line 2: not_before") || error.contains("line 2"), "{error}");
    }

    #[test]
    fn names_of_job_files() {
        for name in ["job.toml", "a/Job.TOML", "film.job.toml"] {
            assert!(is_job_file(Path::new(name)), "{name}");
        }
        for name in ["ajob.toml", "job.toml.txt", "film.toml"] {
            assert!(!is_job_file(Path::new(name)), "{name}");
        }
    }
}
