//! Models that are being fetched, one after the other, with their progress.

use std::sync::Arc;

use super::Core;
use super::fault::Answer;
use super::wire::PullView;

/// The models that are, or were lately, fetched.
#[derive(Debug, Default)]
pub struct Pulls {}

impl Pulls {
    /// All of them.
    pub fn list(&self) -> Vec<PullView> {
        Vec::new()
    }
}

/// Begins to fetch a model with what it needs. Its license must have been accepted by the client.
///
/// # Errors
/// [`super::FaultKind::NotFound`] for a model that there is not; [`super::FaultKind::Conflict`]
/// when it lies here or is being fetched.
pub fn begin(core: &Arc<Core>, model: &str) -> Answer<PullView> {
    let _ = (core, model);
    todo!()
}
