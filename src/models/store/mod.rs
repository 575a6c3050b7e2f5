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

use crate::error::{Context, Error, Result};
use crate::settings::Directories;

use super::catalog::Entry;

pub use look::{Found, Status};
pub use missing::{Missing, mebibytes, missing_error, role_name};

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
        let mut entries: Vec<Entry> = super::all()?.into_iter().map(|model| model.entry).collect();
        for entry in own_entries(&directories.config.join("models"))? {
            match entries.iter_mut().find(|known| known.id == entry.id) {
                Some(known) => *known = entry,
                None => entries.push(entry),
            }
        }
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
        self.entries.iter().find(|entry| entry.id == id).ok_or_else(|| {
            let error = Error::usage(format!("there is no model \"{id}\" in the catalog"));
            let near = self
                .entries
                .iter()
                .map(|entry| (strsim::jaro_winkler(id, &entry.id), &entry.id))
                // Below this two names have little more in common than letters.
                .filter(|(likeness, _)| *likeness > 0.8)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            match near {
                Some((_, near)) => error.hint(format!("did you mean {near}?")),
                None => error.hint("\"facedeck models list\" shows all"),
            }
        })
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

/// The entries that the user wrote, by file name.
fn own_entries(folder: &Path) -> Result<Vec<Entry>> {
    let Ok(listing) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = listing
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort_unstable();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path)
                .context(|| format!("cannot read {}", path.display()))?;
            Entry::parse(&text).map_err(|e| {
                Error::usage(format!("{} is no catalog entry", path.display())).because(e)
            })
        })
        .collect()
}

#[cfg(test)]
pub(in crate::models) mod tests {
    use super::*;

    /// A catalog entry of an enhancer with this file.
    pub(in crate::models) fn entry(id: &str, file: &str, needs: &[&str]) -> String {
        format!(
            "id = \"{id}\"\nrole = \"enhancer\"\nfamily = \"test\"\nsummary = \"a test\"\n\
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
                entry("b", &any, &["c", "a"]),
                entry("c", &any, &["mobilefacenet"]),
            ],
        );
        let ids = |asked: &[&str]| -> Vec<String> {
            store.with_needs(asked).unwrap().iter().map(|e| e.id.clone()).collect()
        };
        assert_eq!(ids(&["a", "c"]), ["mobilefacenet", "c", "b", "a"]);
        assert_eq!(ids(&["c"]), ["mobilefacenet", "c"]);
    }

    #[test]
    fn a_name_that_is_nearly_right_is_helped() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), &[]);
        let error = store.entry("mobilfacenet").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert_eq!(error.hint_text(), Some("did you mean mobilefacenet?"));
        assert!(store.entry("zzz").unwrap_err().hint_text().unwrap().contains("models list"));
    }
}
