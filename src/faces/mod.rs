//! Finding faces, following them, and telling them apart.

pub mod detect;
pub mod landmarks;
pub mod recognize;
pub mod select;
pub mod smooth;
pub mod track;

use crate::error::Result;
use crate::imaging::frame::Frame;
use detect::Detector;
use landmarks::{Landmarker, Landmarks};
use recognize::{Embedding, Recognizer};

/// A face in one frame.
#[derive(Debug, Clone)]
pub struct Face {
    /// The track it belongs to; faces of one track are the same person in one shot.
    pub track: u64,
    /// The detector's score when the face was found, 0..=1.
    pub score: f32,
    /// Landmarks in frame pixels, smoothed over time in videos.
    pub landmarks: Landmarks,
    /// Identity, when somebody asked for it.
    pub embedding: Option<Embedding>,
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
            let again = faces.iter().any(|f| f.landmarks.overlap(&landmarks) > 0.5);
            if again {
                continue;
            }
            let embedding = Some(self.recognizer.embed(frame, &landmarks)?);
            faces.push(Face { track: 0, score: found.score, landmarks, embedding });
        }
        faces.sort_by(|a, b| b.landmarks.area().total_cmp(&a.landmarks.area()));
        for (i, face) in faces.iter_mut().enumerate() {
            face.track = i as u64;
        }
        Ok(faces)
    }
}
