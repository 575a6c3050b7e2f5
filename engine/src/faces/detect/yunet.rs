//! YuNet (OpenCV's face detector, 2023mar): one prediction a cell on strides of 8, 16 and 32.

use super::grid::Level;
use super::gridded::Family;

/// Center and logarithms of the sides, in strides from the cell's corner. The score is the geometric
/// mean of "a face" and "an object", so their order does not matter.
pub const YUNET: Family = Family {
    name: "yunet",
    scores: 2,
    priors: 1,
    // OpenCV's `nmsThreshold`.
    overlap: 0.3,
    growth: 0.0,
    score: |level, i| {
        let [a, b] = [0, 1].map(|k: usize| level.scores[k][i].clamp(0.0, 1.0));
        (a * b).sqrt()
    },
    bounds,
};

fn bounds(level: &Level<'_>, i: usize) -> [f32; 4] {
    let [x, y] = level.corner(i);
    let stride = level.stride as f32;
    let b = &level.boxes[4 * i..4 * i + 4];
    let (cx, cy) = (x + b[0] * stride, y + b[1] * stride);
    let (w, h) = (b[2].exp() * stride / 2.0, b[3].exp() * stride / 2.0);
    [cx - w, cy - h, cx + w, cy + h]
}
