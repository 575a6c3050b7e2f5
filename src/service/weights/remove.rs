//! Takes the file of a model off the disk.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::Store;
use crate::models::remove::{self, holdings};
use crate::service::Core;
use crate::service::fault::{Answer, Fault};

use super::known;

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemovedView {
    /// The model.
    pub id: String,
    /// Bytes that are free again; none of a file that another model uses as well.
    pub bytes: u64,
}

/// Removes what lies here for a model, and what a broken download left.
///
/// # Errors
/// [`crate::service::FaultKind::NotFound`] for a model that there is not;
/// [`crate::service::FaultKind::Conflict`] for one that is embedded, not here or being fetched; when
/// the file system refuses.
pub fn remove(core: &Core, id: &str) -> Answer<RemovedView> {
    let store = Store::beneath(&core.directories)?;
    let entry = known(&store, id)?;
    let live = ["queued", "running"];
    if core.pulls.list().iter().any(|one| one.model == id && live.contains(&one.state.as_str())) {
        return Err(Fault::conflict(format!(
            "the model {id} is being fetched: give that up first"
        )));
    }
    let held = holdings(&store, entry)
        .map_err(|error| Fault::new(crate::service::FaultKind::Conflict, error))?;
    if held.file.is_none() && held.parts.is_empty() {
        return Err(Fault::conflict(format!("{id} is not here: there is nothing to remove")));
    }
    remove::remove(&store, entry, &held, &core.stopping)?;
    tracing::info!("the model {id} was removed");
    Ok(RemovedView { id: id.to_owned(), bytes: held.bytes })
}
