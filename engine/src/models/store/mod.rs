//! The models of this machine: what is embedded, and what lies in facedeck's own folder.
//!
//! The folder holds a file per model under the name that the model is known by, and a [`Record`]
//! beside it. Names that begin with a dot are work in progress.
//!
//! [`Record`]: super::record::Record

mod look;
mod missing;
mod put;

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::settings::Directories;

use super::catalog::{Catalog, Entry};

pub use look::{Found, Status};
pub use missing::{Missing, mebibytes, missing_error};

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
    catalog: Catalog,
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
        let catalog = Catalog::load(&directories.config.join("models"))?;
        Ok(Store { catalog, folder: directories.data.join("models") })
    }

    /// Every model that is known.
    pub fn entries(&self) -> &[Entry] {
        self.catalog.entries()
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
        self.catalog.get(id)
    }

    /// These models and all that they need, each once, the needed ones first.
    ///
    /// # Errors
    /// When one of them is not in the catalog.
    pub fn with_needs(&self, ids: &[impl AsRef<str>]) -> Result<Vec<&Entry>> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        for id in ids {
            self.add_with_needs(id.as_ref(), &mut seen, &mut found)?;
        }
        Ok(found)
    }

    fn add_with_needs<'a>(
        &'a self,
        id: &str,
        seen: &mut Vec<String>,
        found: &mut Vec<&'a Entry>,
    ) -> Result<()> {
        // Two that need each other would be a fault of the catalog, not a reason to hang.
        if seen.iter().any(|known| known == id) {
            return Ok(());
        }
        seen.push(id.to_owned());
        let entry = self.entry(id)?;
        for need in &entry.needs {
            self.add_with_needs(need, seen, found)?;
        }
        found.push(entry);
        Ok(())
    }
}

#[cfg(test)]
pub(in crate::models) mod tests {
    use super::*;

    /// A catalog entry of a converter with this file.
    pub(in crate::models) fn entry(id: &str, file: &str, needs: &[&str]) -> String {
        format!(
            "id = \"{id}\"\nrole = \"converter\"\nfamily = \"vector\"\nsummary = \"a test\"\n\
             license = \"NC-1.0\"\nattribution = \"nobody\"\ncommercial = false\n\
             upstream = \"nowhere\"\nnotes = \"\"\nneeds = {needs:?}\n\n[[files]]\n{file}\n"
        )
    }

    /// A store in this folder whose user wrote these entries.
    pub(in crate::models) fn store(home: &Path, entries: &[String]) -> Store {
        let directories = Directories::beneath(home).unwrap();
        let folder = directories.config.join("models");
        std::fs::create_dir_all(&folder).unwrap();
        for (index, text) in entries.iter().enumerate() {
            std::fs::write(folder.join(format!("{index}.toml")), text).unwrap();
        }
        Store::beneath(&directories).unwrap()
    }

    /// The lines of a file of these bytes.
    pub(in crate::models) fn file(name: &str, bytes: &[u8]) -> String {
        let hash = super::super::hash::of_bytes(bytes);
        format!("name = \"{name}\"\nbytes = {}\nsha256 = \"{hash}\"", bytes.len())
    }

    #[test]
    fn needs_come_first_and_once() {
        let home = tempfile::tempdir().unwrap();
        let any = file("x.onnx", b"x");
        let store = store(
            home.path(),
            &[
                entry("a", &any, &["b", "c"]),
                entry("b", &any, &["c"]),
                entry("c", &any, &["mobilefacenet"]),
            ],
        );
        let ids = |asked: &[&str]| -> Vec<String> {
            store.with_needs(asked).unwrap().iter().map(|e| e.id.clone()).collect()
        };
        assert_eq!(ids(&["a", "c"]), ["mobilefacenet", "c", "b", "a"]);
        assert_eq!(ids(&["c"]), ["mobilefacenet", "c"]);
    }
}
