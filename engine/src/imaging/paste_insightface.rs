//! Paste-back in insightface's arithmetic (`INSwapper.get` with `paste_back`): a square, eroded
//! and blurred in the frame. What roop's pixels are.
//!
//! The original works on the whole frame, with OpenCV. Here the same numbers are computed, in the
//! same order of additions where the order shows, for the pixels that can change.

use super::aligned::{Aligned, whole_steps};
use super::color::Planes;
use super::field::Field;
use super::frame::Frame;
use super::region::Rect;
use super::rows::change_rows;
use super::warp::{Grid, Tap, coverage, together};

mod blur;
mod erode;

use blur::blur;
use erode::{FULL, Shares, erode};

/// A pixel of the warped white square (255) brighter than 20 counts as white; what is darker stays
/// as it is.
const LEAST: f32 = 20.0 / 255.0;

impl Aligned {
    /// Puts a crop (RGB 0..=255) back as insightface does. Returns the rectangle that may have
    /// changed; `None` when the crop lies outside the frame.
    ///
    /// In frames of 8-bit RGB the crop is rounded and the result truncated to whole numbers, as
    /// there; in others the change is added as it is.
    ///
    /// # Panics
    /// When the crop is not `size × size` pixels: that is a bug in the caller.
    pub fn paste_insightface(&self, frame: &mut Frame, crop: &Planes) -> Option<Rect> {
        for plane in crop {
            assert_eq!((plane.width, plane.height), (self.size, self.size), "crop of another size");
        }
        let side = self.size as f64 * self.to_frame.scale();
        // The blur reaches a twentieth of the square's box, whose diagonal is at most √2 sides.
        let margin = (side * 0.075).max(5.0) as f32 + 3.0;
        let end = self.size as f32;
        let rect = self.box_of(&frame.format, [-1.0; 2], [end; 2], margin)?;
        let grid = Grid::new(&self.to_crop, rect.x, rect.width);
        let mask = soft_square(&grid, rect, self.size)?;
        blend(frame, rect, &grid, crop, &mask);
        Some(rect)
    }
}

/// The weight of the crop in every pixel of the rectangle, 0..=1; `None` where the square leaves
/// no trace.
fn soft_square(grid: &Grid, rect: Rect, size: usize) -> Option<Field> {
    let mut white = Shares::none(rect.width, rect.height);
    for y in 0..rect.height {
        for (share, p) in white.row_mut(y).iter_mut().zip(grid.row(rect.y + y)) {
            let part = coverage(p, size, size);
            *share = if part > LEAST { FULL } else { (part * f32::from(FULL)) as i16 };
        }
    }
    let [width, height] = white.extent()?;
    let mask_size = ((width * height) as f64).sqrt() as usize;
    let eroded = erode(&white, (mask_size / 10).max(10));
    Some(blur(&eroded, (mask_size / 20).max(5)))
}

/// Makes the frame `mask·crop + (1 − mask)·frame`.
fn blend(frame: &mut Frame, rect: Rect, grid: &Grid, crop: &Planes, mask: &Field) {
    let whole = whole_steps(&frame.format);
    let size = crop[0].width;
    let crop = together(crop, &crop[0]);
    let span = |y| {
        let is_set = |v: &f32| *v != 0.0;
        let row = mask.row(y);
        let first = row.iter().position(is_set).unwrap_or(row.len());
        first..row.iter().rposition(is_set).map_or(first, |last| last + 1)
    };
    change_rows(frame, rect, span, |[left, y], [red, green, blue]| {
        let colors = red.iter_mut().zip(green).zip(blue);
        let places = grid.row(rect.y + y).zip(mask.row(y)).skip(left);
        for (((r, g), b), (p, &m)) in colors.zip(places) {
            if m == 0.0 {
                [*r, *g, *b] = [0.0; 3];
                continue;
            }
            let part = coverage(p, size, size);
            let new = Tap::new(p, size, size).of_four(&crop);
            for (old, new) in [r, g, b].into_iter().zip(new.map(|new| new * part)) {
                *old = if whole {
                    (m * (new + 0.5).floor() + (1.0 - m) * *old).trunc() - *old
                } else {
                    m * (new - *old)
                };
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};
    use crate::imaging::similarity::Affine;

    const WIDTH: usize = 230;
    const HEIGHT: usize = 170;

    fn frame() -> Frame {
        let format = FrameFormat {
            width: WIDTH as u32,
            height: HEIGHT as u32,
            layout: Layout::Packed { channels: 3 },
            depth: 8,
            matrix: Matrix::Bt709,
            full_range: true,
        };
        let data = (0..WIDTH * HEIGHT * 3).map(|i| (40 + (i * 37 + i / 690 * 11) % 160) as u8);
        Frame::new(format, data.collect())
    }

    /// Where every pixel of the frame goes.
    fn positions(aligned: &Aligned) -> Vec<[f32; 2]> {
        let grid = Grid::new(&aligned.to_crop, 0, WIDTH);
        (0..HEIGHT).flat_map(|y| grid.row(y).collect::<Vec<_>>()).collect()
    }

    /// The definition, on the whole frame and in double precision: the weight of the crop.
    fn weights(aligned: &Aligned) -> Vec<f64> {
        let white = |p: [f32; 2]| {
            let v = 255.0 * f64::from(coverage(p, aligned.size, aligned.size));
            if v > 20.0 { 255.0 } else { v }
        };
        let all: Vec<f64> = positions(aligned).into_iter().map(white).collect();
        let full = |i: &usize| all[*i] == 255.0;
        let xs: Vec<usize> = (0..all.len()).filter(full).map(|i| i % WIDTH).collect();
        let ys: Vec<usize> = (0..all.len()).filter(full).map(|i| i / WIDTH).collect();
        let span = |v: &[usize]| (v.iter().max().unwrap() - v.iter().min().unwrap()) as f64;
        let side = (span(&xs) * span(&ys)).sqrt() as usize;
        let k = (side / 10).max(10) as isize;
        let get = |v: &[f64], x: isize, y: isize| v[y as usize * WIDTH + x as usize];
        let (w, h) = (WIDTH as isize, HEIGHT as isize);
        let place = |i: usize| ((i % WIDTH) as isize, (i / WIDTH) as isize);
        let eroded: Vec<f64> = (0..all.len())
            .map(|i| {
                let (x, y) = place(i);
                let near = (0..k * k).map(|j| (x + j % k - k / 2, y + j / k - k / 2));
                near.filter(|(u, v)| (0..w).contains(u) && (0..h).contains(v))
                    .map(|(u, v)| get(&all, u, v))
                    .fold(255.0, f64::min)
            })
            .collect();
        let r = (side / 20).max(5) as isize;
        let sigma = 0.3 * (r as f64 - 1.0) + 0.8;
        let kernel = |d: isize| (-((d * d) as f64) / (2.0 * sigma * sigma)).exp();
        let sum: f64 = (-r..=r).map(kernel).sum();
        let mirrored = |v: isize, n: isize| if v < 0 { -v } else { v.min(2 * n - 2 - v) };
        let pass = |from: &[f64], across: bool| -> Vec<f64> {
            let at = |x: isize, y: isize, d: isize| match across {
                true => get(from, mirrored(x + d, w), y),
                false => get(from, x, mirrored(y + d, h)),
            };
            (0..from.len())
                .map(place)
                .map(|(x, y)| (-r..=r).map(|d| kernel(d) * at(x, y, d)).sum::<f64>() / sum)
                .collect()
        };
        pass(&pass(&eroded, true), false).into_iter().map(|v| v / 255.0).collect()
    }

    #[test]
    fn the_region_gives_what_the_whole_frame_gives() {
        let size = 128;
        let crop: Planes = std::array::from_fn(|c| {
            Field::from_fn(size, size, |x, y| (60 + (x + 2 * y + 30 * c) / 3) as f32)
        });
        // Inside, over each border, larger than the frame, and smaller than the crop; among the
        // sides of the erosion are powers of two.
        for (x, y, angle, scale) in [
            (115.0, 85.0, 0.3, 1.0),
            (20.0, 85.0, 0.0, 1.26),
            (215.0, 150.0, -0.8, 0.9),
            (110.0, 5.0, 1.2, 0.4),
            (120.0, 80.0, 0.1, 2.5),
        ] {
            let to_frame = Affine::about([64.0, 64.0], [x, y], angle, scale);
            let to_crop = to_frame.inverse().unwrap();
            let aligned = Aligned { size, to_crop, to_frame };
            let before = frame();
            let mut after = before.clone();
            aligned.paste_insightface(&mut after, &crop).unwrap();
            let weights = weights(&aligned);
            let mut changed = 0;
            for (i, (&m, p)) in weights.iter().zip(positions(&aligned)).enumerate() {
                let part = coverage(p, size, size);
                let tap = Tap::new(p, size, size);
                for (c, plane) in crop.iter().enumerate() {
                    let (old, got) = (before.data[3 * i + c], after.data[3 * i + c]);
                    let new = f64::from((tap.of(plane) * part + 0.5).floor());
                    let want = m * new + (1.0 - m) * f64::from(old);
                    let off = f64::from(got) - want;
                    // Truncation takes up to one step.
                    assert!(off < 1e-3 && off > -1.001, "{x} at {i}: {got} for {want}");
                    changed += usize::from(got != old);
                    assert!(m > 0.0 || got == old, "{x} at {i}");
                }
            }
            assert!(changed > 1000, "{x}: {changed}");
        }
    }
}
