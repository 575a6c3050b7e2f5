//! Names that are never taken, and those that the rules of a hot folder let in.

use std::path::Path;

use glob::{MatchOptions, Pattern};

/// Ends of names that programs give to files which they have not finished.
const UNFINISHED: [&str; 17] = [
    ".part",
    ".partial",
    ".crdownload",
    ".download",
    ".opdownload",
    ".filepart",
    ".aria2",
    ".tmp",
    ".temp",
    ".!ut",
    ".!qb",
    ".swp",
    ".swo",
    ".swx",
    ".lock",
    ".lck",
    "~",
];

/// Names of what systems, and we ourselves, leave in folders.
const CLUTTER: [&str; 8] = [
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "lost+found",
    "$recycle.bin",
    "system volume information",
    "@eadir",
    // Where a job keeps its frames, beside its target.
    "temp",
];

/// Whether this is the name of a file that some program has not finished, or of something that is
/// nobody's picture: rsync, Syncthing, Samba, browsers, editors, desktops.
pub(super) fn is_temporary(name: &str) -> bool {
    let name = name.to_lowercase();
    // rsync's .NAME.XXXXXX, .syncthing.NAME.tmp, .smbdelete…, .fuse_hidden…, .DS_Store, ._NAME and
    // our own .facedeck-… are all hidden.
    name.starts_with(['.'])
        || name.starts_with("~$")
        || name.starts_with("~syncthing~")
        || CLUTTER.contains(&name.as_str())
        || UNFINISHED.iter().any(|end| name.ends_with(end))
}

/// The names that a hot folder lets in.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    include: Vec<Pattern>,
    ignore: Vec<Pattern>,
}

/// As people expect it of names from cameras and Windows: `*.mp4` is also `A.MP4`.
const LOOSE: MatchOptions = MatchOptions {
    case_sensitive: false,
    require_literal_separator: false,
    require_literal_leading_dot: false,
};

impl Filter {
    /// A filter of these patterns; malformed ones have been refused before.
    pub(super) fn new(include: &[String], ignore: &[String]) -> Self {
        let patterns = |texts: &[String]| {
            texts.iter().filter_map(|text| Pattern::new(text).ok()).collect::<Vec<_>>()
        };
        Filter { include: patterns(include), ignore: patterns(ignore) }
    }

    /// Whether a path below the folder is to be ignored.
    pub(super) fn ignores(&self, below: &Path) -> bool {
        any(&self.ignore, below)
    }

    /// Whether a path below the folder may become a job.
    pub(super) fn includes(&self, below: &Path) -> bool {
        self.include.is_empty() || any(&self.include, below)
    }
}

fn any(patterns: &[Pattern], below: &Path) -> bool {
    let name = below.file_name().map(Path::new).unwrap_or(below);
    patterns.iter().any(|pattern| {
        pattern.matches_path_with(name, LOOSE) || pattern.matches_path_with(below, LOOSE)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_have_not_finished_is_told_by_its_name() {
        for name in [
            ".a.png.Xk3f9a",
            ".~tmp~",
            "film.mp4.part",
            "film.mp4.PARTIAL",
            "film.mp4.crdownload",
            "Unconfirmed 12.crdownload",
            "film.download",
            "a.tmp",
            "a.temp",
            "a.mp4.filepart",
            "a.mkv.!ut",
            ".syncthing.a.png.tmp",
            "~syncthing~a.png.tmp",
            "a.png~",
            ".a.png.swp",
            ".smbdeleteAAA1",
            ".fuse_hidden0001",
            ".DS_Store",
            "._a.png",
            "Thumbs.db",
            "desktop.ini",
            "~$a.png",
            "lost+found",
            ".facedeck-AbCdEf.png",
            ".",
        ] {
            assert!(is_temporary(name), "{name}");
        }
        for name in [
            "a.png",
            "part.mp4",
            "tmp",
            "temp.png",
            "a.part.mp4",
            "a~b.png",
            "-a.png",
            "$5.jpg",
            "ä.png",
        ] {
            assert!(!is_temporary(name), "{name}");
        }
    }

    #[test]
    fn patterns_look_at_the_name_and_at_the_path_below_the_folder() {
        let filter =
            Filter::new(&["*.mp4".into(), "b/*".into()], &["drafts/*".into(), "x?.*".into()]);
        let includes = |path: &str| filter.includes(Path::new(path));
        let ignores = |path: &str| filter.ignores(Path::new(path));
        assert!(includes("a.mp4") && includes("deep/er/A.MP4") && includes("b/c.png"));
        assert!(!includes("a.png") && !includes("c/b.png"));
        assert!(ignores("drafts/a.mp4") && ignores("deep/x1.mp4") && !ignores("x12.mp4"));
        assert!(Filter::default().includes(Path::new("anything")));
        assert!(!Filter::default().ignores(Path::new("anything")));
    }
}
