//! Names and records for files that come into the store.

use std::path::Path;

use crate::error::{Error, Result};

use super::super::record::Record;
use super::{Found, Store};

impl Store {
    /// The name that a model's file gets: the given one, unless another model has another file of
    /// that name here.
    pub(in crate::models) fn free_name(&self, id: &str, name: String, sha256: &str) -> String {
        let taken = Record::all(&self.folder)
            .iter()
            .any(|other| other.id != id && other.file == name && other.sha256 != sha256);
        if taken { format!("{id}-{name}") } else { name }
    }

    /// Records a file that has just come to its place. A file that the model had before under
    /// another name goes.
    pub(in crate::models) fn record(
        &self,
        id: &str,
        path: &Path,
        sha256: String,
        pinned: bool,
        origin: String,
    ) -> Result<Found> {
        let before = Record::read(&self.folder, id);
        let record = Record::of(id, path, sha256, pinned, origin)
            .map_err(|e| Error::failed(format!("cannot read {}", path.display())).because(e))?;
        record.write(&self.folder)?;
        if let Some(old) = before.filter(|old| old.file != record.file) {
            let used = Record::all(&self.folder).iter().any(|other| other.file == old.file);
            if !used {
                // It only takes up room.
                let _ = std::fs::remove_file(self.folder.join(&old.file));
            }
        }
        let Record { bytes, sha256, origin, .. } = record;
        Ok(Found { path: path.to_owned(), bytes, sha256, pinned, origin })
    }
}
