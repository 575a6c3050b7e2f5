//! Faces followed from frame to frame.

mod detections;
mod hold;
mod mesh;
mod stir;

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::imaging::signature::Signature;
use crate::profiles::{Detection, Faces};
use crate::saved;

use super::{Face, FaceModels};
use detections::DetectionTracker;
use mesh::MeshTracker;

/// Whose memory is whose.
const MESH: &str = "mesh tracker";
const DETECTIONS: &str = "detection tracker";

/// Follows every face of a video.
pub struct Tracker(How);

enum How {
    /// By fitting the mesh where it was; the detector looks now and then.
    Mesh(Box<MeshTracker>),
    /// By the detector.
    Detections(DetectionTracker),
}

impl Tracker {
    /// A tracker for frames that are `frame_seconds` apart, as the profile wants it. Where neither
    /// the mesh nor the detector can follow a face between two looks, there is one in every frame.
    pub fn new(faces: &Faces, models: &FaceModels, frame_seconds: f32) -> Self {
        let seconds = frame_seconds.clamp(0.001, 1.0);
        let hold = (faces.hold / seconds).round() as u32;
        Tracker(match faces.detection {
            Detection::Auto if models.mesh().is_some() => {
                How::Mesh(Box::new(MeshTracker::new(seconds, hold)))
            }
            how => {
                let every_frame = how == Detection::EveryFrame;
                How::Detections(DetectionTracker::new(seconds, hold, every_frame))
            }
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

    /// What it remembers, as bytes.
    ///
    /// # Errors
    /// When that cannot be put into bytes.
    pub fn save(&self) -> Result<Vec<u8>> {
        match &self.0 {
            How::Mesh(tracker) => saved::pack(MESH, &tracker.memory),
            How::Detections(tracker) => saved::pack(DETECTIONS, &tracker.memory),
        }
    }

    /// Goes on from what a tracker of the same profile has saved.
    ///
    /// # Errors
    /// When it does not fit; then nothing has changed.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        match &mut self.0 {
            How::Mesh(tracker) => {
                tracker.memory = saved::unpack(MESH, state, mesh::Memory::is_whole)?;
            }
            How::Detections(tracker) => {
                tracker.memory = saved::unpack(DETECTIONS, state, detections::Memory::is_whole)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::saved::testing::{assert_misfit, forged};

    fn both() -> [Tracker; 2] {
        [
            Tracker(How::Mesh(Box::new(MeshTracker::new(0.04, 5)))),
            Tracker(How::Detections(DetectionTracker::new(0.04, 5, false))),
        ]
    }

    #[test]
    fn one_kind_of_tracker_does_not_take_the_other_ones_memory() {
        let [mut mesh, mut detections] = both();
        let [of_mesh, of_detections] = [&mesh, &detections].map(|t| t.save().unwrap());
        assert_misfit(mesh.restore(&of_detections));
        assert_misfit(detections.restore(&of_mesh));
        mesh.restore(&of_mesh).unwrap();
        detections.restore(&of_detections).unwrap();
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            for mut tracker in both() {
                assert_misfit(tracker.restore(&bytes));
                for whose in [MESH, DETECTIONS] {
                    let _ = tracker.restore(&forged(whose, &bytes));
                }
            }
        }
    }
}
