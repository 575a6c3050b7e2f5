//! Folds and jumps of a map, mended: else dots of the target or of far-off source pixels would show
//! at the corners of mouth and eyes.

use std::ops::Range;

use crate::imaging::field::Field;
use crate::imaging::similarity::Point;

use super::raster::{NONE, WarpMap};

impl WarpMap {
    /// Gives pixels that no triangle covers, but that lie in a fold inside the face, the mean map
    /// of their neighbors; and smooths the map where it jumps.
    pub fn mend(&mut self, inside: &Field, largest_step: f32) {
        if self.width < 3 || self.height < 3 {
            return;
        }
        let mut holes = self.holes(inside);
        for _ in 0..3 {
            self.fill(&mut holes);
        }
        self.smooth_jumps(largest_step);
    }

    /// The pixels inside that no triangle covers, without the outermost ones of the map.
    fn holes(&self, inside: &Field) -> Vec<usize> {
        let (w, h) = (self.width, self.height);
        let mut holes = Vec::new();
        for y in 1..h - 1 {
            let row = y * w + 1..(y + 1) * w - 1;
            let (triangles, inside) = (&self.triangle[row.clone()], &inside.data[row.clone()]);
            let is_hole = |(&t, &inside): (&u16, &f32)| t == NONE && inside >= 0.5;
            // All of a row in one step: most have none.
            if triangles.iter().zip(inside).fold(false, |any, pixel| any | is_hole(pixel)) {
                let pixels = row.zip(triangles.iter().zip(inside));
                holes.extend(pixels.filter(|(_, pixel)| is_hole(*pixel)).map(|(i, _)| i));
            }
        }
        holes
    }

    /// Fills the holes with at least three known neighbors; leaves the others.
    fn fill(&mut self, holes: &mut Vec<usize>) {
        let w = self.width;
        let mut filled = Vec::new();
        holes.retain(|&i| {
            let known: Vec<usize> = around(i, w).into_iter().filter(|&n| self.covered(n)).collect();
            if known.len() < 3 {
                return true;
            }
            let mean = [0, 1].map(|c: usize| {
                known.iter().map(|&n| self.source[n][c]).sum::<f32>() / known.len() as f32
            });
            filled.push((i, mean, self.triangle[known[0]]));
            false
        });
        for (i, mean, triangle) in filled {
            (self.source[i], self.triangle[i]) = (mean, triangle);
        }
    }

    /// Whether neighbors differ by more than a step: those in two rows, or in one that is given
    /// without its first pixel, too.
    fn any_jump(&self, first: Range<usize>, second: Range<usize>, largest_step: f32) -> bool {
        let pixels =
            |range: Range<usize>| self.source[range.clone()].iter().zip(&self.triangle[range]);
        pixels(first).zip(pixels(second)).fold(false, |any, ((&a, &t), (&b, &s))| {
            any | ((t != NONE) & (s != NONE) & (step(a, b) > largest_step))
        })
    }

    /// A 3×3 median, of x and y each on its own, where neighbors differ by more than a step.
    fn smooth_jumps(&mut self, largest_step: f32) {
        let (w, h) = (self.width, self.height);
        let row = |y: usize| y * w..(y + 1) * w;
        let mut mended = Vec::new();
        let mut above = self.any_jump(row(0), row(1), largest_step);
        for y in 1..h - 1 {
            let below = self.any_jump(row(y), row(y + 1), largest_step);
            let beside =
                self.any_jump(y * w..(y + 1) * w - 1, y * w + 1..(y + 1) * w, largest_step);
            // Most rows have none.
            if above || beside || below {
                self.smooth_row(y, largest_step, &mut mended);
            }
            above = below;
        }
        for (i, median) in mended {
            self.source[i] = median;
        }
    }

    /// Finds the medians of a row.
    fn smooth_row(&self, y: usize, largest_step: f32, mended: &mut Vec<(usize, Point)>) {
        let w = self.width;
        for i in y * w + 1..(y + 1) * w - 1 {
            if !self.covered(i) {
                continue;
            }
            let jumps =
                |n: usize| self.covered(n) && step(self.source[n], self.source[i]) > largest_step;
            if !(jumps(i - 1) || jumps(i + 1) || jumps(i - w) || jumps(i + w)) {
                continue;
            }
            let near = || [i].into_iter().chain(around(i, w)).filter(|&n| self.covered(n));
            let median = [0, 1].map(|c: usize| {
                let mut values: Vec<f32> = near().map(|n| self.source[n][c]).collect();
                let middle = values.len() / 2;
                *values.select_nth_unstable_by(middle, f32::total_cmp).1
            });
            mended.push((i, median));
        }
    }
}

/// The pixels around one, in a map of this width.
fn around(i: usize, w: usize) -> [usize; 8] {
    [i - w - 1, i - w, i - w + 1, i - 1, i + 1, i + w - 1, i + w, i + w + 1]
}

/// How far the map is from one pixel to another.
#[inline]
fn step([a, b]: Point, [u, v]: Point) -> f32 {
    (a - u).abs().max((b - v).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_inside_are_filled_from_their_neighbors() {
        let mut map = WarpMap {
            width: 12,
            height: 12,
            source: (0..144).map(|i| [(i % 12) as f32, (i / 12) as f32]).collect(),
            triangle: vec![7; 144],
        };
        for i in [65, 66, 77, 78] {
            map.triangle[i] = NONE;
            map.source[i] = [500.0, 500.0];
        }
        map.mend(&Field::filled(12, 12, 1.0), 3.0);
        for i in [65, 66, 77, 78] {
            assert!(map.covered(i));
            let (x, y) = ((i % 12) as f32, (i / 12) as f32);
            assert!((map.source[i][0] - x).abs() < 1.0 && (map.source[i][1] - y).abs() < 1.0);
        }
    }
}
