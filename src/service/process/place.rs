//! Where the files of a service lie that its clients and the next service look for.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::settings::{Directories, variables};

/// The files around a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    state: PathBuf,
}

impl Places {
    /// Those of the service that keeps its files here.
    pub fn of(directories: &Directories) -> Self {
        Places { state: directories.state.clone() }
    }

    /// The folder that all of them are in.
    pub fn folder(&self) -> &Path {
        &self.state
    }

    /// Locked as long as a service runs.
    pub fn lock(&self) -> PathBuf {
        self.state.join("service.lock")
    }

    /// Says which process runs, and where it listens.
    pub fn record(&self) -> PathBuf {
        self.state.join("service.json")
    }

    /// The socket, unless this is too long for one.
    pub fn socket(&self) -> PathBuf {
        self.state.join("service.sock")
    }

    /// The folder of the logs.
    pub fn logs(&self) -> PathBuf {
        self.state.join("logs")
    }

    /// The folder of the logs of jobs.
    pub fn job_logs(&self) -> PathBuf {
        self.logs().join("jobs")
    }

    /// What libraries print past the log, when the service was started in the background.
    pub fn stray_words(&self) -> PathBuf {
        self.logs().join("service.err")
    }

    /// Makes the folders, for their owner alone.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when they cannot be made.
    pub fn make(&self) -> Result<()> {
        make_private(&self.logs()).map_err(|e| {
            Error::usage(format!("cannot make the folder {}", self.logs().display()))
                .because(e)
                .hint(format!("set {} to a folder that you may write to", variables::HOME))
        })
    }
}

/// Makes a folder and those above it, for their owner alone.
pub(super) fn make_private(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
