//! Files that clients sent: streamed to the disk, bounded in size and number, and removed when
//! nothing needs them any more.

use std::path::{Path, PathBuf};

use crate::jobs::JobId;

use super::fault::Answer;

/// The uploads of a service.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
}

impl Uploads {
    /// The uploads in this folder, which is made when the first one comes.
    pub fn at(folder: PathBuf) -> Self {
        Uploads { folder }
    }

    /// The file of an upload.
    ///
    /// # Errors
    /// [`super::FaultKind::NotFound`] when there is none with this id.
    pub fn path(&self, id: &str) -> Answer<PathBuf> {
        let _ = (id, &self.folder);
        todo!()
    }

    /// A job needs those of these files that are uploads.
    pub fn claim(&self, job: JobId, files: &[&Path]) {
        let _ = (job, files);
    }

    /// A job needs none of its uploads any more: what no other job needs is removed.
    pub fn release(&self, job: JobId) {
        let _ = job;
    }
}
