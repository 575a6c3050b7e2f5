//! A folder for each job: its `source*` pictures go into its `target*` file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::area::{Area, Stamp};
use super::super::settling::Settling;
use super::{Plan, Unit, is_media, is_picture, together};

type Members = Vec<(PathBuf, Stamp)>;

pub(super) fn units(area: &Area, files: &Settling) -> Vec<Unit> {
    let mut folders: BTreeMap<PathBuf, Members> = BTreeMap::new();
    for (path, known) in files.files() {
        let mut parts = area.below(path).components();
        if let (Some(folder), Some(_)) = (parts.next(), parts.next()) {
            let members = folders.entry(area.folder.join(folder)).or_default();
            members.push((path.to_owned(), known.stamp));
        }
    }
    folders.into_iter().map(|(folder, members)| unit(folder, members)).collect()
}

/// Those of the files right in the folder whose names begin so.
fn named(folder: &Path, members: &Members, word: &str, fits: fn(&Path) -> bool) -> Vec<PathBuf> {
    let is = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        path.parent() == Some(folder) && name.starts_with(word) && fits(path)
    };
    members.iter().map(|(path, _)| path).filter(|path| is(path)).cloned().collect()
}

fn unit(folder: PathBuf, mut members: Members) -> Unit {
    members.sort_by(|a, b| a.0.cmp(&b.0));
    let sources = named(&folder, &members, "source", is_picture);
    let targets = named(&folder, &members, "target", is_media);
    let plan = match (sources.as_slice(), targets.as_slice()) {
        ([], _) => Plan::Waits("it waits for a picture whose name begins with source".into()),
        (_, []) => {
            Plan::Waits("it waits for a picture or video whose name begins with target".into())
        }
        (_, [target]) => Plan::Swap { sources: sources.clone(), target: target.clone() },
        (_, more) => Plan::Unfit(format!(
            "there are {} files in it whose names begin with target, and a job has one",
            more.len()
        )),
    };
    // Whatever else lies there (a note, a thumbnail) changes nothing about the job.
    let said: Members = members
        .iter()
        .filter(|(path, _)| sources.contains(path) || targets.contains(path))
        .cloned()
        .collect();
    // Nor does a mark without content, which would be waited for.
    members
        .retain(|(path, stamp)| stamp.size > 0 || sources.contains(path) || targets.contains(path));
    Unit { stamp: together(&said), path: folder, members, slow: true, plan }
}
