//! Names of numbered pictures, as ffmpeg writes them: `frames/%04d.png`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};

/// More digits than any number has.
const MOST_DIGITS: usize = 18;

/// A name with the place of a number in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    folder: PathBuf,
    before: String,
    /// A number is written with at least so many digits, with zeros before it.
    digits: usize,
    after: String,
}

impl Pattern {
    /// The pattern that a path is: one `%d` or `%04d` in the last part, and no other `%`. Nothing
    /// for every other path.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let (before, rest) = name.split_once('%')?;
        let (width, after) = rest.split_once('d')?;
        let digits = match width.strip_prefix('0') {
            Some(width) => width.parse().ok().filter(|n| (1..=MOST_DIGITS).contains(n))?,
            None if width.is_empty() => 1,
            None => return None,
        };
        if after.contains('%') || after.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Some(Pattern { folder, before: before.to_owned(), digits, after: after.to_owned() })
    }

    /// The folder that the pictures lie in, which is empty for the current one.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The last part of the pattern, in ffmpeg's words.
    pub(super) fn name(&self) -> String {
        format!("{}%0{}d{}", self.before, self.digits, self.after)
    }

    /// The number in the name of a file; nothing when the name does not fit.
    pub fn number(&self, name: &OsStr) -> Option<u64> {
        let digits = name.to_str()?.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        let written = digits.bytes().all(|b| b.is_ascii_digit())
            && (digits.len() == self.digits
                || digits.len() > self.digits && !digits.starts_with('0'));
        written.then(|| digits.parse().ok())?
    }

    /// The files that fit, by their numbers.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn files(&self) -> Result<Vec<(u64, PathBuf)>> {
        let here = Path::new(".");
        let folder = if self.folder.as_os_str().is_empty() { here } else { &self.folder };
        let what = || format!("cannot look into the folder {}", folder.display());
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).context(what)? {
            let name = entry.context(what)?.file_name();
            if let Some(number) = self.number(&name) {
                files.push((number, self.folder.join(name)));
            }
        }
        files.sort();
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_one_place_for_a_number() {
        let pattern = Pattern::of(Path::new("a/f_%04d.png")).unwrap();
        assert_eq!((pattern.folder(), pattern.name().as_str()), (Path::new("a"), "f_%04d.png"));
        assert_eq!(Pattern::of(Path::new("%d.png")).unwrap().name(), "%01d.png");
        for no in ["a/b.png", "a%04d/b.png", "%4d.png", "%0d.png", "%d%d.png", "100%.png", "%s.png"]
        {
            assert_eq!(Pattern::of(Path::new(no)), None, "{no}");
        }
    }

    #[test]
    fn names_fit_as_they_are_written() {
        let pattern = Pattern::of(Path::new("f%03d.png")).unwrap();
        let number = |name: &str| pattern.number(OsStr::new(name));
        assert_eq!([number("f007.png"), number("f1234.png")], [Some(7), Some(1234)]);
        for no in ["f7.png", "f0007.png", "f007.jpg", "x007.png", "f.png", "f00a.png", "f+07.png"] {
            assert_eq!(number(no), None, "{no}");
        }
    }
}
