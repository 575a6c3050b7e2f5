//! Profiles of the user's own, written, removed, and checked while they are being made.

mod check;
mod remove;
mod write;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::profiles::Library;

use super::Core;

pub use check::check;
pub use remove::remove;
pub use write::write;

/// A profile to write.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProfile {
    /// The name of the profile on which it is built; `embedded` when not given.
    #[serde(default)]
    pub extends: Option<String>,
    /// What it is good for, in one line.
    #[serde(default)]
    pub description: Option<String>,
    /// What differs, such as `{"swap.weight": 0.5}`; `null` puts back the default.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
    /// Replaces the user's profile of this name.
    #[serde(default)]
    pub overwrite: bool,
}

/// A profile as it would be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// The name of the profile on which it is built; `embedded` when not given.
    #[serde(default)]
    pub profile: Option<String>,
    /// What differs, such as `{"swap.weight": 0.5}`; `null` puts back the default.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

/// What is wrong with a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckView {
    /// What keeps it from being used; nothing when it is fine.
    pub faults: Vec<KeyFault>,
    /// What is worth a word: keys without effect, licenses.
    pub warnings: Vec<String>,
    /// Models that it needs and that are not here.
    pub missing: Vec<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyFault {
    /// The key; none where it is the profile itself.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

fn library(core: &Core) -> Library {
    Library::at(core.directories.config.join("profiles"))
}
