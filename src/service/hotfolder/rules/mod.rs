//! What of the files in a hot folder makes a job.
//!
//! Each rule turns the files that are known into units: what is taken together, and what is to be
//! done with it. Whether a unit is whole is not decided here.

mod folder;
mod jobfile;
mod pair;
mod source;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::media::container;
use crate::media::image_file::StillFormat;
use crate::settings::config::{Rule, Watch};

use super::area::{Area, Stamp};
use super::settling::Settling;

pub(super) use jobfile::{is_job_file, read as read_job_file};

/// What is taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Under this path it is remembered: the target, the folder of a job, or a job file.
    pub(super) path: PathBuf,
    /// Tells one content from another.
    pub(super) stamp: String,
    /// The files that must be whole, with their stamps.
    pub(super) members: Vec<(PathBuf, Stamp)>,
    /// More files may come that belong to it: it must be quiet for longer.
    pub(super) slow: bool,
    /// What is to be done.
    pub(super) plan: Plan,
}

/// What is to be done with a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// The sources go into the target.
    Swap {
        /// Photos, in order.
        sources: Vec<PathBuf>,
        /// A picture or a video.
        target: PathBuf,
    },
    /// The file says what is to be done.
    JobFile,
    /// It can never become a job, and why.
    Unfit(String),
    /// It may become one when more is there; for what it waits.
    Waits(String),
}

/// The units of all files that are known.
pub(super) fn units(watch: &Watch, area: &Area, files: &Settling) -> Vec<Unit> {
    let mut units = match watch.rule {
        Rule::Source => source::units(watch, files),
        Rule::Folder => folder::units(area, files),
        Rule::Pair => pair::units(files),
        Rule::Job => jobfile::units(files),
    };
    units.retain(|unit| area.includes(&unit.path));
    units
}

/// The stamp of several files together: their names and stamps, as a hash of fixed length.
fn together(members: &[(PathBuf, Stamp)]) -> String {
    let mut hash = Sha256::new();
    for (path, stamp) in members {
        hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(b"\0");
        hash.update(stamp.to_string());
        hash.update(b"\n");
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Ends of names of videos that facedeck reads but does not write.
const READ_ONLY: [&str; 14] = [
    "ts", "mts", "m2ts", "mpg", "mpeg", "wmv", "flv", "3gp", "mxf", "ogv", "vob", "divx", "f4v",
    "m2v",
];

/// Whether a file has the name of a picture.
pub(super) fn is_picture(path: &Path) -> bool {
    StillFormat::from_path(path).is_ok()
}

/// Whether a file has the name of a picture or a video.
pub(super) fn is_media(path: &Path) -> bool {
    is_picture(path) || is_written(path) || READ_ONLY.contains(&extension(path).as_str())
}

/// Whether facedeck writes files with the name of this one.
pub(super) fn is_written(path: &Path) -> bool {
    is_picture(path) || container::for_extension(path).is_ok()
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests;
