//! Faces followed by their meshes.
//!
//! The last landmarks say where to look next; the detector runs only when a face is lost, at a
//! cut, when the picture has changed so much that somebody may have come in, and every so often.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::imaging::signature::Signature;

use super::super::detect::intersection_over_union;
use super::super::landmarks::{Landmarker, Landmarks, Region};
use super::super::smooth::Smoother;
use super::super::{Face, FaceModels};

/// Frames between two looks for newcomers while every known face is in sight and nothing happens.
const INTERVAL: u32 = 12;
/// Nobody comes in without changing the picture: when any sixth-by-sixth part of it has changed by
/// this much on average since the last look (0..=255), newcomers are looked for at once.
const STIR: f32 = 5.0;
/// A found face that overlaps a known one more than this is the known one.
const SAME: f32 = 0.25;
/// A mesh whose width jumps by more than this factor between frames is a slip.
const JUMP: f32 = 1.6;

/// One face while it stays in sight.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Track {
    id: u64,
    score: f32,
    raw: Landmarks,
    velocity: [f32; 2],
    smoother: Smoother,
}

/// Follows every face of a video.
pub struct MeshTracker {
    frame_seconds: f32,
    /// What the frames so far have left behind.
    pub memory: Memory,
}

/// What is remembered from frame to frame.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Memory {
    tracks: Vec<Track>,
    next_id: u64,
    since_detection: u32,
    last: Option<Signature>,
    /// The frame in which newcomers were last looked for.
    looked_at: Option<Signature>,
}

impl Memory {
    /// Whether it can be worked with: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        self.tracks.iter().all(|t| t.raw.is_whole() && t.smoother.is_whole())
            && self.last.iter().chain(&self.looked_at).all(Signature::is_whole)
    }
}

impl MeshTracker {
    /// A tracker for frames that are `frame_seconds` apart.
    pub fn new(frame_seconds: f32) -> Self {
        MeshTracker { frame_seconds, memory: Memory::default() }
    }

    /// The faces of the next frame; the largest first.
    ///
    /// # Errors
    /// When a network fails.
    pub fn next(
        &mut self,
        models: &FaceModels,
        mesh: &Landmarker,
        frame: &Frame,
        signature: Signature,
    ) -> Result<Vec<Face>> {
        let cut = self.memory.last.as_ref().is_some_and(|last| signature.is_cut(last));
        let stirred = self
            .memory
            .looked_at
            .as_ref()
            .is_none_or(|then| signature.change_but_for_motion(then).local > STIR);
        self.memory.last = Some(signature);
        if cut {
            self.memory.tracks.clear();
        }
        let before = self.memory.tracks.len();
        let mut faces = self.follow(mesh, frame)?;
        self.memory.since_detection = self.memory.since_detection.saturating_add(1);
        let lost = self.memory.tracks.len() < before;
        if self.memory.tracks.is_empty()
            || lost
            || stirred
            || self.memory.since_detection >= INTERVAL
        {
            self.memory.since_detection = 0;
            self.memory.looked_at.clone_from(&self.memory.last);
            self.look_for_newcomers(models, mesh, frame, &mut faces)?;
        }
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        Ok(faces)
    }

    /// Fits every known face where it should be now; drops those that are gone.
    fn follow(&mut self, mesh: &Landmarker, frame: &Frame) -> Result<Vec<Face>> {
        let mut faces: Vec<Face> = Vec::new();
        let mut kept: Vec<Track> = Vec::new();
        for mut track in std::mem::take(&mut self.memory.tracks) {
            let Some(raw) = mesh.fit(frame, track.predicted(), 1)? else { continue };
            let ratio = raw.width() / track.raw.width().max(1.0);
            let slipped = !(1.0 / JUMP..JUMP).contains(&ratio);
            let doubled = kept.iter().any(|t| t.raw.overlap(&raw) > SAME);
            if slipped || doubled {
                continue;
            }
            track.move_to(raw);
            let landmarks = track.smoother.next(&track.raw, self.frame_seconds);
            faces.push(Face::meshed(track.id, track.score, landmarks));
            kept.push(track);
        }
        self.memory.tracks = kept;
        Ok(faces)
    }

    fn look_for_newcomers(
        &mut self,
        models: &FaceModels,
        mesh: &Landmarker,
        frame: &Frame,
        faces: &mut Vec<Face>,
    ) -> Result<()> {
        for found in models.detect(frame)? {
            let known = |t: &Track| intersection_over_union(t.raw.bounds(), found.bounds) > SAME;
            if self.memory.tracks.iter().any(known) {
                // Not fitted again: that costs as much as following it does.
                continue;
            }
            let Some(raw) = mesh.fit(frame, found.region(), 2)? else { continue };
            if self.memory.tracks.iter().any(|t| t.raw.overlap(&raw) > SAME) {
                continue;
            }
            let id = self.memory.next_id;
            self.memory.next_id += 1;
            faces.push(Face::meshed(id, found.score, raw.clone()));
            self.memory.tracks.push(Track {
                id,
                score: found.score,
                velocity: [0.0; 2],
                smoother: Smoother::new(&raw),
                raw,
            });
        }
        Ok(())
    }
}

impl Track {
    /// Where the face should be in the next frame, if it keeps moving as it did.
    fn predicted(&self) -> Region {
        let mut region = self.raw.region();
        region.center[0] += self.velocity[0];
        region.center[1] += self.velocity[1];
        region
    }

    fn move_to(&mut self, raw: Landmarks) {
        let (old, new) = (self.raw.region().center, raw.region().center);
        self.velocity = [new[0] - old[0], new[1] - old[1]].map(|v| 0.7 * v);
        self.raw = raw;
    }
}
