//! What lies in folders of the service's machine, for clients that let people pick files there.

mod kind;
mod list;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use kind::FileKind;
pub use list::list;

/// Which folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FilesQuery {
    /// The folder, as an absolute path. Empty, it is the home of the user whose service this is;
    /// for clients of the network the list of the folders that are open to them.
    #[serde(default)]
    pub path: String,
    /// Hidden files, too.
    #[serde(default)]
    pub hidden: bool,
}

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilesView {
    /// The folder, as an absolute path; empty for the list of open folders.
    pub path: String,
    /// The folder above it, to be asked for next; none where there is none. Empty where that is
    /// the list of open folders.
    pub parent: Option<String>,
    /// What lies in it, folders first, then by name.
    pub entries: Vec<FileView>,
    /// There is more than the 10,000 entries that are told.
    pub truncated: bool,
}

/// A file or a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// Its absolute path.
    pub path: String,
    /// What it is; of a file, what its name says.
    pub kind: FileKind,
    /// Its size; none for what is no file.
    pub bytes: Option<u64>,
    /// When it was last changed, where the file system knows.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub modified: Option<Timestamp>,
}
