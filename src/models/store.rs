//! The models of this machine: what is embedded, and what lies in facedeck's own folder.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::settings::Directories;

use super::catalog::Entry;

/// Where a network's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weights {
    /// In the binary.
    Embedded(&'static [u8]),
    /// In a file.
    File(PathBuf),
}

/// The catalog and the folder with the weights.
#[derive(Debug, Clone)]
pub struct Store {
    entries: Vec<Entry>,
    folder: PathBuf,
}

impl Store {
    /// The store of this user.
    ///
    /// # Errors
    /// When there is no home directory or a catalog entry is malformed.
    pub fn open() -> Result<Self> {
        Self::beneath(&Directories::from_env()?)
    }

    /// The store in certain directories.
    ///
    /// # Errors
    /// When a catalog entry is malformed.
    pub fn beneath(directories: &Directories) -> Result<Self> {
        let entries = super::Catalog::load(&directories.config.join("models"))?.entries().to_vec();
        Ok(Store { entries, folder: directories.data.join("models") })
    }

    /// Every model that is known.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The folder with the weights.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The entry with this id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the nearest known one.
    pub fn entry(&self, id: &str) -> Result<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.id == id)
            .ok_or_else(|| Error::usage(format!("there is no model \"{id}\" in the catalog")))
    }

    /// The weights of a model that is here.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] with its size, its license and the command that fetches it.
    pub fn locate(&self, id: &str) -> Result<Weights> {
        let entry = self.entry(id)?;
        if let Ok(model) = super::embedded(id) {
            return Ok(Weights::Embedded(model.bytes));
        }
        let file = entry.files.first().map(|file| self.folder.join(&file.name));
        file.filter(|path| path.is_file()).map(Weights::File).ok_or_else(|| {
            Error::missing(format!("the model {id} is not here"))
                .hint(format!("facedeck models pull {id}"))
        })
    }
}
