//! SCRFD with key points (insightface's `det_10g` and its kin): two anchors a cell on strides of 8,
//! 16 and 32.

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::inference::session::Output;

use super::super::network::Network;
use super::grid::{Level, check_size, levels};
use super::near::near;
use super::shrink::Canvas;
use super::{Detect, Found, suppress};

/// Side of the input where the network takes any.
const SIDE: usize = 640;
/// Anchors in a cell.
const ANCHORS: usize = 2;
/// Boxes that overlap a better one more than this are dropped (insightface's `nms_thresh`).
const OVERLAP: f32 = 0.4;

/// The detector.
pub struct Scrfd {
    network: Network,
    size: (usize, usize),
}

impl Scrfd {
    /// The detector that runs this network.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the entry's input is no multiple of the largest stride.
    pub fn new(network: Network) -> Result<Self> {
        let size = network.size(SIDE);
        check_size("scrfd", size)?;
        Ok(Scrfd { network, size })
    }
}

impl Scrfd {
    /// The faces in what the network says of a picture of this size, `scale` of its pixels a pixel of
    /// the frame.
    fn faces(
        &self,
        outputs: &[Output],
        size: (usize, usize),
        scale: f32,
        score: f32,
    ) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        let levels = levels(outputs, size, 1, ANCHORS);
        for level in levels.map_err(|lacking| self.network.misfit(&lacking))? {
            decode(&level, score, scale, &mut found);
        }
        Ok(suppress(found, OVERLAP, 1.0))
    }
}

impl Detect for Scrfd {
    fn detect(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        let canvas = Canvas::of(frame, self.size);
        let outputs = self.network.run_bytes(self.size, &canvas.rgb)?;
        self.faces(&outputs, self.size, canvas.scale, score)
    }

    fn can_follow(&self) -> bool {
        self.network.takes_any_size()
    }

    fn detect_near(&self, frame: &Frame, known: &Found, score: f32) -> Result<Option<Found>> {
        near(frame, known, |picture, size| {
            self.faces(&self.network.run_crop(picture)?, size, 1.0, score)
        })
    }
}

/// Distances from the anchor to the sides of the box and offsets of the points, in strides.
fn decode(level: &Level<'_>, least: f32, scale: f32, found: &mut Vec<Found>) {
    let stride = level.stride as f32;
    for (i, &score) in level.scores[0].iter().enumerate().filter(|(_, s)| **s >= least) {
        let [cx, cy] = level.corner(i);
        let [left, top, right, bottom] = std::array::from_fn(|k| level.boxes[4 * i + k] * stride);
        let points: [[f32; 2]; 5] = std::array::from_fn(|k| {
            let at = 10 * i + 2 * k;
            [cx + level.points[at] * stride, cy + level.points[at + 1] * stride]
        });
        let one = Found {
            bounds: [cx - left, cy - top, cx + right, cy + bottom].map(|v| v / scale),
            points: points.map(|p| p.map(|v| v / scale)),
            score,
        };
        if one.bounds.iter().chain(one.points.as_flattened()).all(|v| v.is_finite()) {
            found.push(one);
        }
    }
}
