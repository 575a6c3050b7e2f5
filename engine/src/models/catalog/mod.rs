//! The catalog: what facedeck knows about models.
//!
//! One TOML file per model. Those in the project's `models/` are part of the program; the user's
//! own folder adds to them or replaces them, one entry at a time. A mistake in an entry is told by
//! file, line and key, and makes the whole catalog unusable: a run with half a catalog would fail
//! later and less clearly.

mod builtin;
mod check;
mod document;
mod entry;
mod input;
mod links;
mod nearest;
mod spec;
#[cfg(test)]
mod tests;
mod user;

use std::path::Path;

use crate::error::{Error, Result};

pub use entry::{Entry, Origin, Role, WeightFile};
pub use input::{Channels, Input, Layout};
pub use spec::{EnhancerSpec, SourceKind, SwapperSpec};

use document::Document;
use nearest::nearest;
use user::Source;

/// The built-in entry with this id, whatever the user's folder says.
///
/// # Errors
/// When there is none or it is malformed: that is a fault of the build.
pub(super) fn builtin_entry(id: &str) -> Result<Entry> {
    let text = builtin::text(id)
        .ok_or_else(|| Error::failed(format!("the entry of \"{id}\" is not built in")))?;
    let source = Source::builtin(id, text);
    Document::new(&source.file, &source.text).entry()
}

/// Every model that is known, built in or the user's.
#[derive(Debug, Clone)]
pub struct Catalog {
    entries: Vec<Entry>,
    /// The text of each entry, in the same order.
    sources: Vec<Source>,
}

impl Catalog {
    /// The built-in entries.
    ///
    /// # Errors
    /// When one is malformed: that is a fault of the build.
    pub fn builtin() -> Result<Self> {
        let mut catalog = Catalog { entries: Vec::new(), sources: Vec::new() };
        for (name, text) in builtin::ENTRIES {
            catalog.add(Source::builtin(name, text))?;
        }
        catalog.linked()
    }

    /// The built-in entries and those of the user's folder, which is `models` beneath
    /// [`Directories::config`](crate::settings::Directories::config) and may be absent. An entry
    /// whose id is already known replaces the one that has it; the content filter stays.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with file, line and key of the first mistake.
    pub fn load(user_folder: &Path) -> Result<Self> {
        let mut catalog = Self::builtin()?;
        for path in user::files(user_folder)? {
            catalog.add(Source::read(&path)?)?;
        }
        catalog.linked()
    }

    /// This catalog and one more file, as if it lay in the user's folder.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with file, line and key of the first mistake.
    pub fn with_file(&self, path: &Path) -> Result<Self> {
        let mut catalog = self.clone();
        catalog.add(Source::read(path)?)?;
        catalog.linked()
    }

    /// Every entry: the built-in ones in their order, then the user's.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry with this id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the nearest known id.
    pub fn get(&self, id: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.id == id).ok_or_else(|| {
            let known = self.entries.iter().map(|entry| entry.id.as_str());
            Error::usage(format!("there is no model \"{id}\" in the catalog")).hint(
                nearest(id, known).map_or_else(
                    || "facedeck models list shows those that are known".into(),
                    |near| format!("did you mean \"{near}\"?"),
                ),
            )
        })
    }

    /// Whether this id's entry is the built-in one and not the user's.
    pub fn is_builtin(&self, id: &str) -> bool {
        let mut pairs = self.entries.iter().zip(&self.sources);
        pairs.any(|(entry, source)| entry.id == id && source.builtin)
    }

    /// Adds an entry, or replaces a built-in one with it.
    fn add(&mut self, source: Source) -> Result<()> {
        let document = Document::new(&source.file, &source.text);
        let mut entry = document.entry()?;
        let old = self.entries.iter().position(|known| known.id == entry.id);
        let held = old.map(|i| (&self.entries[i], &self.sources[i]));
        user::admit(&source, &entry, held).map_err(|problem| document.error(&problem))?;
        user::anchor(&mut entry, &source);
        match old {
            Some(i) => (self.entries[i], self.sources[i]) = (entry, source),
            None => {
                self.entries.push(entry);
                self.sources.push(source);
            }
        }
        Ok(())
    }

    /// Passes the catalog when every id that an entry names is there.
    fn linked(self) -> Result<Self> {
        for (entry, source) in self.entries.iter().zip(&self.sources) {
            links::entry(entry, &self.entries)
                .map_err(|problem| Document::new(&source.file, &source.text).error(&problem))?;
        }
        Ok(self)
    }
}
