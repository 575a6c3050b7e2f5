//! Reads the file of a model again.

use crate::models::store::missing_error;
use crate::models::{Missing, Status, Store};
use crate::service::Core;
use crate::service::fault::Answer;

use super::{VerifiedView, known};

/// Reads the whole file of a model and compares it with its hash. Takes as long as the disk takes.
///
/// # Errors
/// [`crate::service::FaultKind::NotFound`] for a model that there is not, [`crate::service::FaultKind::Missing`] for one that is
/// not here; when the service is to stop.
pub fn verify(core: &Core, id: &str) -> Answer<VerifiedView> {
    let store = Store::beneath(&core.directories)?;
    let entry = known(&store, id)?;
    let status = store.status_read_whole(id, &core.stopping)?;
    let view = |status: &str, good| VerifiedView {
        id: id.to_owned(),
        status: status.to_owned(),
        good,
        damage: None,
        sha256: None,
        pinned: true,
    };
    match &status {
        Status::Missing => Err(missing_error(&[Missing::new(entry, &status)]).into()),
        Status::Embedded => Ok(view("embedded", true)),
        Status::Here(found) => Ok(VerifiedView {
            sha256: Some(found.sha256.clone()),
            pinned: found.pinned,
            ..view("here", true)
        }),
        Status::Damaged { why, .. } => {
            Ok(VerifiedView { damage: Some(why.clone()), pinned: false, ..view("damaged", false) })
        }
    }
}
