//! A catalog entry of the user's, put into the folder where the catalog finds it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};
use crate::models::{Catalog, Entry};

/// An entry that was added; taken back when dropped without [`EntryFile::keep`].
pub(super) struct EntryFile {
    id: String,
    /// The file that was added; `None` where it was there already.
    added: Option<PathBuf>,
}

impl EntryFile {
    /// Reads an entry and puts it into the user's catalog folder.
    ///
    /// # Errors
    /// When it is malformed or does not go with the rest of the catalog, or the folder has another
    /// entry of that id.
    pub(super) fn add(path: &Path, folder: &Path) -> Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|e| Error::usage(format!("cannot read {shown}")).because(e))?;
        let id = Entry::parse_named(&shown.to_string(), &text)?.id;
        let to = folder.join(format!("{id}.toml"));
        match fs::read_to_string(&to) {
            Ok(old) if old == text => return Ok(EntryFile { id, added: None }),
            Ok(_) => {
                return Err(Error::usage(format!("{} is another entry of that id", to.display()))
                    .hint("remove it first, or give the new one another id"));
            }
            Err(_) => {}
        }
        Catalog::load(folder)?.with_file(path)?;
        let refuse = || format!("cannot write {}", to.display());
        fs::create_dir_all(folder).context(refuse)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).context(refuse)?;
        file.write_all(text.as_bytes()).context(refuse)?;
        file.as_file().sync_all().context(refuse)?;
        file.persist(&to).context(refuse)?;
        Ok(EntryFile { id, added: Some(to) })
    }

    /// The entry's id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// All went well: it stays.
    pub(super) fn keep(mut self) {
        self.added = None;
    }
}

impl Drop for EntryFile {
    fn drop(&mut self) {
        if let Some(path) = &self.added {
            // One that stays is harmless: its model is merely missing.
            let _ = fs::remove_file(path);
        }
    }
}
