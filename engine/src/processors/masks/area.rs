//! The convex hull of landmarks.

use crate::error::{Error, Result};
use crate::faces::Face;
use crate::imaging::aligned::Aligned;
use crate::imaging::field::Field;
use crate::imaging::mask::{convex_hull, polygon};
use crate::imaging::similarity::Point;
use crate::profiles::sections::{FROM_DETECTOR, Profile};

use super::points_68;
use super::soften::soften;

/// The 68 points of each area, by its name in `mask.areas` (FaceFusion's groups).
pub const AREAS: [(&str, &[usize]); 3] = [
    (
        "upper-face",
        &[0, 1, 2, 31, 32, 33, 34, 35, 14, 15, 16, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17],
    ),
    ("lower-face", &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 35, 34, 33, 32, 31]),
    ("mouth", &[48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67]),
];

/// Which of the 68 points span the hull.
pub struct Areas(Vec<usize>);

impl Areas {
    /// The areas of `[mask]`.
    ///
    /// # Errors
    /// When one is unknown, or when the profile finds no landmarks that the areas are made of.
    pub fn build(profile: &Profile) -> Result<Self> {
        if profile.faces.landmarks == FROM_DETECTOR {
            return Err(unfit());
        }
        let points = |name: &String| {
            AREAS.iter().find(|(known, _)| known == name).map(|(_, points)| *points).ok_or_else(
                || {
                    let known: Vec<&str> = AREAS.iter().map(|(name, _)| *name).collect();
                    Error::usage(format!("mask.areas: there is no area \"{name}\""))
                        .hint(format!("known ones: {}", known.join(", ")))
                },
            )
        };
        let groups = profile.mask.areas.iter().map(points).collect::<Result<Vec<_>>>()?;
        Ok(Areas(groups.concat()))
    }

    /// 1 within the hull of all areas together, softened; all 0 without areas.
    ///
    /// # Errors
    /// When the face has neither 68 points nor a mesh.
    pub fn mask(&self, face: &Face, aligned: &Aligned) -> Result<Field> {
        let all = landmarks(face)?;
        let place = |&i: &usize| all.get(i).map(|p| aligned.point(*p)).ok_or_else(unfit);
        let points = self.0.iter().map(place).collect::<Result<Vec<_>>>()?;
        Ok(soften(&polygon(aligned.size, aligned.size, &convex_hull(&points))))
    }
}

/// The 68 points of a face in frame pixels: as found, or out of its mesh.
fn landmarks(face: &Face) -> Result<Vec<Point>> {
    let of_mesh = || face.landmarks.as_ref().map(points_68::of_mesh);
    face.points_68.clone().or_else(of_mesh).ok_or_else(unfit)
}

fn unfit() -> Error {
    Error::usage("the area mask needs 68 landmarks or the 478-point mesh").hint(
        "set landmarks = \"2dfan4\" or \"face_landmarks_478\" in [faces], or leave \"area\" out of \
         kinds in [mask]",
    )
}
