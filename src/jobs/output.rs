//! Where the result of a job goes when that is not said in full.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::media::sequence;

/// The file that is written: the one that was named, one in the folder that was named, or one
/// beside the target.
pub fn choose(output: Option<&Path>, source: Option<&Path>, target: &Path) -> PathBuf {
    match output {
        Some(output) => in_folder(output, source, target),
        None => beside(target),
    }
}

/// In a folder the output is named SOURCE-TARGET, as in roop.
fn in_folder(output: &Path, source: Option<&Path>, target: &Path) -> PathBuf {
    if !output.is_dir() {
        return output.to_owned();
    }
    if let Some(pictures) = sequence::folder_of(target) {
        let mut name = OsString::new();
        if let Some(source) = source.and_then(Path::file_stem) {
            name.push(source);
            name.push("-");
        }
        name.push(folder_name(&pictures));
        if source.is_none() {
            name.push("-swapped");
        }
        return output.join(name).join(PICTURES);
    }
    let named = source.and_then(Path::file_stem).zip(target.file_name());
    match (named, beside(target).file_name()) {
        (Some((source, target)), _) => {
            let mut name = source.to_owned();
            name.push("-");
            name.push(target);
            output.join(name)
        }
        (None, Some(name)) => output.join(name),
        (None, None) => output.to_owned(),
    }
}

/// The names of pictures in a folder that gets its name here.
const PICTURES: &str = "%04d.png";

/// What a folder is called, however it was named.
fn folder_name(folder: &Path) -> OsString {
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    full.file_name().unwrap_or(OsStr::new("pictures")).to_owned()
}

/// `film.mp4` → `film-swapped.mp4`, beside it; the pictures of `frames/` go into `frames-swapped/`.
pub fn beside(target: &Path) -> PathBuf {
    if let Some(pictures) = sequence::folder_of(target) {
        let mut name = folder_name(&pictures);
        name.push("-swapped");
        let full = std::path::absolute(&pictures).unwrap_or(pictures);
        return full.with_file_name(name).join(PICTURES);
    }
    let mut name = target.file_stem().unwrap_or_default().to_owned();
    name.push("-swapped.");
    name.push(target.extension().unwrap_or_default());
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_output_lies_beside_the_target() {
        assert_eq!(choose(None, None, Path::new("a/b.c.mp4")), Path::new("a/b.c-swapped.mp4"));
    }

    #[test]
    fn pictures_go_into_a_folder_of_their_own() {
        let root = tempfile::tempdir().unwrap();
        let frames = root.path().join("frames");
        std::fs::create_dir(&frames).unwrap();
        let beside = root.path().join("frames-swapped/%04d.png");
        assert_eq!(choose(None, None, &frames), beside);
        assert_eq!(choose(None, None, &frames.join("f%d.png")), beside);
        let named = choose(Some(root.path()), Some(Path::new("me.jpg")), &frames);
        assert_eq!(named, root.path().join("me-frames/%04d.png"));
    }

    #[test]
    fn in_a_folder_the_output_has_both_names() {
        let folder = tempfile::tempdir().unwrap();
        let of = |source: Option<&Path>| {
            choose(Some(folder.path()), source, Path::new("clips/film.mp4"))
        };
        let source = Path::new("faces/me.jpg");
        assert_eq!(of(Some(source)), folder.path().join("me-film.mp4"));
        assert_eq!(of(None), folder.path().join("film-swapped.mp4"));
        let file = Path::new("out.mp4");
        assert_eq!(choose(Some(file), Some(source), file), file);
    }
}
