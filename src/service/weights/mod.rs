//! The files of models: read again, taken from the disk of the service's machine, and removed.

mod import;
mod remove;
mod verify;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::{Entry, Store};

use super::fault::{Answer, Fault, FaultKind};

pub use import::{ImportBody, ImportedView, import};
pub use remove::{RemovedView, remove};
pub use verify::verify;

/// What came out when a model's file was read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifiedView {
    /// The model.
    pub id: String,
    /// `embedded`, `here`, or `damaged`.
    pub status: String,
    /// Whether it can be used.
    pub good: bool,
    /// What is wrong with it, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// The SHA-256 of its file; none where it is embedded or damaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Whether it is the catalog's file; else it is one that the user chose.
    pub pinned: bool,
}

fn known<'a>(store: &'a Store, id: &str) -> Answer<&'a Entry> {
    store.entry(id).map_err(|error| Fault::new(FaultKind::NotFound, error))
}
