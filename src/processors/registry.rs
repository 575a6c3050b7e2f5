//! Every kind of processor that there is.

use crate::error::{Error, Result};

use super::Kind;
use super::swap;

/// The kinds in the order in which they are listed.
pub const KINDS: &[&dyn Kind] = &[&swap::FaceSwapper];

/// The kind of this name.
///
/// # Errors
/// [`crate::error::Kind::Usage`] that lists the known ones.
pub fn find(name: &str) -> Result<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.name() == name).ok_or_else(|| {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
        Error::usage(format!("there is no frame processor \"{name}\""))
            .hint(format!("known ones: {}", known.join(", ")))
    })
}
