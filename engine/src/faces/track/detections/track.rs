//! One person on their way through the frames.

use serde::{Deserialize, Serialize};

use super::super::super::Face;
use super::super::super::detect::{Found, intersection_over_union};
use super::super::super::recognize::Embedding;
use super::super::super::smooth::Smoother;
use super::super::super::steady::Steady;
use super::super::hold::Glimpse;

/// A face farther from where a track should be than this many of its sizes is not on it.
const REACH: f32 = 0.7;
/// How much more identity counts than place where tracks meet.
const IDENTITY: f32 = 3.0;
/// Where tracks meet, a face less like a track's than this is not on it.
const STRANGER: f32 = 0.2;
/// How many looks make up what is known of a face.
const LOOKS: usize = 6;

/// One person while they are in sight, and a little longer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Track {
    pub(super) id: u64,
    pub(super) bounds: [f32; 4],
    /// Movement of the box's center in pixels a frame.
    pub(super) velocity: [f32; 2],
    /// Frames since it was last seen.
    pub(super) missed: u32,
    /// Frames since it was last recognized.
    pub(super) unrecognized: u32,
    /// The last looks at it, and their mean.
    pub(super) looks: Vec<Embedding>,
    who: Option<Embedding>,
    smoother: Option<Smoother>,
    /// Steadies the five points, where there are no more.
    steady: Option<Steady>,
    /// What it looked like when it was last seen, where it may be held.
    pub(super) glimpse: Option<Glimpse>,
    /// What the detector saw of it then, or those who looked closer.
    found: Option<Found>,
}

impl Track {
    pub(super) fn new(id: u64, face: &Face) -> Self {
        Track {
            id,
            bounds: face.bounds,
            velocity: [0.0; 2],
            missed: 1,
            unrecognized: 0,
            looks: Vec::new(),
            who: None,
            smoother: None,
            steady: None,
            glimpse: None,
            found: None,
        }
    }

    /// Whether it can be worked with: what was read from a file may not.
    pub(super) fn is_whole(&self) -> bool {
        self.looks.len() <= LOOKS
            && self.smoother.iter().all(Smoother::is_whole)
            && self.glimpse.iter().all(Glimpse::is_whole)
    }

    /// Where the face should be in this frame, if it keeps moving as it did; it is not trusted to
    /// do so for long.
    pub(super) fn predicted(&self) -> [f32; 4] {
        let frames = (self.missed + 1).min(8) as f32;
        let [dx, dy] = self.velocity.map(|v| v * frames);
        let [x0, y0, x1, y1] = self.bounds;
        [x0 + dx, y0 + dy, x1 + dx, y1 + dy]
    }

    /// What the detector should see of it in this frame.
    pub(super) fn expected(&self) -> Option<Found> {
        let Found { bounds, points, score } = self.found.clone()?;
        let frames = (self.missed + 1).min(8) as f32;
        let [dx, dy] = self.velocity.map(|v| v * frames);
        let [x0, y0, x1, y1] = bounds;
        let bounds = [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
        Some(Found { bounds, points: points.map(|[x, y]| [x + dx, y + dy]), score })
    }

    pub(super) fn reaches(&self, face: &Face) -> bool {
        // The longer it is away, the less is known of where it is.
        let reach = REACH * size(self.bounds) * (1.0 + 0.2 * self.missed.min(10) as f32);
        let ratio = size(face.bounds) / size(self.bounds).max(1.0);
        distance(self.predicted(), face.bounds) < reach && (0.5..2.0).contains(&ratio)
    }

    /// How well a face fits.
    pub(super) fn gain(&self, face: &Face, met: bool) -> Option<f32> {
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

    /// Takes the face of this frame, which gets the track's number and is steadied; five points alone
    /// only where they are to be `steady`.
    pub(super) fn take(&mut self, face: &mut Face, met: bool, steady: bool, frame_seconds: f32) {
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
        } else if steady {
            let width = face.bounds[2] - face.bounds[0];
            match &mut self.steady {
                Some(steady) if !was_lost => {
                    face.points = steady.next(&face.points, width, frame_seconds);
                }
                none => *none = Some(Steady::new(&face.points)),
            }
        }
    }
}

pub(super) fn center([x0, y0, x1, y1]: [f32; 4]) -> [f32; 2] {
    [(x0 + x1) / 2.0, (y0 + y1) / 2.0]
}

/// The longer side.
pub(super) fn size([x0, y0, x1, y1]: [f32; 4]) -> f32 {
    (x1 - x0).max(y1 - y0)
}

/// Distance of two boxes' centers.
pub(super) fn distance(a: [f32; 4], b: [f32; 4]) -> f32 {
    let (a, b) = (center(a), center(b));
    (a[0] - b[0]).hypot(a[1] - b[1])
}
