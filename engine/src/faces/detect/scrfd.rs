//! SCRFD with key points (insightface's `det_10g` and its kin): two anchors a cell on strides of 8,
//! 16 and 32.

use super::grid::Level;
use super::gridded::Family;

/// Scores as they are; distances from the anchor to the sides of the box, in strides.
pub const SCRFD: Family = Family {
    name: "scrfd",
    scores: 1,
    priors: 2,
    // insightface's `nms_thresh`, and its boxes that hold both their edges.
    overlap: 0.4,
    growth: 1.0,
    score: |level, i| level.scores[0][i],
    bounds,
};

fn bounds(level: &Level<'_>, i: usize) -> [f32; 4] {
    let [x, y] = level.corner(i);
    let stride = level.stride as f32;
    let [left, top, right, bottom] = std::array::from_fn(|k| level.boxes[4 * i + k] * stride);
    [x - left, y - top, x + right, y + bottom]
}
