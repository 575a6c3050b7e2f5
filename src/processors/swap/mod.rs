//! The face swapper: the embedded mesh, or a network of the catalog.

pub mod mesh;

use crate::error::{Error, Result};
use crate::inference::Pool;
use crate::profiles::Profile;
use crate::profiles::sections::MESH;

use super::{Cost, Kind, OptionInfo, Processor, Setup};

/// `face_swapper`
pub struct FaceSwapper;

impl Kind for FaceSwapper {
    fn name(&self) -> &'static str {
        "face_swapper"
    }

    fn summary(&self) -> &'static str {
        "puts a person's face onto the chosen faces"
    }

    fn options(&self) -> &'static [OptionInfo] {
        &[OptionInfo { key: "swap.model", values: "mesh", help: "the swapper" }]
    }

    fn models(&self, _profile: &Profile) -> Vec<String> {
        Vec::new()
    }

    fn cost(&self, _profile: &Profile, _pool: &Pool) -> Cost {
        Cost::default()
    }

    fn build(&self, setup: &Setup<'_>) -> Result<Box<dyn Processor>> {
        match setup.profile.swap.model.as_str() {
            MESH => Ok(Box::new(mesh::MeshSwapper::build(setup)?)),
            other => Err(Error::usage(format!("there is no swapper \"{other}\""))),
        }
    }
}
