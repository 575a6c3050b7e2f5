//! The small upright picture of a face that occlusion is judged on.

use crate::faces::landmarks::Landmarks;
use crate::imaging::color::Planes;
use crate::imaging::frame::Frame;
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::{Affine, Point};

use super::super::morph::{Extended, extend};

/// Size of the whole canvas in pixels.
pub const SIZE: [usize; 2] = [160, 208];
/// Width of the face on it (landmark 234 to 454).
pub const FACE: f32 = 96.0;
/// Where the middle of the outer eye corners comes to lie.
pub const EYES: Point = [80.0, 80.0];
/// Faces narrower than this many frame pixels are not looked at: they are not swapped either.
const NARROWEST: f32 = 8.0;
/// Margin around the mesh that the blurs need, in canvas pixels.
const MARGIN: f32 = 6.0;

/// How much of the canvas is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// The box of the mesh, which is a third of it.
    Mesh,
}

/// A face turned upright and brought to one size.
pub struct Canvas {
    /// RGB, 0..=255.
    pub rgb: Planes,
    /// Canvas position of the first pixel of `rgb`.
    pub origin: Point,
    /// The mesh with its forehead, in canvas pixels.
    pub points: Extended,
    /// From frame to canvas pixels.
    pub to_canvas: Affine,
    /// From canvas to frame pixels.
    pub to_frame: Affine,
    /// The frame's size in pixels.
    pub frame_size: [f32; 2],
}

impl Canvas {
    /// Reads a face; `None` when it is too small or its landmarks are degenerate.
    pub fn new(frame: &Frame, landmarks: &Landmarks, extent: Extent) -> Option<Self> {
        let to_canvas = upright(landmarks)?;
        let to_frame = to_canvas.inverse()?;
        let depth = to_canvas.scale() as f32;
        let local: Vec<[f32; 3]> = landmarks
            .points
            .iter()
            .map(|p| {
                let [x, y] = to_canvas.apply([p[0], p[1]]);
                [x, y, p[2] * depth]
            })
            .collect();
        let points = extend(&local);
        let [x0, y0, x1, y1] = match extent {
            Extent::Whole => [0, 0, SIZE[0], SIZE[1]],
            Extent::Mesh => mesh_box(&local),
        };
        if x1 < x0 + 16 || y1 < y0 + 16 {
            return None;
        }
        let rgb = read(frame, &to_frame, [x0, y0], [x1 - x0, y1 - y0]);
        Some(Canvas {
            rgb,
            origin: [x0 as f32, y0 as f32],
            points,
            to_canvas,
            to_frame,
            frame_size: [frame.format.width as f32, frame.format.height as f32],
        })
    }
}

/// The similarity that stands the face upright: forehead to chin downwards, [`FACE`] pixels wide,
/// eyes at [`EYES`].
fn upright(landmarks: &Landmarks) -> Option<Affine> {
    let width = landmarks.width();
    let finite = landmarks.points.iter().flatten().all(|v| v.is_finite());
    if !finite || width < NARROWEST {
        return None;
    }
    let (top, chin) = (landmarks.xy(10), landmarks.xy(152));
    let angle = f64::from(chin[0] - top[0]).atan2(f64::from(chin[1] - top[1]));
    let eyes = landmarks.center_of(&[33, 263]);
    Some(Affine::about(eyes, EYES, angle, f64::from(FACE / width)))
}

/// Left, top, right, bottom of the mesh with a margin, within the canvas.
fn mesh_box(points: &[[f32; 3]]) -> [usize; 4] {
    let bound = |c: usize| {
        let low = points.iter().map(|p| p[c]).fold(f32::INFINITY, f32::min) - MARGIN;
        let high = points.iter().map(|p| p[c]).fold(f32::NEG_INFINITY, f32::max) + MARGIN;
        let limit = SIZE[c] as f32;
        (low.floor().clamp(0.0, limit) as usize, high.ceil().clamp(0.0, limit) as usize)
    };
    let ((x0, x1), (y0, y1)) = (bound(0), bound(1));
    [x0, y0, x1, y1]
}

/// Samples a part of the canvas. Where it shrinks the frame, each pixel is the mean of a few
/// samples that lie at most 1.5 frame pixels apart: enough against aliasing, and a third of the
/// cost of reading every frame pixel.
fn read(frame: &Frame, to_frame: &Affine, origin: [usize; 2], size: [usize; 2]) -> Planes {
    let parts = (to_frame.scale() / 1.5).ceil().clamp(1.0, 8.0);
    let [[a, b, tx], [c, d, ty]] = to_frame.0;
    let (x, y) = (
        origin[0] as f64 - 0.5 + 0.5 / parts,
        origin[1] as f64 - 0.5 + 0.5 / parts,
    );
    let fine = Affine([
        [a / parts, b / parts, a * x + b * y + tx],
        [c / parts, d / parts, c * x + d * y + ty],
    ]);
    let parts = parts as usize;
    let rgb = sample_affine(frame, &fine, size[0] * parts, size[1] * parts);
    if parts == 1 { rgb } else { rgb.map(|plane| plane.shrink(size[0], size[1])) }
}
