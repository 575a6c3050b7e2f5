//! A face of a frame as the swapper sees it: landmarks, and what was learnt from earlier frames.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::faces::landmarks::Landmarks;
use crate::imaging::frame::Frame;

use super::glasses::{Glasses, GlassesWatch};
use super::lids::{LidTracker, Lids};
use super::occlusion::{self, Occluder, OcclusionMask};
use super::pose::Pose;
use super::source::SourceFace;

/// One face of one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetFace {
    /// Where it is.
    pub landmarks: Landmarks,
    /// Where it looks and what it does.
    pub pose: Pose,
    /// How far its eyes are shut.
    pub lids: Lids,
    /// What is in front of it.
    pub occlusion: Option<Arc<OcclusionMask>>,
    /// The glasses it wears.
    pub glasses: Option<Arc<Glasses>>,
}

impl TargetFace {
    /// How much more a source smiles than this face, 0..=1.
    pub fn smile_excess(&self, source: &SourceFace) -> f32 {
        Pose::smile_excess(&source.pose, &self.pose)
    }
}

/// Follows one face through a video, in the order of its frames.
#[derive(Serialize, Deserialize)]
pub struct TargetTracker {
    lids: LidTracker,
    occluder: Option<Occluder>,
    glasses: GlassesWatch,
}

impl TargetTracker {
    /// Starts at a face. `still` when no other frame will follow: then nothing can be learnt, and
    /// the more careful tests for single pictures are used.
    pub fn new(landmarks: &Landmarks, still: bool) -> Self {
        TargetTracker {
            lids: LidTracker::new(landmarks, still),
            occluder: (!still).then(Occluder::new),
            glasses: GlassesWatch::default(),
        }
    }

    /// Whether it can be worked with, and was made for as many frames: what was read from a file
    /// may not.
    pub fn is_whole(&self, still: bool) -> bool {
        self.occluder.is_none() == still
            && self.occluder.iter().all(Occluder::is_whole)
            && self.glasses.is_whole()
    }

    /// Whether something is in front of the face.
    #[cfg(test)]
    pub fn is_covered(&self) -> bool {
        self.occluder.iter().any(Occluder::is_covered)
    }

    /// The face in the next frame.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn next(&mut self, frame: &Frame, landmarks: &Landmarks) -> Result<TargetFace> {
        let occlusion = match &mut self.occluder {
            Some(occluder) => occluder.step(frame, landmarks)?,
            None => occlusion::in_still(frame, landmarks)?,
        };
        Ok(TargetFace {
            pose: Pose::of(landmarks)?,
            lids: self.lids.next(frame, landmarks),
            occlusion: occlusion.map(Arc::new),
            glasses: self.glasses.next(frame, landmarks),
            landmarks: landmarks.clone(),
        })
    }
}
