//! Where a result goes when only a folder, or nothing, was named.

use std::path::{Path, PathBuf};

/// In a folder the output is named SOURCE-TARGET, as in roop.
pub fn resolve_output(output: &Path, source: Option<&Path>, target: &Path) -> PathBuf {
    if !output.is_dir() {
        return output.to_owned();
    }
    let named = source.and_then(Path::file_stem).zip(target.file_name());
    match (named, default_output(target).file_name()) {
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
pub fn default_output(target: &Path) -> PathBuf {
    let mut name = target.file_stem().unwrap_or_default().to_owned();
    name.push("-swapped.");
    name.push(target.extension().unwrap_or_default());
    target.with_file_name(name)
}
