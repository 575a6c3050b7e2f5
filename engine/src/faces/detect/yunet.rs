//! YuNet (OpenCV's face detector, 2023mar): one prediction a cell on strides of 8, 16 and 32.

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
/// Boxes that overlap a better one more than this are dropped (OpenCV's `nmsThreshold`).
const OVERLAP: f32 = 0.3;

/// The detector.
pub struct YuNet {
    network: Network,
    size: (usize, usize),
}

impl YuNet {
    /// The detector that runs this network.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the entry's input is no multiple of the largest stride.
    pub fn new(network: Network) -> Result<Self> {
        let size = network.size(SIDE);
        check_size("yunet", size)?;
        Ok(YuNet { network, size })
    }
}

impl YuNet {
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
        let levels = levels(outputs, size, 2, 1);
        for level in levels.map_err(|lacking| self.network.misfit(&lacking))? {
            decode(&level, score, scale, &mut found);
        }
        Ok(suppress(found, OVERLAP, 0.0))
    }
}

impl Detect for YuNet {
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

/// Center, logarithms of the sides and offsets of the points, in strides from the cell's corner.
/// The score is the geometric mean of "a face" and "an object", so their order does not matter.
fn decode(level: &Level<'_>, least: f32, scale: f32, found: &mut Vec<Found>) {
    let stride = level.stride as f32;
    let pairs = level.scores[0].iter().zip(level.scores[1]);
    for (i, (a, b)) in pairs.enumerate() {
        let score = (a.clamp(0.0, 1.0) * b.clamp(0.0, 1.0)).sqrt();
        if score.is_nan() || score < least {
            continue;
        }
        let [x, y] = level.corner(i);
        let b = &level.boxes[4 * i..4 * i + 4];
        let (cx, cy) = (x + b[0] * stride, y + b[1] * stride);
        let (w, h) = (b[2].exp() * stride / 2.0, b[3].exp() * stride / 2.0);
        let points: [[f32; 2]; 5] = std::array::from_fn(|k| {
            let at = 10 * i + 2 * k;
            [x + level.points[at] * stride, y + level.points[at + 1] * stride]
        });
        let one = Found {
            bounds: [cx - w, cy - h, cx + w, cy + h].map(|v| v / scale),
            points: points.map(|p| p.map(|v| v / scale)),
            score,
        };
        if one.bounds.iter().chain(one.points.as_flattened()).all(|v| v.is_finite()) {
            found.push(one);
        }
    }
}
