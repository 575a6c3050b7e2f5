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
use super::hold::Glimpse;
use super::stir::Stir;

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
    /// Frames since it was last seen; more than 0 while it is held.
    missed: u32,
    /// What it looked like then.
    glimpse: Option<Glimpse>,
}

/// Follows every face of a video.
pub struct MeshTracker {
    frame_seconds: f32,
    /// For how many frames a face that is missed is held.
    hold: u32,
    /// What the frames so far have left behind.
    pub memory: Memory,
}

/// What is remembered from frame to frame.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Memory {
    tracks: Vec<Track>,
    next_id: u64,
    stir: Stir,
}

impl Memory {
    /// Whether it can be worked with: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        let whole = |t: &Track| {
            t.raw.is_whole() && t.smoother.is_whole() && t.glimpse.iter().all(Glimpse::is_whole)
        };
        self.tracks.iter().all(whole) && self.stir.is_whole()
    }
}

impl MeshTracker {
    /// A tracker for frames that are `frame_seconds` apart, which holds a face that is missed for so
    /// many of them.
    pub fn new(frame_seconds: f32, hold: u32) -> Self {
        MeshTracker { frame_seconds, hold, memory: Memory::default() }
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
        let change = self.memory.stir.next(signature);
        if change.cut {
            self.memory.tracks.clear();
        }
        let (mut faces, mut missed) = self.follow(mesh, frame)?;
        if self.memory.tracks.is_empty() || !missed.is_empty() || change.stirred {
            self.memory.stir.looked();
            self.look_for_newcomers(models, mesh, frame, &mut faces, &mut missed)?;
        }
        self.hold(frame, missed, &mut faces);
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        Ok(faces)
    }

    /// Fits every known face where it should be now. Returns them, and the tracks of those that
    /// are not seen there.
    fn follow(&mut self, mesh: &Landmarker, frame: &Frame) -> Result<(Vec<Face>, Vec<Track>)> {
        let mut faces: Vec<Face> = Vec::new();
        let (mut kept, mut missed): (Vec<Track>, Vec<Track>) = (Vec::new(), Vec::new());
        for mut track in std::mem::take(&mut self.memory.tracks) {
            let Some(raw) = mesh.fit(frame, track.predicted(), 1)? else {
                missed.push(track);
                continue;
            };
            let ratio = raw.width() / track.raw.width().max(1.0);
            if kept.iter().any(|t| t.raw.overlap(&raw) > SAME) {
                // It slid onto another face: it is looked for, and not held.
                track.glimpse = None;
                missed.push(track);
                continue;
            }
            if !(1.0 / JUMP..JUMP).contains(&ratio) {
                missed.push(track);
                continue;
            }
            track.move_to(raw);
            let landmarks = track.smoother.next(&track.raw, self.frame_seconds);
            let face = Face::meshed(track.id, track.score, landmarks);
            track.seen(frame, &face, self.hold);
            faces.push(face);
            kept.push(track);
        }
        self.memory.tracks = kept;
        Ok((faces, missed))
    }

    /// Adds the faces that were missed in this frame though they are there, and forgets the others.
    fn hold(&mut self, frame: &Frame, missed: Vec<Track>, faces: &mut Vec<Face>) {
        for mut track in missed {
            track.missed += 1;
            let way = track.velocity.map(|v| v * track.missed as f32);
            let glimpse = track.glimpse.as_ref().filter(|_| track.missed <= self.hold);
            if let Some(face) = glimpse.and_then(|seen| seen.held(frame, track.id, way, faces)) {
                faces.push(face);
                self.memory.tracks.push(track);
            }
        }
    }

    fn look_for_newcomers(
        &mut self,
        models: &FaceModels,
        mesh: &Landmarker,
        frame: &Frame,
        faces: &mut Vec<Face>,
        missed: &mut Vec<Track>,
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
            let mut track = Track {
                id: self.memory.next_id,
                score: found.score,
                velocity: [0.0; 2],
                smoother: Smoother::new(&raw),
                missed: 0,
                glimpse: None,
                raw,
            };
            let mut face = Face::meshed(track.id, found.score, track.raw.clone());
            track.seen(frame, &face, self.hold);
            // Who moved farther than was thought is still who they were.
            if let Some(at) = missed.iter().position(|lost| lost.is(&track)) {
                let known = missed.swap_remove(at);
                (track.id, face.track) = (known.id, known.id);
            } else {
                self.memory.next_id += 1;
            }
            faces.push(face);
            self.memory.tracks.push(track);
        }
        Ok(())
    }
}

impl Track {
    /// Where the face should be in the next frame, if it keeps moving as it did.
    fn predicted(&self) -> Region {
        let mut region = self.raw.region();
        let frames = (self.missed + 1) as f32;
        region.center[0] += self.velocity[0] * frames;
        region.center[1] += self.velocity[1] * frames;
        region
    }

    /// Its face is in sight.
    fn seen(&mut self, frame: &Frame, face: &Face, hold: u32) {
        self.missed = 0;
        self.glimpse = if hold > 0 { Glimpse::of(frame, face) } else { None };
    }

    /// Whether a face that was found nearby looks like the one that was lost.
    fn is(&self, found: &Track) -> bool {
        self.raw.overlap(&found.raw) > SAME
            && self.glimpse.as_ref().zip(found.glimpse.as_ref()).is_some_and(|(a, b)| a.is_like(b))
    }

    fn move_to(&mut self, raw: Landmarks) {
        let (old, new) = (self.raw.region().center, raw.region().center);
        let frames = (self.missed + 1) as f32;
        self.velocity = [new[0] - old[0], new[1] - old[1]].map(|v| 0.7 * v / frames);
        self.raw = raw;
    }
}

#[cfg(test)]
mod tests;
