//! Every picture and video is a target of fixed sources.

use crate::settings::config::Watch;

use super::super::settling::Settling;
use super::{Plan, Unit, is_media};

pub(super) fn units(watch: &Watch, files: &Settling) -> Vec<Unit> {
    let media = files.files().filter(|(path, _)| is_media(path));
    media
        .map(|(path, known)| Unit {
            path: path.to_owned(),
            stamp: known.stamp.to_string(),
            members: vec![(path.to_owned(), known.stamp)],
            slow: false,
            plan: Plan::Swap { sources: watch.sources.clone(), target: path.to_owned() },
        })
        .collect()
}
