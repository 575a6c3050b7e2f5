//! The name of a result.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::jobs::JobId;
use crate::settings::config::Watch;

use super::rules::is_written;

/// The highest number that is put behind a name which there is already.
const MOST: u32 = 9999;

/// What the parts of a name stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    /// The target.
    pub(super) target: &'a Path,
    /// The first source, where there is one.
    pub(super) source: Option<&'a Path>,
    /// The job.
    pub(super) id: JobId,
    /// Now.
    pub(super) now: Timestamp,
}

/// Where the result of a target goes: in the output folder, in the same folders as the target below
/// the hot folder. `is_used` says whether a path is somebody's.
///
/// # Errors
/// What `is_used` says; when there are thousands of that name.
pub(super) fn choose(
    watch: &Watch,
    parts: Parts<'_>,
    is_used: &dyn Fn(&Path) -> Result<bool>,
) -> Result<PathBuf> {
    let below = parts.target.strip_prefix(&watch.folder).unwrap_or(parts.target);
    let beside = if below.is_relative() { below.parent() } else { None };
    let folder = watch.output_folder().join(beside.unwrap_or(Path::new("")));
    let first = folder.join(name(&watch.pattern, parts));
    if !is_used(&first)? {
        return Ok(first);
    }
    for number in 2..=MOST {
        let path = numbered(&first, number);
        if !is_used(&path)? {
            return Ok(path);
        }
    }
    Err(Error::usage(format!("there are {MOST} results named {}", first.display()))
        .hint("put {date} or {id} into the pattern of the hot folder"))
}

/// The name with a number behind its stem.
pub(super) fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn name(pattern: &str, parts: Parts<'_>) -> String {
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Part by part, so that a name with braces in it stays as it is.
    let mut name = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (part, after) = after.split_once('}').unwrap_or((after, ""));
        name.push_str(before);
        match part {
            "target" => name.push_str(&stem(parts.target)),
            "source" => name.push_str(&parts.source.map_or_else(|| "nobody".to_owned(), stem)),
            "id" => name.push_str(&parts.id.to_string()),
            "date" => name.push_str(&parts.now.to_string()[..10]),
            _ if is_written(parts.target) => {
                let extension = parts.target.extension().unwrap_or_default();
                name.push_str(&extension.to_string_lossy());
            }
            // What can be read but not written becomes what everybody reads.
            _ => name.push_str("mp4"),
        }
        rest = after;
    }
    name + rest
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn choose_for(pattern: &str, target: &str, used: &[&str]) -> String {
        let watch = Watch { folder: "/in".into(), pattern: pattern.into(), ..Watch::default() };
        let parts = Parts {
            target: Path::new(target),
            source: Some(Path::new("/faces/me.x.jpg")),
            id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            now: "2026-11-22T23:59:59Z".parse().unwrap(),
        };
        let is_used = |path: &Path| Ok(used.iter().any(|used| Path::new(used) == path));
        choose(&watch, parts, &is_used).unwrap().display().to_string()
    }

    #[test]
    fn names_say_what_the_pattern_says() {
        let usual = "{target}-swapped.{ext}";
        assert_eq!(choose_for(usual, "/in/a.b.PNG", &[]), "/in/output/a.b-swapped.PNG");
        assert_eq!(choose_for(usual, "/in/sub/a.mp4", &[]), "/in/output/sub/a-swapped.mp4");
        assert_eq!(choose_for(usual, "/else/a.mxf", &[]), "/in/output/a-swapped.mp4");
        assert_eq!(
            choose_for("{date}/{source}_{id}.{ext}", "/in/{ext}.png", &[]),
            "/in/output/2026-11-22/me.x_01ARZ3NDEKTSV4RRFFQ69G5FAV.png"
        );
        assert_eq!(choose_for("{target}.mkv", "/in/{ext}.mp4", &[]), "/in/output/{ext}.mkv");
    }

    #[test]
    fn nothing_is_overwritten() {
        let used = ["/in/output/a.png", "/in/output/a-2.png"];
        assert_eq!(choose_for("{target}.{ext}", "/in/a.png", &used), "/in/output/a-3.png");
        let watch = Watch { folder: "/in".into(), ..Watch::default() };
        let id = JobId::generate();
        let parts =
            Parts { target: Path::new("/in/a.png"), source: None, id, now: Timestamp::UNIX_EPOCH };
        let asked = RefCell::new(0);
        let error = choose(&watch, parts, &|_| {
            *asked.borrow_mut() += 1;
            Ok(true)
        });
        assert!(error.unwrap_err().message().contains("9999"));
        assert_eq!(*asked.borrow(), 9999);
    }
}
