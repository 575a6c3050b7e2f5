//! Faces followed from frame to frame.

mod detections;
mod mesh;

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::imaging::signature::Signature;
use crate::profiles::{Detection, Faces};

use super::{Face, FaceModels};
use detections::DetectionTracker;
use mesh::MeshTracker;

/// Follows every face of a video.
pub struct Tracker(How);

enum How {
    /// By fitting the mesh where it was; the detector looks now and then.
    Mesh(Box<MeshTracker>),
    /// By the detector, in every frame.
    Detections(DetectionTracker),
}

impl Tracker {
    /// A tracker for frames that are `frame_seconds` apart, as the profile wants it. Without the
    /// mesh nothing can be followed between two looks, so the detector looks in every frame.
    pub fn new(faces: &Faces, models: &FaceModels, frame_seconds: f32) -> Self {
        let seconds = frame_seconds.clamp(0.001, 1.0);
        Tracker(match faces.detection {
            Detection::Auto if models.mesh().is_some() => {
                How::Mesh(Box::new(MeshTracker::new(seconds)))
            }
            _ => How::Detections(DetectionTracker::new(seconds)),
        })
    }

    /// The faces of the next frame; the largest first.
    ///
    /// # Errors
    /// When a network fails.
    pub fn next(
        &mut self,
        models: &FaceModels,
        frame: &Frame,
        signature: Signature,
    ) -> Result<Vec<Face>> {
        match (&mut self.0, models.mesh()) {
            (How::Mesh(tracker), Some(mesh)) => tracker.next(models, mesh, frame, signature),
            (How::Mesh(_), None) => Ok(Vec::new()),
            (How::Detections(tracker), _) => tracker.next(models, frame, signature),
        }
    }
}
