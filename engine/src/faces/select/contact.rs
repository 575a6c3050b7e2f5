//! Tracks that touched another one: a tracker may have mixed them up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::Face;
use super::super::detect::intersection_over_union;

/// How long a track stays in doubt after it touched another, in seconds.
const AFTER: f64 = 0.5;
/// Boxes are grown by this share of their sides before they are held against each other.
const MARGIN: f32 = 0.15;

/// Remembers which tracks touched.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contacts {
    /// Where every track was in the last frame that showed it, and when.
    seen: BTreeMap<u64, ([f32; 4], f64)>,
    /// Until when a track is in doubt.
    until: BTreeMap<u64, f64>,
}

impl Contacts {
    /// Takes the faces of the next frame.
    pub fn next(&mut self, faces: &[Face], time: f64) {
        self.seen.retain(|_, (_, then)| time - *then < AFTER);
        for face in faces {
            self.seen.insert(face.track, (face.bounds, time));
        }
        self.until.retain(|_, until| *until >= time);
        for face in faces {
            // Who has just gone may have been taken for somebody who is still here.
            let touches = |(track, (bounds, _)): (&u64, &([f32; 4], f64))| {
                *track != face.track
                    && intersection_over_union(grown(*bounds), grown(face.bounds)) > 0.0
            };
            if self.seen.iter().any(touches) {
                self.until.insert(face.track, time + AFTER);
            }
        }
    }

    /// Whether a track may show somebody else than it did.
    pub fn doubt(&self, track: u64) -> bool {
        self.until.contains_key(&track)
    }
}

fn grown([x0, y0, x1, y1]: [f32; 4]) -> [f32; 4] {
    let (dx, dy) = (MARGIN * (x1 - x0), MARGIN * (y1 - y0));
    [x0 - dx, y0 - dy, x1 + dx, y1 + dy]
}
