//! Finding faces, following them, and telling them apart.

pub mod assign;
pub mod attributes;
mod crop;
pub mod detect;
pub mod landmark_points;
pub mod landmarks;
mod models;
mod network;
pub mod recognize;
pub mod select;
pub mod smooth;
pub mod steady;
pub mod track;

use crate::error::{Error, Result};
use crate::imaging::similarity::Point;
use crate::profiles::Sex;
use detect::Found;
use landmarks::Landmarks;
use recognize::Embedding;

pub use models::FaceModels;

/// A face in one frame.
#[derive(Debug, Clone)]
pub struct Face {
    /// The track it belongs to; faces of one track are the same person in one shot.
    pub track: u64,
    /// The detector's score when the face was found, 0..=1.
    pub score: f32,
    /// Left, top, right, bottom in frame pixels.
    pub bounds: [f32; 4],
    /// Eyes, nose, mouth corners in frame pixels, image-left first: what crops are aligned by.
    pub points: [Point; 5],
    /// The 478-point mesh, where a network for it runs; smoothed over time in videos.
    pub landmarks: Option<Landmarks>,
    /// The 68 points of the iBUG annotation, where a network for them runs.
    pub points_68: Option<Vec<Point>>,
    /// Identity, when somebody asked for it.
    pub embedding: Option<Embedding>,
    /// Sex and age, when somebody asked for them.
    pub attributes: Option<Attributes>,
}

impl Face {
    /// A face as a detector found it.
    pub fn found(found: &Found) -> Self {
        Face {
            track: 0,
            score: found.score,
            bounds: found.bounds,
            points: found.points,
            landmarks: None,
            points_68: None,
            embedding: None,
            attributes: None,
        }
    }

    /// A face that is known by its mesh.
    pub fn meshed(track: u64, score: f32, landmarks: Landmarks) -> Self {
        Face {
            track,
            score,
            bounds: landmarks.bounds(),
            points: landmarks.five(),
            landmarks: Some(landmarks),
            points_68: None,
            embedding: None,
            attributes: None,
        }
    }

    /// Area of the box in pixels.
    pub fn area(&self) -> f32 {
        let [x0, y0, x1, y1] = self.bounds;
        (x1 - x0) * (y1 - y0)
    }

    /// Width of the face in pixels: of the mesh where there is one, else of the box.
    pub fn width(&self) -> f32 {
        self.landmarks.as_ref().map_or(self.bounds[2] - self.bounds[0], Landmarks::width)
    }

    /// The mesh.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when no network for it runs: the profile does not fit.
    pub fn mesh(&self) -> Result<&Landmarks> {
        self.landmarks.as_ref().ok_or_else(|| {
            Error::usage("the mesh swapper needs the landmarks of face_landmarks_478").hint(
                "set landmarks = \"face_landmarks_478\" in [faces], or choose another swapper",
            )
        })
    }
}

/// What the attribute network guesses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attributes {
    /// Female or male.
    pub sex: Sex,
    /// Years.
    pub age: f32,
}

/// A face that is to be changed, and into whom.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The face.
    pub face: Face,
    /// Whose face it gets: the number of the person among the sources, from 0.
    pub person: usize,
}
