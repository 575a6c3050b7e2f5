//! Paste-back in insightface's arithmetic (`INSwapper.get` with `paste_back`): a square, eroded
//! and blurred in the frame. What roop's pixels are.
//!
//! The original works on the whole frame, with OpenCV. Here the same numbers are computed, in the
//! same order of additions where the order shows, for the pixels that can change.

use super::aligned::{Aligned, whole_steps};
use super::color::Planes;
use super::field::Field;
use super::frame::Frame;
use super::region::{Rect, add_delta, native_delta, read_rgb};
use super::warp::{Grid, Tap, coverage};

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
        let delta = delta(frame, rect, &grid, crop, &mask);
        add_delta(frame, rect, &native_delta(&frame.format, &delta));
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

/// `mask·crop + (1 − mask)·frame`, less the frame.
fn delta(frame: &Frame, rect: Rect, grid: &Grid, crop: &Planes, mask: &Field) -> Planes {
    let whole = whole_steps(&frame.format);
    let size = crop[0].width;
    let mut out = read_rgb(frame, rect);
    for y in 0..rect.height {
        for (x, p) in grid.row(rect.y + y).enumerate() {
            let i = y * rect.width + x;
            let m = mask.data[i];
            if m == 0.0 {
                out.iter_mut().for_each(|plane| plane.data[i] = 0.0);
                continue;
            }
            let part = coverage(p, size, size);
            let tap = Tap::new(p, size, size);
            for (plane, crop) in out.iter_mut().zip(crop) {
                let (old, new) = (plane.data[i], tap.of(crop) * part);
                plane.data[i] = if whole {
                    (m * (new + 0.5).floor() + (1.0 - m) * old).trunc() - old
                } else {
                    m * (new - old)
                };
            }
        }
    }
    out
}
