//! An aligned crop put back into its frame, under a mask made in the crop.

use multiversion::multiversion;

use super::aligned::Aligned;
use super::color::Planes;
use super::field::Field;
use super::frame::{Frame, FrameFormat};
use super::region::Rect;
use super::rows::{Row, change_rows};
use super::similarity::Affine;
use super::taps::{PART, Places, Scale, Way, locate};
use super::warp::{coverage, together};

/// From here on a crop is averaged down before it is sampled into a frame where it is smaller.
const SHRINKS: f64 = 1.5;

impl Aligned {
    /// Puts a crop back where `mask` (0..=1, of the crop's size) says. Nothing outside the mask is
    /// touched, bit for bit. Returns the rectangle that may have changed; `None` when the mask is
    /// empty or lies outside the frame.
    ///
    /// # Panics
    /// When crop and mask are not `size × size` pixels: that is a bug in the caller.
    pub fn paste(&self, frame: &mut Frame, crop: &Planes, mask: &Field) -> Option<Rect> {
        for field in crop.iter().chain([mask]) {
            assert_eq!((field.width, field.height), (self.size, self.size), "crop of another size");
        }
        let rect = self.footprint(&frame.format, mask)?;
        let scale = self.to_crop.scale();
        if scale > SHRINKS {
            let size = ((self.size as f64 / scale).round() as usize).max(1);
            let small = crop.each_ref().map(|plane| plane.shrink(size, size));
            let map = shrunk(&self.to_crop, self.size, size);
            blend(frame, rect, &map, &small, &mask.shrink(size, size));
        } else {
            blend(frame, rect, &self.to_crop, crop, mask);
        }
        Some(rect)
    }

    /// The part of the frame on which a mask is not zero.
    fn footprint(&self, format: &FrameFormat, mask: &Field) -> Option<Rect> {
        let set = |v: &f32| *v > 0.0;
        let rows: Vec<usize> = (0..mask.height).filter(|&y| mask.row(y).iter().any(set)).collect();
        let (top, bottom) = (*rows.first()?, *rows.last()?);
        let left = rows.iter().filter_map(|&y| mask.row(y).iter().position(set)).min()?;
        let right = rows.iter().filter_map(|&y| mask.row(y).iter().rposition(set)).max()?;
        // A pixel reaches as far as its neighbors' centers.
        let margin = 1.0 + self.to_crop.scale() as f32;
        self.box_of(
            format,
            [left as f32 - margin, top as f32 - margin],
            [right as f32 + margin, bottom as f32 + margin],
            0.0,
        )
    }

    /// The rectangle of the frame around a box of the crop, `margin` frame pixels larger on each
    /// side; `None` when it lies outside the frame.
    pub(super) fn box_of(
        &self,
        format: &FrameFormat,
        [x0, y0]: [f32; 2],
        [x1, y1]: [f32; 2],
        margin: f32,
    ) -> Option<Rect> {
        let corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]].map(|p| self.to_frame.apply(p));
        let low = |i: usize| corners.iter().map(|c| c[i]).fold(f32::INFINITY, f32::min) - margin;
        let high =
            |i: usize| corners.iter().map(|c| c[i]).fold(f32::NEG_INFINITY, f32::max) + margin;
        Rect::within(format, low(0), low(1), high(0) + 1.0, high(1) + 1.0)
    }
}

/// A map into a crop of `from` pixels as one into the same crop of `to` pixels.
fn shrunk(map: &Affine, from: usize, to: usize) -> Affine {
    let k = to as f64 / from as f64;
    Affine(map.0.map(|[a, b, t]| [k * a, k * b, k * (t + 0.5) - 0.5]))
}

/// Draws the crop under the mask into a rectangle of the frame.
fn blend(frame: &mut Frame, rect: Rect, map: &Affine, crop: &Planes, mask: &Field) {
    let size = [mask.width, mask.height];
    let crop = together(crop, mask);
    change_rows(frame, rect, |y, row| {
        let start = map.0.map(|r| r[0] * rect.x as f64 + r[1] * (rect.y + y) as f64 + r[2]);
        blend_row(row, start, map.0.map(|r| r[0]), &crop, size);
    });
}

/// Makes of a row of the frame by how much it is to change. The first of its pixels lies at `start` in
/// the crop, each further one a `step` on.
#[multiversion(targets("x86_64+avx+avx2"))]
fn blend_row(row: &mut Row, start: [f64; 2], step: [f64; 2], crop: &[[f32; 4]], size: [usize; 2]) {
    let [red, green, blue] = row;
    let [width, height] = size;
    let mut places = Places::NONE;
    let (mut new, mut there) = ([[0.0; 4]; PART], [1.0; PART]);
    let parts = red.chunks_mut(PART).zip(green.chunks_mut(PART)).zip(blue.chunks_mut(PART));
    for (number, ((red, green), blue)) in parts.enumerate() {
        let first = [0, 1].map(|k: usize| start[k] + step[k] * (number * PART) as f64);
        let at = |i: usize| [0, 1].map(|k: usize| (first[k] + step[k] * i as f64) as f32);
        let way = Way([0, 1].map(|k: usize| [step[k] as f32, 0.0, first[k] as f32]));
        locate(&mut places, &way, [0.0; 2], size, Scale::WHOLE);
        // What lies between two pixels that are there altogether is there, too.
        if [at(0), at(PART - 1)].iter().all(|&p| coverage(p, width, height) == 1.0) {
            there.fill(1.0);
        } else {
            there = std::array::from_fn(|i| coverage(at(i), width, height));
        }
        for (i, new) in new.iter_mut().enumerate().take(red.len()) {
            let [a, b, c, d] = places.corners(i).map(|at| crop[at]);
            let [fx, fy] = [places.part[0][i], places.part[1][i]];
            *new = std::array::from_fn(|k| {
                let top = a[k] + (b[k] - a[k]) * fx;
                let bottom = c[k] + (d[k] - c[k]) * fx;
                top + (bottom - top) * fy
            });
        }
        let colors = red.iter_mut().zip(green).zip(blue);
        for (((r, g), b), (new, there)) in colors.zip(new.iter().zip(&there)) {
            let m = there * new[3].clamp(0.0, 1.0);
            for (old, new) in [r, g, b].into_iter().zip(new) {
                *old = if m > 0.0 { m * (new - *old) } else { 0.0 };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::warp::Tap;

    #[test]
    fn a_row_is_the_same_inside_and_beside_it() {
        let size = [9, 7];
        let crop: Vec<[f32; 4]> = (0..63)
            .map(|i| [i as f32, 2.0 * i as f32, 255.0 - i as f32, (i % 5) as f32 / 4.0])
            .collect();
        let (start, step) = ([-1.5, 1.2], [0.07, 0.02]);
        let mut row: Row = std::array::from_fn(|c| (0..150).map(|x| (x * 3 + c) as f32).collect());
        let before = row.clone();
        blend_row(&mut row, start, step, &crop, size);
        for x in 0..150 {
            let p = [0, 1].map(|k: usize| (start[k] + step[k] * x as f64) as f32);
            let new = Tap::new(p, 9, 7).of_four(&crop);
            let m = coverage(p, 9, 7) * new[3];
            for c in 0..3 {
                let want = m * (new[c] - before[c][x]);
                assert!((row[c][x] - want).abs() < 1e-3, "{x} {c}: {} for {want}", row[c][x]);
            }
        }
    }
}
