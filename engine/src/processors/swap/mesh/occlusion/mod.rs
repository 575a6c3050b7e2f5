//! What is in front of the target's lower face: hands, microphones, cups, masks.
//!
//! In a video each track has an [`Occluder`], which learns the face and finds what departs from
//! it. A single image is judged by [`in_still`], which is more careful: it knows hard-edged things
//! of another color than the skin, but no hands.

mod canvas;
mod departure;
mod model;
mod occluder;
mod part;
mod still;
#[cfg(test)]
mod tests;
mod uv;

pub use occluder::Occluder;

use crate::error::Result;
use crate::faces::landmarks::Landmarks;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::frame::Frame;
use crate::imaging::mask::Mask;
use crate::imaging::similarity::{Affine, Point};

use canvas::{Canvas, FACE};

/// What covers a face in one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct OcclusionMask {
    share: Field,
    near: Mask,
    to_canvas: [[f32; 3]; 2],
}

impl OcclusionMask {
    /// From a mask of the canvas, 0..=1.
    fn new(mask: &Field, to_canvas: &Affine) -> Self {
        let share = gaussian(mask, 0.010 * FACE).map(|v| (1.6 * v - 0.3).clamp(0.0, 1.0));
        let covered = Mask {
            width: share.width,
            height: share.height,
            data: share.data.iter().map(|&v| v > 0.1).collect(),
        };
        OcclusionMask {
            near: covered.dilate(0.02 * FACE),
            share,
            to_canvas: to_canvas.0.map(|row| row.map(|v| v as f32)),
        }
    }

    /// How much of the face is covered at a frame position: 0 bare, 1 covered, soft edges.
    #[inline]
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let [cx, cy] = self.locate(x, y);
        let inside = cx > 0.0
            && cy > 0.0
            && cx < (self.share.width - 1) as f32
            && cy < (self.share.height - 1) as f32;
        if inside { self.share.bilinear(cx, cy) } else { 0.0 }
    }

    /// Whether a frame position is covered or so close to it that its color must not be taken for
    /// skin.
    #[inline]
    pub fn is_near(&self, x: f32, y: f32) -> bool {
        let [cx, cy] = self.locate(x, y).map(f32::round);
        let inside =
            cx >= 0.0 && cy >= 0.0 && cx < self.near.width as f32 && cy < self.near.height as f32;
        inside && self.near.at(cx as usize, cy as usize)
    }

    #[inline]
    fn locate(&self, x: f32, y: f32) -> Point {
        self.to_canvas.map(|[a, b, c]| a * x + b * y + c)
    }
}

/// What covers a face in a single image; `None` when nothing does.
///
/// # Errors
/// When the embedded mesh cannot be read.
pub fn in_still(frame: &Frame, face: &Landmarks) -> Result<Option<OcclusionMask>> {
    let Some(canvas) = Canvas::new(frame, face) else { return Ok(None) };
    let found = still::find(&canvas)?;
    Ok(found.map(|mask| OcclusionMask::new(&mask.to_field(), &canvas.to_canvas)))
}
