//! Models: the catalog of those that are known, the weights that lie in the binary or on this
//! machine, and what can be read from a network's file without loading it.

pub mod catalog;
pub mod download;
mod fits;
pub mod hash;
pub mod import;
mod licenses;
mod lock;
pub mod onnx;
pub mod pull;
mod record;
pub mod remove;
pub mod store;

use crate::error::{Error, Result};

pub use catalog::{Catalog, Channels, Entry, Input, Layout, Role};
pub use licenses::license_text;
pub use store::{Found, Missing, Status, Store, Weights};

/// Ids of the models that facedeck itself asks for; all but one are embedded.
pub mod id {
    /// The face detector.
    pub const DETECTOR: &str = "blazeface_full_range";
    /// The 478-point face landmarks.
    pub const LANDMARKS: &str = "face_landmarks_478";
    /// The face recognizer.
    pub const RECOGNIZER: &str = "mobilefacenet";
    /// The network that guesses sex and age; it is not embedded.
    pub const ATTRIBUTES: &str = "genderage";
    /// The content filter.
    pub const CONTENT_FILTER: &str = "open_nsfw";
    /// The canonical face mesh (a Wavefront OBJ text, not a network).
    pub const CANONICAL_FACE: &str = "canonical_face";
}

/// A model that lies in the binary.
#[derive(Debug, Clone)]
pub struct EmbeddedModel {
    /// What is known about it.
    pub entry: Entry,
    /// The file's bytes.
    pub bytes: &'static [u8],
}

macro_rules! stored {
    ($id:literal, $file:literal) => {
        ($id, include_bytes!(concat!("../../../models/", $file)).as_slice())
    };
}

/// Every embedded model's id and bytes, in the order in which they are listed.
const STORED: [(&str, &[u8]); 5] = [
    stored!("blazeface_full_range", "blazeface_full_range_192.onnx"),
    stored!("face_landmarks_478", "face_landmarks_478_256.onnx"),
    stored!("mobilefacenet", "mobilefacenet_112_512.onnx"),
    stored!("open_nsfw", "open_nsfw.onnx"),
    stored!("canonical_face", "canonical_face.obj"),
];

/// The embedded model with this id; see [`id`]. Its entry is the built-in one: what the user's
/// folder says about the id is the [`Catalog`]'s matter.
///
/// # Errors
/// [`crate::error::Kind::Missing`] when there is none.
pub fn embedded(id: &str) -> Result<EmbeddedModel> {
    let stored = STORED.iter().find(|(known, _)| *known == id);
    let (_, bytes) =
        stored.ok_or_else(|| Error::missing(format!("there is no embedded model \"{id}\"")))?;
    Ok(EmbeddedModel { entry: catalog::builtin_entry(id)?, bytes })
}

/// Every embedded model.
///
/// # Errors
/// When a catalog entry is malformed: that is a fault of the build.
pub fn all() -> Result<Vec<EmbeddedModel>> {
    STORED.iter().map(|(id, _)| embedded(id)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn every_file_is_the_one_in_the_catalog() {
        for model in all().unwrap() {
            let entry = &model.entry;
            assert_eq!(Some(model.bytes.len() as u64), entry.files[0].bytes, "{}", entry.id);
            let hash: String =
                Sha256::digest(model.bytes).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(hash, entry.files[0].sha256, "{}", entry.id);
        }
    }

    #[test]
    fn every_embedded_model_has_its_license_beside_it() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("models/licenses");
        for model in all().unwrap() {
            let file = model.entry.license_file.unwrap();
            let text = std::fs::read_to_string(folder.join(&file))
                .unwrap_or_else(|e| panic!("{file}: {e}"));
            assert!(text.len() > 1000, "{file} is no license text");
        }
    }

    #[test]
    fn every_id_names_one() {
        for (id, role) in [
            (id::DETECTOR, Role::Detector),
            (id::LANDMARKS, Role::Landmarks),
            (id::RECOGNIZER, Role::Recognizer),
            (id::CONTENT_FILTER, Role::ContentFilter),
            (id::CANONICAL_FACE, Role::Mesh),
        ] {
            assert_eq!(embedded(id).unwrap().entry.role, role);
        }
        assert_eq!(embedded("inswapper").unwrap_err().exit_code(), 5);
    }
}
