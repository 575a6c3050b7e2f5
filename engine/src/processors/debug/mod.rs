//! The face debugger: what facedeck knows about the chosen faces, drawn onto them.

mod draw;
pub mod items;
mod outline;
mod pen;
mod processor;

use crate::error::Result;
use crate::inference::Pool;
use crate::profiles::Profile;

use super::{Cost, Kind, OptionInfo, Processor, Setup, cost, masks};
use items::Item;

/// `face_debugger`
pub struct FaceDebugger;

/// Whether the profile asks for the masks' outline. Names that are unknown are found on building.
fn shows_mask(profile: &Profile) -> bool {
    items::parse(&profile.debug.items).is_ok_and(|items| items.contains(&Item::Mask))
}

impl Kind for FaceDebugger {
    fn name(&self) -> &'static str {
        "face_debugger"
    }

    fn summary(&self) -> &'static str {
        "draws what is known about the chosen faces: boxes, points, masks, tracks"
    }

    fn options(&self) -> &'static [OptionInfo] {
        &[OptionInfo {
            key: "debug.items",
            values: "box, points, landmarks, mask, track, person, score, attributes",
            help: "what is drawn",
        }]
    }

    fn models(&self, profile: &Profile) -> Vec<String> {
        if shows_mask(profile) { masks::models(profile) } else { Vec::new() }
    }

    fn cost(&self, profile: &Profile, pool: &Pool) -> Cost {
        cost::of(pool, &self.models(profile))
    }

    fn build(&self, setup: &Setup<'_>) -> Result<Box<dyn Processor>> {
        Ok(Box::new(processor::Debugger::build(setup)?))
    }
}
