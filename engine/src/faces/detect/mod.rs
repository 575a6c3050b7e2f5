//! Finding faces: what every detector gives, and which code runs a catalog entry.
//!
//! A new family is a line in [`load`] and a file here: one that implements [`Detect`], or, where it
//! predicts on grids, one that says what it predicts.

mod blazeface;
mod grid;
mod gridded;
mod near;
mod scrfd;
mod shrink;
mod yunet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::imaging::similarity::Point;
use crate::imaging::turn::Turn;
use crate::inference::Pool;
use crate::models::Role;

use super::landmarks::Region;
use super::network::Network;

use gridded::Gridded;

/// A found face in frame pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Left, top, right, bottom.
    pub bounds: [f32; 4],
    /// Eyes, nose, mouth corners, image-left first.
    pub points: [Point; 5],
    /// 0..=1.
    pub score: f32,
}

impl Found {
    /// How far the face is turned, by the way from its eyes to its mouth.
    pub fn turn(&self) -> Turn {
        turn_of(&self.points)
    }

    /// The square around the face that the mesh network wants, turned so that the eyes are level.
    pub fn region(&self) -> Region {
        let [x0, y0, x1, y1] = self.bounds;
        let (right, left) = (self.points[0], self.points[1]);
        Region {
            center: [(x0 + x1) / 2.0, (y0 + y1) / 2.0],
            side: (x1 - x0).max(y1 - y0) * 1.5,
            angle: (left[1] - right[1]).atan2(left[0] - right[0]),
        }
    }
}

/// How far a face with these points (eyes, nose, mouth corners) is turned.
pub fn turn_of(points: &[Point; 5]) -> Turn {
    let [right, left, _, a, b] = points;
    // Sums, and not means: only the direction counts.
    Turn::of_down([0, 1].map(|c| a[c] + b[c] - right[c] - left[c]))
}

/// Faces that stand upright after any of these turns back, the best score first: the frame is looked
/// at once for each.
///
/// # Errors
/// When the network fails.
pub fn in_turns(
    frame: &Frame,
    turns: &[Turn],
    detect: &dyn Fn(&Frame) -> Result<Vec<Found>>,
) -> Result<Vec<Found>> {
    if let [] | [Turn::Upright] = turns {
        return detect(frame);
    }
    let mut all = Vec::new();
    for &turn in turns {
        let found = match turn {
            Turn::Upright => detect(frame)?,
            _ => detect(&turn.upright(frame))?,
        };
        all.extend(found.into_iter().map(|one| Found {
            bounds: turn.back_bounds(&frame.format, one.bounds),
            points: one.points.map(|point| turn.back(&frame.format, point)),
            score: one.score,
        }));
    }
    // What is seen in two turns is what it is seen as more surely.
    Ok(suppress(all, SAME_FACE, 0.0))
}

/// Boxes from two turns that overlap more than this are one face (SCRFD's own limit within a frame).
const SAME_FACE: f32 = 0.4;

/// Intersection over union of two boxes (left, top, right, bottom).
pub fn intersection_over_union(a: [f32; 4], b: [f32; 4]) -> f32 {
    let width = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let height = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    let area = |r: [f32; 4]| (r[2] - r[0]) * (r[3] - r[1]);
    let both = width * height;
    both / (area(a) + area(b) - both).max(1e-9)
}

/// A face detector.
pub trait Detect: Send {
    /// Faces in the whole frame whose score is at least this, the best first.
    ///
    /// # Errors
    /// When the network fails.
    fn detect(&self, frame: &Frame, score: f32) -> Result<Vec<Found>>;

    /// As [`Self::detect`], for stills, where time does not matter: a detector that misses small
    /// faces looks again, closer.
    ///
    /// # Errors
    /// When the network fails.
    fn detect_thoroughly(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        self.detect(frame, score)
    }

    /// As [`Self::detect`], for those who look at each face with [`Self::detect_near`] afterwards: as
    /// little of the picture as may be is computed, and numbers may differ a little from the former's.
    ///
    /// # Errors
    /// When the network fails.
    fn detect_roughly(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        self.detect(frame, score)
    }

    /// Whether [`Self::detect_large`] is less work than [`Self::detect_roughly`].
    fn can_glance(&self) -> bool {
        false
    }

    /// As [`Self::detect_roughly`], for a part of the work where the detector can do with it (see
    /// [`Self::can_glance`]): faces that are small in the frame may be missed.
    ///
    /// # Errors
    /// When the network fails.
    fn detect_large(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        self.detect_roughly(frame, score)
    }

    /// Whether [`Self::detect_near`] can be asked.
    fn can_follow(&self) -> bool {
        false
    }

    /// The face that should be where `known` says, give or take a fifth of its size, for a small part
    /// of the work of [`Self::detect`]; `None` when there is none.
    ///
    /// # Errors
    /// When the network fails.
    fn detect_near(&self, _frame: &Frame, _known: &Found, _score: f32) -> Result<Option<Found>> {
        Ok(None)
    }
}

/// The detector with this catalog id.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the id names no detector of a known family,
/// [`crate::error::Kind::Missing`] when the model is not here.
pub fn load(pool: &Pool, id: &str) -> Result<Box<dyn Detect>> {
    let entry = Network::entry(pool, id, Role::Detector, "detector")?;
    let network = || Network::load(pool, entry);
    Ok(match entry.family.as_str() {
        "blazeface" => Box::new(blazeface::BlazeFace::load(pool, id)?),
        "scrfd" => Box::new(Gridded::new(&scrfd::SCRFD, network()?, pool)?),
        "yunet" => Box::new(Gridded::new(&yunet::YUNET, network()?, pool)?),
        other => {
            return Err(Error::usage(format!(
                "the detector {id} is of a family that is not known: {other}"
            ))
            .hint("known families: blazeface, scrfd, yunet"));
        }
    })
}

/// Greedy non-maximum suppression: of boxes that overlap a better one by more than `overlap`, only
/// the better stays. `grow` is added to widths and heights (1 where boxes count whole pixels, as
/// insightface does).
fn suppress(mut found: Vec<Found>, overlap: f32, grow: f32) -> Vec<Found> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let inclusive = |b: [f32; 4]| [b[0], b[1], b[2] + grow, b[3] + grow];
    let mut kept: Vec<Found> = Vec::new();
    for one in found {
        let covers = |better: &Found| {
            intersection_over_union(inclusive(better.bounds), inclusive(one.bounds)) > overlap
        };
        if !kept.iter().any(covers) {
            kept.push(one);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, score: f32) -> Found {
        Found { bounds: [x, 0.0, x + 9.0, 9.0], points: [[x, 0.0]; 5], score }
    }

    #[test]
    fn only_the_best_of_overlapping_boxes_stays() {
        let kept = suppress(vec![at(1.0, 0.6), at(0.0, 0.9), at(30.0, 0.7)], 0.4, 1.0);
        assert_eq!(kept.iter().map(|f| f.score).collect::<Vec<_>>(), [0.9, 0.7]);
    }

    #[test]
    fn the_pixel_that_is_added_decides() {
        // 10x10 pixels each, 4 columns shared with the extra one, 3 without.
        let pair = || vec![at(0.0, 0.9), at(6.0, 0.8)];
        assert_eq!(suppress(pair(), 0.24, 1.0).len(), 1);
        assert_eq!(suppress(pair(), 0.24, 0.0).len(), 2);
    }
}
