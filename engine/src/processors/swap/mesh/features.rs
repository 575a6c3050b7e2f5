//! Where on a coarse grid the features of a face are, and where its skin is.

use crate::imaging::field::Field;
use crate::imaging::mask::{Mask, convex_hull, polygon};
use crate::imaging::similarity::Point;

use super::topology::{BROWS, EYES, LIPS, NOSE_HULL};

/// Positions of some points in a grid.
pub fn pick(points: &[[f32; 3]], indices: &[usize]) -> Vec<Point> {
    indices.iter().map(|&i| [points[i][0], points[i][1]]).collect()
}

/// The convex hull of some points, filled.
pub fn hull(points: &[[f32; 3]], indices: &[usize], width: usize, height: usize) -> Mask {
    let field = polygon(width, height, &convex_hull(&pick(points, indices)));
    threshold(&field)
}

/// Pixels that are at least half covered.
pub fn threshold(field: &Field) -> Mask {
    Mask {
        width: field.width,
        height: field.height,
        data: field.data.iter().map(|&v| v >= 0.5).collect(),
    }
}

/// Lips, brows, eyes and the nose's hull, the first three grown by 1/40 of the face's width:
/// what shading and skin color must not be fitted to.
pub fn features(points: &[[f32; 3]], face_width: f32, width: usize, height: usize) -> Mask {
    with_nose(lips_brows_eyes(points, face_width, width, height), points)
}

/// A mask with the nose's hull.
pub fn with_nose(mask: Mask, points: &[[f32; 3]]) -> Mask {
    let nose = hull(points, &NOSE_HULL, mask.width, mask.height);
    mask.combine(&nose, |a, b| a || b)
}

/// Lips, brows and eyes, grown by 1/40 of the face's width: what is no skin.
pub fn lips_brows_eyes(points: &[[f32; 3]], face_width: f32, width: usize, height: usize) -> Mask {
    let mut all = Mask::empty(width, height);
    let parts: [&[usize]; 5] = [&LIPS, &BROWS[0], &BROWS[1], &EYES[0], &EYES[1]];
    for part in parts {
        all = all.combine(&hull(points, part, width, height), |a, b| a || b);
    }
    all.dilate((0.025 * face_width).max(1.0))
}

/// A face's own axes in a grid: v runs from the eye line (0) to the chin (1).
#[derive(Debug, Clone, Copy)]
pub struct Axes {
    eyes: Point,
    down: Point,
    height: f32,
}

impl Axes {
    /// The axes of a mesh.
    pub fn of(points: &[[f32; 3]]) -> Self {
        let at = |i: usize| [points[i][0], points[i][1]];
        let (top, chin) = (at(10), at(152));
        let length = (chin[0] - top[0]).hypot(chin[1] - top[1]).max(1e-3);
        let down = [(chin[0] - top[0]) / length, (chin[1] - top[1]) / length];
        let (a, b) = (at(33), at(263));
        let eyes = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
        let height = ((chin[0] - eyes[0]) * down[0] + (chin[1] - eyes[1]) * down[1]).max(1e-3);
        Axes { eyes, down, height }
    }

    /// Height of a position: 0 at the eyes, 1 at the chin, negative above the eyes.
    #[inline]
    pub fn v(&self, x: f32, y: f32) -> f32 {
        ((x - self.eyes[0]) * self.down[0] + (y - self.eyes[1]) * self.down[1]) / self.height
    }

    /// Position across the face in samples, 0 on its middle line.
    #[inline]
    pub fn across(&self, x: f32, y: f32) -> f32 {
        (x - self.eyes[0]) * self.down[1] - (y - self.eyes[1]) * self.down[0]
    }
}
