//! Pairs by name: `NAME.source.EXT` or `NAME-source.EXT` goes into `NAME.target.EXT` or
//! `NAME-target.EXT`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::area::Stamp;
use super::super::settling::Settling;
use super::{Plan, Unit, is_media, is_picture, together};

/// What a name says about its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Source,
    Target,
}

#[derive(Default)]
struct Pair {
    sources: Vec<(PathBuf, Stamp)>,
    targets: Vec<(PathBuf, Stamp)>,
}

/// The name that the two of a pair share, and which of them this is.
fn parse(path: &Path) -> Option<(PathBuf, Role)> {
    let stem = path.file_stem()?.to_str()?;
    let at = stem.rfind(['.', '-'])?;
    let (name, role) = (&stem[..at], &stem[at + 1..]);
    let role = match role.to_ascii_lowercase().as_str() {
        "source" if is_picture(path) => Role::Source,
        "target" if is_media(path) => Role::Target,
        _ => return None,
    };
    (!name.is_empty()).then(|| (path.with_file_name(name), role))
}

pub(super) fn units(files: &Settling) -> Vec<Unit> {
    let mut pairs: BTreeMap<PathBuf, Pair> = BTreeMap::new();
    for (path, known) in files.files() {
        if let Some((name, role)) = parse(path) {
            let pair = pairs.entry(name).or_default();
            let list = if role == Role::Source { &mut pair.sources } else { &mut pair.targets };
            list.push((path.to_owned(), known.stamp));
        }
    }
    pairs.into_iter().filter_map(|(name, pair)| unit(&name, pair)).collect()
}

fn unit(name: &Path, mut pair: Pair) -> Option<Unit> {
    pair.sources.sort_by(|a, b| a.0.cmp(&b.0));
    pair.targets.sort_by(|a, b| a.0.cmp(&b.0));
    let short = name.file_name().unwrap_or_default().to_string_lossy();
    let sources: Vec<PathBuf> = pair.sources.iter().map(|(path, _)| path.clone()).collect();
    let (path, plan) = match (sources.as_slice(), pair.targets.as_slice()) {
        ([], [(target, _), ..]) => {
            (target, Plan::Waits(format!("it waits for {short}.source with a picture's extension")))
        }
        ([source, ..], []) => {
            let plan = Plan::Waits(format!("it waits for {short}.target with its extension"));
            (source, plan)
        }
        (_, [(target, _)]) => {
            let target_path = target.clone();
            (target, Plan::Swap { sources: sources.clone(), target: target_path })
        }
        (_, [(target, _), ..]) => {
            let count = pair.targets.len();
            (target, Plan::Unfit(format!("there are {count} targets named {short}")))
        }
        ([], []) => return None,
    };
    let path = path.clone();
    let mut members = pair.sources;
    members.extend(pair.targets);
    Some(Unit { path, stamp: together(&members), members, slow: false, plan })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_file_is() {
        let role = |name: &str| {
            parse(Path::new(name)).map(|(name, role)| (name.display().to_string(), role))
        };
        for (file, name, expected) in [
            ("a.source.png", "a", Role::Source),
            ("a-source.JPG", "a", Role::Source),
            ("a.b-Target.mp4", "a.b", Role::Target),
            ("d/x y.target.gif", "d/x y", Role::Target),
        ] {
            assert_eq!(role(file), Some((name.to_owned(), expected)), "{file}");
        }
        for file in [
            "source.png",
            ".source.png",
            "a.png",
            "asource.png",
            "a.source.mp4",
            "a.target.txt",
            "a.target",
        ] {
            assert_eq!(role(file), None, "{file}");
        }
    }
}
