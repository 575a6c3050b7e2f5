//! Faces found anew in every frame, and joined into tracks.
//!
//! Where the detector can look at a part of a frame and may, it looks where the known faces should be,
//! and at all of the frame only when one is lost, at a cut, when the picture has changed so much that
//! somebody may have come in, and every so often.
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
use super::super::smooth::Smoother;
use super::super::{Face, FaceModels};
use super::hold::Glimpse;
use super::stir::Stir;

/// A face farther from where a track should be than this many of its sizes is not on it.
const REACH: f32 = 0.7;
/// Faces nearer to each other than this many of their sizes have met: their places say little.
const MEETING: f32 = 1.3;
/// How much more identity counts than place where tracks meet.
const IDENTITY: f32 = 3.0;
/// Where tracks meet, a face less like a track's than this is not on it.
const STRANGER: f32 = 0.2;
/// How long a lost track is waited for, in seconds.
const PATIENCE: f32 = 2.0;
/// How many looks make up what is known of a face.
const LOOKS: usize = 6;
/// Seconds between two looks at a face that met nobody.
const REFRESH: f32 = 1.0;
/// A face that is missed is not held where another one overlaps its place more than this.
const TAKEN: f32 = 0.25;
/// Passes of the mesh network, where it gives the points.
const PASSES: usize = 2;

/// One person while they are in sight, and a little longer.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Track {
    id: u64,
    bounds: [f32; 4],
    /// Movement of the box's center in pixels a frame.
    velocity: [f32; 2],
    /// Frames since it was last seen.
    missed: u32,
    /// Frames since it was last recognized.
    unrecognized: u32,
    /// The last looks at it, and their mean.
    looks: Vec<Embedding>,
    who: Option<Embedding>,
    smoother: Option<Smoother>,
    /// What it looked like when it was last seen, where it may be held.
    glimpse: Option<Glimpse>,
    /// What the detector saw of it then, or those who looked closer.
    found: Option<Found>,
}

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
        self.stir.is_whole()
            && self.tracks.iter().all(|track| {
                track.looks.len() <= LOOKS
                    && track.smoother.iter().all(Smoother::is_whole)
                    && track.glimpse.iter().all(Glimpse::is_whole)
            })
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
        for found in self.find(models, frame, change.stirred)? {
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
    fn find(&mut self, models: &FaceModels, frame: &Frame, stirred: bool) -> Result<Vec<Found>> {
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
        if found.is_empty() || lost || stirred {
            self.memory.stir.looked();
            for newcomer in models.detect(frame)? {
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
                let held = track.glimpse.as_ref().and_then(|seen| seen.held(frame, track.id, way));
                let taken = |face: &Face, by: &[Face]| {
                    by.iter().any(|f| intersection_over_union(f.bounds, face.bounds) > TAKEN)
                };
                faces.extend(held.filter(|face| !taken(face, faces)));
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
            let due = track.unrecognized as f32 * self.frame_seconds >= REFRESH;
            if face.embedding.is_none() && (track.looks.is_empty() || due) {
                face.embedding = Some(recognize(face)?);
            }
            track.take(face, met[i], self.frame_seconds);
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

impl Track {
    fn new(id: u64, face: &Face) -> Self {
        Track {
            id,
            bounds: face.bounds,
            velocity: [0.0; 2],
            missed: 1,
            unrecognized: 0,
            looks: Vec::new(),
            who: None,
            smoother: None,
            glimpse: None,
            found: None,
        }
    }

    /// Where the face should be in this frame, if it keeps moving as it did; it is not trusted to
    /// do so for long.
    fn predicted(&self) -> [f32; 4] {
        let frames = (self.missed + 1).min(8) as f32;
        let [dx, dy] = self.velocity.map(|v| v * frames);
        let [x0, y0, x1, y1] = self.bounds;
        [x0 + dx, y0 + dy, x1 + dx, y1 + dy]
    }

    /// What the detector should see of it in this frame.
    fn expected(&self) -> Option<Found> {
        let Found { bounds, points, score } = self.found.clone()?;
        let frames = (self.missed + 1).min(8) as f32;
        let [dx, dy] = self.velocity.map(|v| v * frames);
        let [x0, y0, x1, y1] = bounds;
        let bounds = [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
        Some(Found { bounds, points: points.map(|[x, y]| [x + dx, y + dy]), score })
    }

    fn reaches(&self, face: &Face) -> bool {
        // The longer it is away, the less is known of where it is.
        let reach = REACH * size(self.bounds) * (1.0 + 0.2 * self.missed.min(10) as f32);
        let ratio = size(face.bounds) / size(self.bounds).max(1.0);
        distance(self.predicted(), face.bounds) < reach && (0.5..2.0).contains(&ratio)
    }

    /// How well a face fits.
    fn gain(&self, face: &Face, met: bool) -> Option<f32> {
        let alike = face.embedding.as_ref().zip(self.who.as_ref()).map(|(a, b)| a.cosine(b));
        if !self.reaches(face) {
            // Somebody who was lost may come back anywhere.
            let back = alike.filter(|c| self.missed > 0 && *c > Embedding::SAME_PERSON);
            return back.map(|c| 1.0 + c);
        }
        let place = intersection_over_union(self.predicted(), face.bounds) + 1.0
            - distance(self.predicted(), face.bounds) / (4.0 * size(self.bounds).max(1.0));
        match alike {
            Some(alike) if met || self.missed > 0 => {
                (alike > STRANGER).then_some(1.0 + place.max(0.0) + IDENTITY * alike)
            }
            _ => Some(1.0 + place.max(0.0)),
        }
    }

    /// Takes the face of this frame, which gets the track's number and is steadied.
    fn take(&mut self, face: &mut Face, met: bool, frame_seconds: f32) {
        let (old, new) = (center(self.bounds), center(face.bounds));
        let frames = self.missed.max(1) as f32;
        if self.looks.is_empty() {
            self.velocity = [0.0; 2];
        } else {
            let now = [0, 1].map(|c| (new[c] - old[c]) / frames);
            self.velocity = [0, 1].map(|c| 0.4 * self.velocity[c] + 0.6 * now[c]);
        }
        let was_lost = self.missed > 1;
        (self.bounds, self.missed, face.track) = (face.bounds, 0, self.id);
        let Face { bounds, points, score, .. } = *face;
        self.found = Some(Found { bounds, points, score });
        if let Some(look) = &face.embedding {
            self.unrecognized = 0;
            // Faces that meet hide each other: what is seen then is not remembered, unless nothing
            // else is known.
            if !met || self.looks.is_empty() {
                self.looks.push(look.clone());
                if self.looks.len() > LOOKS {
                    self.looks.remove(0);
                }
                self.who = Embedding::mean(&self.looks);
            }
        }
        if let Some(landmarks) = &face.landmarks {
            let steadied = match &mut self.smoother {
                Some(smoother) if !was_lost => smoother.next(landmarks, frame_seconds),
                none => {
                    *none = Some(Smoother::new(landmarks));
                    landmarks.clone()
                }
            };
            let steady = Face::meshed(self.id, face.score, steadied);
            *face = Face { embedding: face.embedding.take(), ..steady };
        }
    }
}

fn center([x0, y0, x1, y1]: [f32; 4]) -> [f32; 2] {
    [(x0 + x1) / 2.0, (y0 + y1) / 2.0]
}

/// The longer side.
fn size([x0, y0, x1, y1]: [f32; 4]) -> f32 {
    (x1 - x0).max(y1 - y0)
}

/// Distance of two boxes' centers.
fn distance(a: [f32; 4], b: [f32; 4]) -> f32 {
    let (a, b) = (center(a), center(b));
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests;
