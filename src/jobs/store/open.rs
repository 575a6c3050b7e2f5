//! Opening the store; what cannot be read or comes from a newer facedeck is moved aside.

use std::path::Path;

use crate::error::Result;

use super::Store;

impl Store {
    /// Opens the store in this file, which is made where there is none, and brings it up to date.
    ///
    /// # Errors
    /// When it is unreadable, damaged, or written by a newer facedeck: then it has been moved
    /// aside, and the message says where. When the folder cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let _ = path;
        todo!()
    }
}
