//! Files by path, by pattern, by list; and the names of outputs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

use super::Paths;

/// What an output pattern may hold.
const PARTS: [&str; 4] = ["source", "target", "ext", "index"];
/// The name in a folder.
const USUAL: &str = "{source}-{target}.{ext}";
/// The name in a folder where no source is named.
const USUAL_WITHOUT: &str = "{target}-swapped.{ext}";

/// Every file that these words name, in their order, each once: paths, patterns with `*`, `?` and
/// `[…]`, and `@FILE` with one of them a line.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when a pattern is malformed or finds nothing, or a list cannot be
/// read.
pub(super) fn files(role: &str, words: &[String]) -> Result<Paths> {
    let mut all = Vec::new();
    for word in words {
        match word.strip_prefix('@') {
            Some(list) => {
                let text = fs::read_to_string(list).map_err(|e| {
                    Error::usage(format!("cannot read the list {list}"))
                        .because(e)
                        .hint("it holds one path or pattern a line")
                })?;
                let lines = text.lines().map(str::trim);
                for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
                    all.extend(found(role, line)?);
                }
            }
            None => all.extend(found(role, word)?),
        }
    }
    let mut once: Paths = Vec::new();
    for path in all {
        if !once.contains(&path) {
            once.push(path);
        }
    }
    Ok(once)
}

fn found(role: &str, word: &str) -> Result<Paths> {
    // A file may have brackets in its name.
    if Path::new(word).exists() || !word.contains(['*', '?', '[']) {
        return Ok(vec![word.into()]);
    }
    let paths = glob::glob(word).map_err(|e| {
        Error::usage(format!("the {role} pattern {word} is malformed")).because(e.to_string())
    })?;
    let paths: Paths = paths
        .collect::<std::result::Result<_, _>>()
        .context(|| format!("cannot look for the {role} pattern {word}"))?;
    if paths.is_empty() {
        return Err(Error::usage(format!("the {role} pattern {word} finds no file"))
            .hint("check it with ls; write it in quotes"));
    }
    Ok(paths)
}

/// The pictures in a folder, by name.
///
/// # Errors
/// When it cannot be read or holds no picture.
pub(super) fn photos(folder: &Path) -> Result<Paths> {
    let name = folder.display();
    let mut photos: Paths = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
        .context(|| format!("cannot read the folder {name}"))?;
    photos.retain(|path| {
        crate::media::image_file::StillFormat::from_path(path).is_ok() && path.is_file()
    });
    photos.sort();
    if photos.is_empty() {
        return Err(Error::usage(format!("there is no picture in the folder {name}")));
    }
    Ok(photos)
}

/// How outputs are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    /// A pattern; a folder gets the usual name in it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a part that there is not.
    pub(super) fn new(text: &str, with_sources: bool) -> Result<Self> {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once('{') {
            let (part, after) = after.split_once('}').unwrap_or((after, ""));
            if !PARTS.contains(&part) {
                let known = PARTS.map(|part| format!("{{{part}}}")).join(" ");
                return Err(Error::usage(format!("there is no {{{part}}} in an output pattern"))
                    .hint(format!("there are {known}")));
            }
            rest = after;
        }
        if text.ends_with(std::path::is_separator) || Path::new(text).is_dir() {
            let usual = if with_sources { USUAL } else { USUAL_WITHOUT };
            let path = Path::new(text).join(usual);
            return Ok(Pattern(path.to_string_lossy().into_owned()));
        }
        Ok(Pattern(text.to_owned()))
    }

    /// The output of a job; `index` counts from 1 to `count`.
    pub(super) fn output(
        &self,
        source: &str,
        target: &Path,
        index: usize,
        count: usize,
    ) -> PathBuf {
        let stem = target.file_stem().unwrap_or_default().to_string_lossy();
        let extension = target.extension().unwrap_or_default().to_string_lossy();
        let digits = count.to_string().len();
        let index = format!("{index:0digits$}");
        // Part by part, so that a name with braces in it stays as it is.
        let mut output = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (part, after) = after.split_once('}').unwrap_or((after, ""));
            output.push_str(before);
            output.push_str(match part {
                "source" => source,
                "target" => &stem,
                "ext" => &extension,
                _ => &index,
            });
            rest = after;
        }
        output.push_str(rest);
        output.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_outputs() {
        let name = |pattern: &str, source: &str, target: &str| {
            let pattern = Pattern::new(pattern, true).unwrap();
            pattern.output(source, Path::new(target), 7, 120).display().to_string()
        };
        assert_eq!(name("o/{index}-{target}.{ext}", "me", "c/film.mp4"), "o/007-film.mp4");
        assert_eq!(name("{source}/{target}.mkv", "a{ext}b", "x.y.mov"), "a{ext}b/x.y.mkv");
        assert_eq!(name("nowhere/", "me", "film.mp4"), "nowhere/me-film.mp4");
        let error = Pattern::new("{sauce}.png", true).unwrap_err();
        assert!(error.message().contains("{sauce}"), "{error}");
        assert!(error.hint_text().unwrap().contains("{source} {target}"));
    }

    #[test]
    fn files_come_from_paths_patterns_and_lists() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.png", "a.png", "c.txt", "d[1].png"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        let at = |name: &str| folder.path().join(name).display().to_string();
        let names = |words: &[String]| -> Vec<String> {
            let paths = files("source", words).unwrap();
            paths.iter().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(&[at("?.png")]), ["a.png", "b.png"]);
        assert_eq!(names(&[at("b.png"), at("*.png")]), ["b.png", "a.png", "d[1].png"]);
        assert_eq!(names(&[at("d[1].png")]), ["d[1].png"]);
        fs::write(folder.path().join("list"), format!("# mine\n\n{}\n", at("*.txt"))).unwrap();
        assert_eq!(names(&[format!("@{}", at("list"))]), ["c.txt"]);
        let error = files("source", &[at("*.gif")]).unwrap_err();
        assert!(error.message().contains("finds no file"), "{error}");
        let error = files("source", &[at("[")]).unwrap_err();
        assert!(error.message().contains("is malformed"), "{error}");
        // A path that is not there is found out later.
        assert!(files("source", &[at("gone.png")]).is_ok());
        assert_eq!(photos(folder.path()).unwrap().len(), 3);
    }
}
