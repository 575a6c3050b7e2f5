//! Where the result of a job goes when that is not said in full.

use std::path::{Path, PathBuf};

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

/// `film.mp4` → `film-swapped.mp4`, beside it.
pub fn beside(target: &Path) -> PathBuf {
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
