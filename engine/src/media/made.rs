//! What a film became: a file, or a folder of pictures.

use std::path::Path;

use crate::error::Result;

use super::numbered::WholeFolder;
use super::output::Whole;

/// An output that is whole and safe on the disk, still under its hidden name; removed again unless
/// it is published.
#[derive(Debug)]
#[must_use = "an output that is not published is removed"]
pub enum Made {
    /// A file.
    File(Whole),
    /// A folder of numbered pictures.
    Pictures(WholeFolder),
}

impl Made {
    /// Where it lies, hidden.
    pub fn path(&self) -> &Path {
        match self {
            Made::File(file) => file.path(),
            Made::Pictures(folder) => folder.path(),
        }
    }

    /// Gives it its name. What has it is replaced only with `overwrite`.
    ///
    /// # Errors
    /// When somebody else has taken the name since, or the system refuses; the output is removed
    /// then.
    pub fn publish(self, overwrite: bool) -> Result<()> {
        match self {
            Made::File(file) => file.publish(overwrite),
            Made::Pictures(folder) => folder.publish(overwrite),
        }
    }
}
