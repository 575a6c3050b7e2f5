//! A look at one face with a network that was made to look at whole frames: a small picture of the
//! place where it should be, in which it has the size that the network knows best.
//!
//! The picture is averaged where the face is larger than there, so its points are steadier than those
//! of a whole frame that was scaled down without.

use crate::error::Result;
use crate::imaging::aligned::{Border, Quality};
use crate::imaging::color::Planes;
use crate::imaging::frame::Frame;
use crate::imaging::similarity::spanned;

use super::super::crop::around;
use super::{Found, intersection_over_union};

/// Side of the picture in pixels: a multiple of every stride. A sixteenth of the pixels of 640×640.
const SIDE: usize = 160;
/// The longer side of the face in it: there are 30 pixels around for where it went.
const FACE: f64 = 100.0;
/// What is found overlaps what is looked for at least so much.
const SAME: f32 = 0.3;

/// Cuts the picture out and gives it to `look`, which finds faces in it; the one that overlaps the known
/// face most, in frame pixels.
///
/// # Errors
/// When `look` fails.
pub fn near(
    frame: &Frame,
    known: &Found,
    look: impl FnOnce(&Planes, (usize, usize)) -> Result<Vec<Found>>,
) -> Result<Option<Found>> {
    let Some(window) = around(known.bounds, known.turn(), SIDE, FACE) else { return Ok(None) };
    let picture = window.crop(frame, Border::Black, Quality::Smooth);
    let found = look(&picture, (SIDE, SIDE))?.into_iter().map(|one| {
        let [x0, y0, x1, y1] = one.bounds;
        Found {
            bounds: spanned(window.to_frame.apply([x0, y0]), window.to_frame.apply([x1, y1])),
            points: one.points.map(|point| window.to_frame.apply(point)),
            score: one.score,
        }
    });
    let overlap = |one: &Found| intersection_over_union(one.bounds, known.bounds);
    Ok(found.filter(|one| overlap(one) > SAME).max_by(|a, b| overlap(a).total_cmp(&overlap(b))))
}
