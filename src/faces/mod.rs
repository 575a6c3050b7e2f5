//! Finding faces, following them, and telling them apart.

pub mod detect;
pub mod landmarks;
pub mod recognize;
pub mod select;
pub mod smooth;
pub mod track;

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::imaging::similarity::Point;
use crate::profiles::Sex;
use detect::{Detector, intersection_over_union};
use landmarks::{Landmarker, Landmarks};
use recognize::{Embedding, Recognizer};

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

/// The three networks that see faces. Each runs on one thread: two are slower at this size.
pub struct FaceModels {
    /// Finds faces.
    pub detector: Detector,
    /// Fits the 478-point mesh.
    pub landmarker: Landmarker,
    /// Computes identities.
    pub recognizer: Recognizer,
}

impl FaceModels {
    /// Loads the embedded networks.
    ///
    /// # Errors
    /// When ONNX Runtime is not initialized or refuses a network.
    pub fn load() -> Result<Self> {
        Ok(FaceModels {
            detector: Detector::load()?,
            landmarker: Landmarker::load()?,
            recognizer: Recognizer::load()?,
        })
    }

    /// Every face of a still: searched for thoroughly, each with landmarks and identity, the
    /// largest first.
    ///
    /// # Errors
    /// When a network fails.
    pub fn analyze_still(&mut self, frame: &Frame) -> Result<Vec<Face>> {
        let mut faces: Vec<Face> = Vec::new();
        for found in self.detector.detect_thoroughly(frame)? {
            let Some(landmarks) = self.landmarker.fit(frame, found.region(), 3)? else { continue };
            let bounds = landmarks.bounds();
            if faces.iter().any(|f| intersection_over_union(f.bounds, bounds) > 0.5) {
                continue;
            }
            let mut face = Face::meshed(0, found.score, landmarks);
            face.embedding = Some(self.recognizer.embed(frame, &face.points)?);
            faces.push(face);
        }
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        for (i, face) in faces.iter_mut().enumerate() {
            face.track = i as u64;
        }
        Ok(faces)
    }
}
