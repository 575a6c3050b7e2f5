//! The face enhancer: networks that make a face sharper, one after the other.

mod processor;
mod stage;

use crate::error::Result;
use crate::inference::Pool;
use crate::profiles::Profile;
use crate::profiles::sections::{Enhance, MaskKind};

use super::{Cost, Kind, OptionInfo, Processor, Setup, cost};

/// `face_enhancer`
pub struct FaceEnhancer;

/// What the profile asks for; one enhancer with its defaults when it names none.
fn stages(profile: &Profile) -> Vec<Enhance> {
    if profile.enhance.is_empty() { vec![Enhance::default()] } else { profile.enhance.clone() }
}

/// Whether the profile keeps what lies in front of a face.
fn spares_occlusions(profile: &Profile) -> bool {
    profile.mask.kinds.contains(&MaskKind::Occlusion)
}

impl Kind for FaceEnhancer {
    fn name(&self) -> &'static str {
        "face_enhancer"
    }

    fn summary(&self) -> &'static str {
        "makes the chosen faces sharper"
    }

    fn options(&self) -> &'static [OptionInfo] {
        &[
            OptionInfo {
                key: "enhance.model",
                values: "a catalog id",
                help: "the enhancer; several [[enhance]] run one after the other",
            },
            OptionInfo {
                key: "enhance.blend",
                values: "0 to 1",
                help: "how much of the enhanced face is used",
            },
            OptionInfo {
                key: "enhance.weight",
                values: "0 to 1",
                help: "how much the enhancer trusts the picture, where it can be told",
            },
            OptionInfo {
                key: "mask.kinds",
                values: "with occlusion",
                help: "what is in front of the face is left alone",
            },
        ]
    }

    fn models(&self, profile: &Profile) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        let occluder = spares_occlusions(profile).then(|| profile.mask.occluder.clone());
        for id in stages(profile).into_iter().map(|stage| stage.model).chain(occluder) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    fn cost(&self, profile: &Profile, pool: &Pool) -> Cost {
        let stages = stages(profile);
        let occluder = spares_occlusions(profile).then_some(&profile.mask.occluder);
        // One that is named twice runs twice, and every stage looks for occlusions anew, but a
        // model is held once.
        let runs = stages.iter().flat_map(|stage| std::iter::once(&stage.model).chain(occluder));
        let runs: Vec<String> = runs.cloned().collect();
        Cost {
            gmac_per_face: cost::of(pool, &runs).gmac_per_face,
            model_bytes: cost::of(pool, &self.models(profile)).model_bytes,
        }
    }

    fn build(&self, setup: &Setup<'_>) -> Result<Box<dyn Processor>> {
        Ok(Box::new(processor::Enhancer::build(setup, &stages(setup.profile))?))
    }
}
