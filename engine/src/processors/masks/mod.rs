//! Masks that are made by looking at the crop or at the landmarks, in the crop's space: the parts
//! of the face, what hides it, hulls of landmarks. The least of those that are asked for counts.

pub mod area;
pub mod drawn;
mod occlusion;
pub mod points_68;
pub mod region;
mod soften;

use crate::error::Result;
use crate::faces::Face;
use crate::imaging::aligned::Aligned;
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::profiles::Profile;
use crate::profiles::sections::MaskKind;

use super::Setup;
use area::Areas;
use occlusion::Occluder;
use region::Parser;

/// The networks and landmarks that a profile's masks are made from.
pub struct Networks {
    parser: Option<Parser>,
    occluder: Option<Occluder>,
    areas: Option<Areas>,
}

impl Networks {
    /// What `mask.kinds` of the profile asks for; the kinds that need no look at the face (box,
    /// ellipse) are somebody else's.
    ///
    /// # Errors
    /// When a name in `[mask]` is unknown, a network is missing, or the profile finds no landmarks
    /// for the areas.
    pub fn build(setup: &Setup<'_>) -> Result<Self> {
        Self::only(setup, &[MaskKind::Region, MaskKind::Occlusion, MaskKind::Area])
    }

    /// As [`Self::build`], of these kinds alone.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub fn only(setup: &Setup<'_>, kinds: &[MaskKind]) -> Result<Self> {
        let section = &setup.profile.mask;
        let asked = |kind| kinds.contains(&kind) && section.kinds.contains(&kind);
        let occluder = || Occluder::build(&section.occluder, setup.pool);
        Ok(Networks {
            parser: asked(MaskKind::Region)
                .then(|| Parser::build(section, setup.pool))
                .transpose()?,
            occluder: asked(MaskKind::Occlusion).then(occluder).transpose()?,
            areas: asked(MaskKind::Area).then(|| Areas::build(setup.profile)).transpose()?,
        })
    }

    /// Whether there is no mask to be made.
    pub fn is_empty(&self) -> bool {
        self.parser.is_none() && self.occluder.is_none() && self.areas.is_none()
    }

    /// How much of each pixel of a crop may be replaced, 0..=1: the least of all masks, 1
    /// everywhere when there is none. `crop` is what `aligned` cuts out of the frame, RGB 0..=255.
    ///
    /// # Errors
    /// When a network fails, or the face has not the landmarks for the areas.
    pub fn mask(&self, face: &Face, aligned: &Aligned, crop: &Planes) -> Result<Field> {
        let parts = self.parser.as_ref().map(|parser| parser.mask(crop)).transpose()?;
        let bare = self.occluder.as_ref().map(|occluder| occluder.mask(crop)).transpose()?;
        let hull = self.areas.as_ref().map(|areas| areas.mask(face, aligned)).transpose()?;
        let masks = [parts, bare, hull].into_iter().flatten();
        let least = masks.reduce(|least, mask| least.zip(&mask, f32::min));
        Ok(least.unwrap_or_else(|| Field::filled(aligned.size, aligned.size, 1.0)))
    }
}

/// Catalog ids of the networks that a profile's masks need.
pub fn models(profile: &Profile) -> Vec<String> {
    let asked = |kind| profile.mask.kinds.contains(&kind);
    let parser = asked(MaskKind::Region).then(|| profile.mask.parser.clone());
    let occluder = asked(MaskKind::Occlusion).then(|| profile.mask.occluder.clone());
    parser.into_iter().chain(occluder).collect()
}
