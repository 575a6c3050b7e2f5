//! An aligned crop put back into its frame, under a mask made in the crop.

use std::ops::Range;

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
    let step = map.0.map(|r| r[0]);
    let start = |[x, y]: [usize; 2]| {
        map.0.map(|r| r[0] * (rect.x + x) as f64 + r[1] * (rect.y + y) as f64 + r[2])
    };
    let span = |y| within(start([0, y]), step, size, rect.width);
    change_rows(frame, rect, span, |at, row| blend_row(row, start(at), step, &crop, size));
}

/// Which of `count` pixels lie on a crop of this size, or so near that it shows there. The first of
/// them lies at `start` in the crop, each further one a `step` on.
fn within(start: [f64; 2], step: [f64; 2], size: [usize; 2], count: usize) -> Range<usize> {
    let (mut first, mut end) = (0.0, count as f64);
    for k in 0..2 {
        // A pixel to spare on each side, for what is lost in rounding.
        let (low, high) = (-2.0 - start[k], size[k] as f64 + 1.0 - start[k]);
        if step[k].abs() > 1e-9 {
            let [a, b] = [low / step[k], high / step[k]];
            (first, end) = (a.min(b).floor().max(first), (a.max(b).ceil() + 1.0).min(end));
        } else if low > 0.0 || high < 0.0 {
            return 0..0;
        }
    }
    if first < end { first as usize..end as usize } else { 0..0 }
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
    use proptest::prelude::*;

    use super::*;
    use crate::imaging::warp::Tap;

    proptest! {
        #[test]
        fn outside_of_the_span_nothing_of_the_crop_shows(
            start in prop::array::uniform2(-300.0f64..300.0),
            step in prop::array::uniform2(prop_oneof![-3.0f64..3.0, Just(0.0), -1e-8..1e-8]),
            size in prop::array::uniform2(1usize..200),
        ) {
            let span = within(start, step, size, 300);
            prop_assert!(span.end <= 300);
            let of = |x: usize| {
                let p = [0, 1].map(|k: usize| (start[k] + step[k] * x as f64) as f32);
                coverage(p, size[0], size[1])
            };
            let (mut inside, mut shown) = (0, 0);
            for x in 0..300 {
                inside += usize::from(span.contains(&x));
                shown += usize::from(of(x) > 0.0);
                prop_assert!(of(x) == 0.0 || span.contains(&x), "{} of {:?}", x, span);
            }
            // It is no larger than it has to be, but for what it spares.
            let quick = step.iter().all(|v| v.abs() > 0.2);
            prop_assert!(!quick || shown == 0 || inside - shown <= 24, "{} for {}", inside, shown);
        }
    }

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
