//! The mesh swapper as a processor.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::faces::Face;
use crate::imaging::frame::Frame;
use crate::imaging::region::Rect;
use crate::processors::{Processor, Work};

use super::choose::{Choice, Chooser};
use super::compose::swap;
use super::pose::Pose;
use super::source::SourceFace;
use super::target::{TargetFace, TargetTracker};

/// Puts one person, known from one or more photos, onto faces.
pub struct MeshSwapper {
    sources: Vec<Arc<SourceFace>>,
    poses: Vec<Pose>,
    still: bool,
    tracks: HashMap<u64, Track>,
}

/// What is remembered of a face from frame to frame.
struct Track {
    target: TargetTracker,
    chooser: Chooser,
}

impl MeshSwapper {
    /// A swapper for these photos of one person. `still` when there is only one frame to come.
    pub fn new(sources: Vec<SourceFace>, still: bool) -> Self {
        let poses = sources.iter().map(|s| s.pose).collect();
        let sources = sources.into_iter().map(Arc::new).collect();
        MeshSwapper { sources, poses, still, tracks: HashMap::new() }
    }

    fn plan(&mut self, frame: &Frame, face: &Face) -> Result<Swap> {
        let (still, poses) = (self.still, &self.poses);
        let pose = Pose::of(&face.landmarks)?;
        let track = self.tracks.entry(face.track).or_insert_with(|| Track {
            target: TargetTracker::new(&face.landmarks, still),
            chooser: Chooser::new(poses, &pose),
        });
        let target = track.target.next(frame, &face.landmarks)?;
        let Choice { current, fading } = track.chooser.next(poses, &pose);
        let pick = |i: usize, weight: f32| {
            self.sources.get(i).map(|s| (Arc::clone(s), weight)).filter(|(_, w)| *w > 0.0)
        };
        let (previous, weight) = fading.unwrap_or((current, 1.0));
        let sources =
            pick(current, weight).into_iter().chain(pick(previous, 1.0 - weight)).collect();
        Ok(Swap { sources, target })
    }
}

/// One face to be swapped.
struct Swap {
    sources: Vec<(Arc<SourceFace>, f32)>,
    target: TargetFace,
}

struct MeshWork(Vec<Swap>);

impl Processor for MeshSwapper {
    fn name(&self) -> &'static str {
        "swap"
    }

    fn prepare(&mut self, frame: &Frame, faces: &[Face]) -> Result<Box<dyn Work>> {
        // A face that is gone comes back as another track.
        self.tracks.retain(|id, _| faces.iter().any(|f| f.track == *id));
        let swaps = faces.iter().map(|face| self.plan(frame, face)).collect::<Result<_>>()?;
        Ok(Box::new(MeshWork(swaps)))
    }
}

impl Work for MeshWork {
    fn apply(self: Box<Self>, frame: &mut Frame) -> Result<Vec<Rect>> {
        let mut changed = Vec::new();
        for Swap { sources, target } in &self.0 {
            let sources: Vec<_> = sources.iter().map(|(s, w)| (s.as_ref(), *w)).collect();
            changed.extend(swap(frame, &sources, target)?);
        }
        Ok(changed)
    }
}
