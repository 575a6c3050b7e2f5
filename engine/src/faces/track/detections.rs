//! Faces found anew in every frame, and joined into tracks.
//!
//! Where the detector can look at a part of a frame and may, it looks where the known faces should be,
//! and at all of the frame only when one is lost, at a cut, and every so often. When the picture has
//! changed so much that somebody may have come in, it looks for large faces only, at a quarter of the
//! work: a camera that moves changes it all the time, and who is small can wait until the next look.
//!
//! A face belongs to the track that it lies nearest to, going by where that track was heading.
//! Where tracks meet, places say little: there, whose face it is counts for more. A track that is
//! lost is picked up again by the face it showed.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::imaging::signature::Signature;

use super::super::assign::assign;
use super::super::detect::{Found, intersection_over_union};
use super::super::recognize::Embedding;
use super::super::{Face, FaceModels};
use super::hold::Glimpse;
use super::stir::{Change, Stir};

mod track;

use track::{Track, distance, size};

/// Faces nearer to each other than this many of their sizes have met: their places say little.
const MEETING: f32 = 1.3;
/// How long a lost track is waited for, in seconds.
const PATIENCE: f32 = 2.0;
/// Seconds until the second look at a face that met nobody; until the third, twice as many, and so on up
/// to as many looks as make up what is known: the more is known, the less there is to learn.
const REFRESH: f32 = 1.0;
/// A face that overlaps another one more than this is that one.
const TAKEN: f32 = 0.25;
/// Passes of the mesh network, where it gives the points.
const PASSES: usize = 2;

/// Follows every face by detection.
pub struct DetectionTracker {
    frame_seconds: f32,
    /// For how many frames a face that is missed is held.
    hold: u32,
    /// Whether the detector must look at all of every frame.
    every_frame: bool,
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
        self.stir.is_whole() && self.tracks.iter().all(Track::is_whole)
    }
}

impl DetectionTracker {
    /// A tracker for frames that are `frame_seconds` apart, which holds a face that is missed for so
    /// many of them.
    pub fn new(frame_seconds: f32, hold: u32, every_frame: bool) -> Self {
        DetectionTracker { frame_seconds, hold, every_frame, memory: Memory::default() }
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
        let change = self.memory.stir.next(signature);
        if change.cut {
            self.memory.tracks.clear();
        }
        let mut faces: Vec<Face> = Vec::new();
        for found in self.find(models, frame, change)? {
            let Some(face) = models.look(frame, &found, PASSES)? else { continue };
            // Meshes of two boxes may slide onto one face.
            if !faces.iter().any(|f| intersection_over_union(f.bounds, face.bounds) > 0.7) {
                faces.push(face);
            }
        }
        self.join(&mut faces, &mut |face| models.embed(frame, face))?;
        self.hold(frame, &mut faces);
        faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        Ok(faces)
    }

    /// What the detector sees.
    fn find(&mut self, models: &FaceModels, frame: &Frame, change: Change) -> Result<Vec<Found>> {
        if self.every_frame || !models.can_follow() {
            self.memory.stir.looked();
            return models.detect(frame);
        }
        let mut found: Vec<Found> = Vec::new();
        let overlaps = |found: &[Found], bounds: [f32; 4]| {
            found.iter().any(|f| intersection_over_union(f.bounds, bounds) > TAKEN)
        };
        // Who is away for longer comes back when all of a frame is looked at.
        let in_sight = self.memory.tracks.iter().filter(|track| track.missed <= self.hold.max(1));
        let mut lost = false;
        for track in in_sight {
            let near = match track.expected() {
                Some(known) => models.detect_near(frame, &known)?,
                None => None,
            };
            match near {
                Some(one) if !overlaps(&found, one.bounds) => found.push(one),
                Some(_) => {}
                None => lost = true,
            }
        }
        let all = found.is_empty() || lost || change.due || !models.can_glance();
        if all || change.stirred {
            let newcomers = if all {
                self.memory.stir.looked();
                models.detect_roughly(frame)?
            } else {
                self.memory.stir.glanced();
                models.detect_large(frame)?
            };
            for newcomer in newcomers {
                if !overlaps(&found, newcomer.bounds) {
                    // Once more as it will be looked at from now on, so that its points do not jump.
                    let closer = models.detect_near(frame, &newcomer)?;
                    found.push(closer.unwrap_or(newcomer));
                }
            }
        }
        Ok(found)
    }

    /// Adds the faces that were missed in this frame though they are there.
    fn hold(&mut self, frame: &Frame, faces: &mut Vec<Face>) {
        if self.hold == 0 {
            return;
        }
        let seen = faces.len();
        for track in &mut self.memory.tracks {
            if track.missed == 0 {
                let face = faces[..seen].iter().find(|face| face.track == track.id);
                track.glimpse = face.and_then(|face| Glimpse::of(frame, face));
            } else if track.missed <= self.hold {
                let way = track.velocity.map(|v| v * track.missed as f32);
                let glimpse = track.glimpse.as_ref();
                let held = glimpse.and_then(|seen| seen.held(frame, track.id, way, faces));
                faces.extend(held);
            }
        }
    }

    /// Gives every face its track.
    fn join(
        &mut self,
        faces: &mut [Face],
        recognize: &mut dyn FnMut(&Face) -> Result<Embedding>,
    ) -> Result<()> {
        let patience = (PATIENCE / self.frame_seconds) as u32;
        self.memory.tracks.retain(|t| t.missed <= patience);
        let met = self.met(faces);
        let someone_is_lost = self.memory.tracks.iter().any(|t| t.missed > 0);
        for (i, face) in faces.iter_mut().enumerate() {
            let followed = self.memory.tracks.iter().any(|t| t.missed == 0 && t.reaches(face));
            if met[i] || (someone_is_lost && !followed) {
                face.embedding = Some(recognize(face)?);
            }
        }
        let of = assign(faces.len(), self.memory.tracks.len(), |f, t| {
            self.memory.tracks[t].gain(&faces[f], met[f])
        });
        for track in &mut self.memory.tracks {
            track.missed += 1;
            track.unrecognized = track.unrecognized.saturating_add(1);
        }
        for (i, face) in faces.iter_mut().enumerate() {
            let at = match of[i] {
                Some(at) => at,
                None => {
                    self.memory.tracks.push(Track::new(self.memory.next_id, face));
                    self.memory.next_id += 1;
                    self.memory.tracks.len() - 1
                }
            };
            let track = &mut self.memory.tracks[at];
            let due = track.unrecognized as f32 * self.frame_seconds
                >= REFRESH * track.looks.len() as f32;
            if face.embedding.is_none() && (track.looks.is_empty() || due) {
                face.embedding = Some(recognize(face)?);
            }
            // A profile that looks at all of every frame wants what the detector gives as it is.
            let steady = !self.every_frame;
            track.take(face, met[i], steady, self.frame_seconds);
        }
        Ok(())
    }

    /// Which faces are near another face, or near where more than one track should be.
    fn met(&self, faces: &[Face]) -> Vec<bool> {
        let near = |a: [f32; 4], b: [f32; 4]| distance(a, b) < MEETING * size(a).max(size(b));
        let met = |i: usize, face: &Face| {
            let others = faces.iter().enumerate().filter(|(j, _)| *j != i);
            let tracks =
                self.memory.tracks.iter().filter(|t| near(t.predicted(), face.bounds)).count();
            tracks > 1 || others.map(|(_, f)| f.bounds).any(|b| near(b, face.bounds))
        };
        faces.iter().enumerate().map(|(i, face)| met(i, face)).collect()
    }
}

#[cfg(test)]
mod tests;
