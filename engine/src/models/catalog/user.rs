//! Entries from the user's own folder: which files are read, and what they may change.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::document::Problem;
use super::entry::{Entry, Origin, Role};

/// The most bytes that a file with an entry may have; none needs a hundredth of it.
const LARGEST_FILE: u64 = 1 << 20;

/// The text of an entry and where it is from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The file's path.
    pub file: String,
    /// Its text.
    pub text: Cow<'static, str>,
    /// Whether it is part of the program.
    pub builtin: bool,
}

impl Source {
    /// A file of the project's `models/`.
    pub fn builtin(name: &str, text: &'static str) -> Self {
        let file = format!("models/{name}.toml (built in)");
        Source { file, text: text.into(), builtin: true }
    }

    /// A file of the user's.
    pub fn read(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let fail = |why: std::io::Error| Error::usage(format!("cannot read {file}")).because(why);
        let size = std::fs::metadata(path).map_err(fail)?.len();
        if size > LARGEST_FILE {
            return Err(Error::usage(format!("{file} is no catalog entry: it has {size} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(fail)?;
        Ok(Source { file, text: text.into(), builtin: false })
    }
}

/// The entries of a folder, in the order of their names; none when there is no folder.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let fail = |why| Error::usage(format!("cannot read {}", folder.display())).because(why);
    let items = match std::fs::read_dir(folder) {
        Ok(items) => items,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(fail(why)),
    };
    let mut files = Vec::new();
    for item in items {
        let path = item.map_err(fail)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Refuses an entry that may not take the place of another, or be there at all.
pub(super) fn admit(
    source: &Source,
    entry: &Entry,
    held: Option<(&Entry, &Source)>,
) -> Result<(), Problem> {
    if let Some((_, other)) = held.filter(|(_, other)| other.builtin == source.builtin) {
        let what = format!("\"{}\" is the id of {} already", entry.id, other.file);
        return Err(Problem::new("id", what));
    }
    if source.builtin {
        return Ok(());
    }
    if held.is_some_and(|(old, _)| old.role == Role::ContentFilter) {
        return Err(Problem::new("id", "the content filter cannot be replaced"));
    }
    if entry.role == Role::ContentFilter {
        return Err(Problem::new("role", "facedeck has one content filter, its own"));
    }
    match held {
        Some((old, _)) if old.role != entry.role => {
            let what =
                format!("it replaces a {} and cannot be a {}", old.role.name(), entry.role.name());
            Err(Problem::new("role", what))
        }
        _ => Ok(()),
    }
}

/// Makes the paths of an entry independent of the current directory.
pub(super) fn anchor(entry: &mut Entry, source: &Source) {
    let Some(folder) = Path::new(&source.file).parent() else { return };
    for origin in entry.files.iter_mut().flat_map(|file| &mut file.sources) {
        if let Origin::Path(path) = origin {
            *path = folder.join(&*path);
        }
    }
}
