//! The two resolutions a face is worked on: every pixel, and a coarse grid for all that is soft.

use crate::imaging::region::Rect;
use crate::imaging::similarity::Point;

/// Width of the face in samples of the coarse grid. Masks and light are softer than its samples.
pub const COARSE_FACE: f32 = 96.0;

/// A rectangle of the frame with a number of samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Samples per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    origin: Point,
    step: Point,
}

impl Grid {
    /// One sample a pixel.
    pub fn fine(rect: Rect) -> Self {
        Grid {
            width: rect.width,
            height: rect.height,
            origin: [rect.x as f32, rect.y as f32],
            step: [1.0, 1.0],
        }
    }

    /// The coarse grid over a rectangle in which the face is `face_width` pixels wide. Never
    /// finer than the pixels.
    pub fn coarse(rect: Rect, face_width: f32) -> Self {
        let step = (face_width / COARSE_FACE).max(1.0);
        let count = |pixels: usize| ((pixels as f32 / step).round() as usize).clamp(1, pixels);
        let (width, height) = (count(rect.width), count(rect.height));
        Grid {
            width,
            height,
            origin: [rect.x as f32, rect.y as f32],
            step: [rect.width as f32 / width as f32, rect.height as f32 / height as f32],
        }
    }

    /// A frame position in samples of the grid.
    #[inline]
    pub fn locate(&self, p: Point) -> Point {
        [0, 1].map(|c: usize| (p[c] - self.origin[c] + 0.5) / self.step[c] - 0.5)
    }

    /// The frame position of a sample.
    #[inline]
    pub fn place(&self, x: usize, y: usize) -> Point {
        let at = |i: usize, c: usize| (i as f32 + 0.5) * self.step[c] - 0.5 + self.origin[c];
        [at(x, 0), at(y, 1)]
    }

    /// Points with depth in samples of the grid.
    pub fn locate_all(&self, points: &[[f32; 3]]) -> Vec<[f32; 3]> {
        points
            .iter()
            .map(|p| {
                let [x, y] = self.locate([p[0], p[1]]);
                [x, y, p[2] / self.step[0]]
            })
            .collect()
    }
}
