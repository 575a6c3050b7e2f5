//! Glasses: whether a face wears them, and how to keep their ends from floating.
//!
//! A swap ends at the face's outline, a frame does not. The target's frame would end in the middle
//! of nowhere where the new face begins, and the source's frame would be cut off hard. So the
//! frame's ends are painted over on both sides: outside the outline and a little within it.

mod crop;
mod fill;
mod find;
mod gray;
mod rim;
#[cfg(test)]
mod tests;
mod thin;
mod watch;

pub use watch::GlassesWatch;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::faces::landmarks::Landmarks;
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::frame::Frame;
use crate::imaging::mask::{Mask, polygon};
use crate::imaging::region::Rect;
use crate::imaging::similarity::Point;

use super::features::{pick, threshold};
use super::topology::Topology;
use crop::{Crop, SIZE, carry, half_size, level};

/// From this depth inside the outline on, in pixels of the crop (the face is about 150 wide), the
/// frame stays…
const KEPT: f32 = 18.0;
/// …and over this many pixels it fades out.
const FADE: f32 = 8.0;

/// Somebody's glasses, in the eyes' own coordinates: good for the frames that follow, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Glasses {
    /// The frame with a soft edge.
    soft: Field,
    /// 0 for pixels whose color comes from elsewhere; half the crop's size.
    known: Field,
    /// Left, top, right, bottom of `soft` where it is not 0.
    extent: [f32; 4],
}

impl Glasses {
    /// The glasses a face of a frame wears.
    pub fn in_frame(frame: &Frame, face: &Landmarks) -> Option<Self> {
        find::frame_in(&Crop::of_frame(frame, face)?).map(|mask| Self::new(&mask))
    }

    /// The same for a picture whose pixels the landmarks count in.
    pub fn in_picture(rgb: &Planes, face: &Landmarks) -> Option<Self> {
        find::frame_in(&Crop::of_picture(rgb, face)?).map(|mask| Self::new(&mask))
    }

    fn new(frame: &Mask) -> Self {
        let mut soft = gaussian(&frame.dilate(3.0).to_field(), 1.2);
        // A temple that leaves the crop fades out before it does.
        for (i, v) in soft.data.iter_mut().enumerate() {
            let (x, y) = (i % SIZE[0], i / SIZE[0]);
            let edge = x.min(y).min(SIZE[0] - 1 - x).min(SIZE[1] - 1 - y);
            *v *= (edge as f32 / 8.0).min(1.0);
        }
        let mut extent = [SIZE[0] as f32, SIZE[1] as f32, 0.0, 0.0];
        for (i, _) in soft.data.iter().enumerate().filter(|(_, v)| **v > 0.0) {
            let (x, y) = ((i % SIZE[0]) as f32, (i / SIZE[0]) as f32);
            extent = [extent[0].min(x), extent[1].min(y), extent[2].max(x), extent[3].max(y)];
        }
        let hole = frame.dilate(4.0);
        let known = Field::from_fn(SIZE[0] / 2, SIZE[1] / 2, |x, y| {
            let free = |dx: usize, dy: usize| !hole.at(2 * x + dx, 2 * y + dy);
            f32::from(u8::from(free(0, 0) && free(1, 0) && free(0, 1) && free(1, 1)))
        });
        Glasses { soft, known, extent }
    }

    /// Whether they can be worked with: what was read from a file may not.
    pub fn are_whole(&self) -> bool {
        self.soft.is(SIZE[0], SIZE[1]) && self.known.is(SIZE[0] / 2, SIZE[1] / 2)
    }

    /// Left, top, right and bottom, in frame pixels, of what [`Glasses::remove_ends`] may change.
    pub fn bounds(&self, face: &Landmarks) -> Option<[f32; 4]> {
        let to_frame = level(face)?.inverse()?;
        let [x0, y0, x1, y1] = self.extent;
        let corners = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]].map(|p| to_frame.apply(p));
        let start = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        Some(
            corners.iter().fold(start, |b, p| {
                [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
            }),
        )
    }

    /// Paints over the frame's ends. `rgb` is what the picture shows in `rect`; the landmarks
    /// count in the picture's pixels.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn remove_ends(&self, rgb: &mut Planes, rect: Rect, face: &Landmarks) -> Result<()> {
        let mut local = face.clone();
        for p in &mut local.points {
            *p = [p[0] - rect.x as f32, p[1] - rect.y as f32, p[2]];
        }
        let (Some(to_crop), Some(bounds)) = (level(&local), self.bounds(&local)) else {
            return Ok(());
        };
        let Some(to_picture) = to_crop.inverse() else { return Ok(()) };
        // The fill and the depth are smooth: half the size is enough.
        let filled = fill::fill(&half_size(rgb, &to_picture), &self.known);
        let outline: Vec<Point> = pick(&carry(&local, &to_crop), &Topology::get()?.oval)
            .iter()
            .map(|p| p.map(halved))
            .collect();
        let depth = threshold(&polygon(SIZE[0] / 2, SIZE[1] / 2, &outline)).depth();
        let span = |c: usize, size: usize| {
            let low = bounds[c].floor().clamp(0.0, size as f32) as usize;
            low..(bounds[c + 2].ceil() + 1.0).clamp(0.0, size as f32) as usize
        };
        let (columns, rows) = (span(0, rgb[0].width), span(1, rgb[0].height));
        let [[a, b, tx], [c, d, ty]] = to_crop.0.map(|row| row.map(|v| v as f32));
        for y in rows {
            for x in columns.clone() {
                let (u, v) = (x as f32, y as f32);
                let (u, v) = (a * u + b * v + tx, c * u + d * v + ty);
                let soft = self.soft.bilinear(u, v);
                if soft <= 0.0 {
                    continue;
                }
                let (u, v) = (halved(u), halved(v));
                let inside = 2.0 * depth.bilinear(u, v);
                let share = soft * ((KEPT - inside) / FADE).clamp(0.0, 1.0);
                if share <= 0.0 {
                    continue;
                }
                for (plane, fill) in rgb.iter_mut().zip(&filled) {
                    let old = &mut plane.data[y * rect.width + x];
                    *old += (fill.bilinear(u, v) - *old) * share;
                }
            }
        }
        Ok(())
    }
}

/// A crop position in the crop of half the size.
fn halved(v: f32) -> f32 {
    (v - 0.5) / 2.0
}
