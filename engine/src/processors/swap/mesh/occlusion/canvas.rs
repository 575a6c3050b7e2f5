//! The small upright picture of a face that occlusion is judged on.

use crate::faces::landmarks::Landmarks;
use crate::imaging::color::Planes;
use crate::imaging::frame::Frame;
use crate::imaging::similarity::{Affine, Point};

use super::super::morph::{Extended, extend};
use super::super::sampler::sample;

/// Width of the face in pixels (landmark 234 to 454).
pub const FACE: f32 = 96.0;
/// Faces narrower than this many frame pixels are not looked at: they are not swapped either.
const NARROWEST: f32 = 8.0;
/// Margin around the mesh in pixels: what the blurs and the mask's neighborhood need.
const MARGIN: f32 = 6.0;
/// How far the canvas reaches from the middle of the eyes at most: left and right, up, down. A
/// face in profile is narrow between its ears' points, so all the rest of it gets large.
const REACH: [f32; 3] = [80.0, 80.0, 128.0];

/// A face turned upright, brought to one size and cut out.
pub struct Canvas {
    /// RGB, 0..=255.
    pub rgb: Planes,
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
    pub fn new(frame: &Frame, landmarks: &Landmarks) -> Option<Self> {
        let upright = upright(landmarks)?;
        let mut points = carry(&extend(&landmarks.points), &upright);
        let [x0, y0, x1, y1] = cut(&points);
        for p in &mut points {
            *p = [p[0] - x0, p[1] - y0, p[2]];
        }
        let [[a, b, tx], [c, d, ty]] = upright.0;
        let to_canvas = Affine([[a, b, tx - f64::from(x0)], [c, d, ty - f64::from(y0)]]);
        let to_frame = to_canvas.inverse()?;
        let (width, height) = ((x1 - x0) as usize, (y1 - y0) as usize);
        if width < 16 || height < 16 {
            return None;
        }
        Some(Canvas {
            rgb: sample(frame, &to_frame, width, height),
            points,
            to_canvas,
            to_frame,
            frame_size: [frame.format.width as f32, frame.format.height as f32],
        })
    }

    /// Pixels per row.
    pub fn width(&self) -> usize {
        self.rgb[0].width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.rgb[0].height
    }

    /// Height of a row in the face: 0 at the outer eye corners, 1 at the chin.
    pub fn level(&self, y: usize) -> f32 {
        let eyes = (self.points[33][1] + self.points[263][1]) / 2.0;
        (y as f32 - eyes) / (self.points[152][1] - eyes).max(1.0)
    }
}

/// The similarity that stands the face upright, forehead to chin downwards, [`FACE`] pixels wide,
/// with the middle of the outer eye corners at 0.
fn upright(landmarks: &Landmarks) -> Option<Affine> {
    let width = landmarks.width();
    let finite = landmarks.points.iter().flatten().all(|v| v.is_finite());
    if !finite || width < NARROWEST {
        return None;
    }
    let (top, chin): (Point, Point) = (landmarks.xy(10), landmarks.xy(152));
    let angle = f64::from(chin[0] - top[0]).atan2(f64::from(chin[1] - top[1]));
    let eyes = landmarks.center_of(&[33, 263]);
    Some(Affine::about(eyes, [0.0; 2], angle, f64::from(FACE / width)))
}

fn carry(points: &[[f32; 3]], map: &Affine) -> Extended {
    let scale = map.scale() as f32;
    points
        .iter()
        .map(|p| {
            let [x, y] = map.apply([p[0], p[1]]);
            [x, y, p[2] * scale]
        })
        .collect()
}

/// Left, top, right, bottom of the mesh with a margin, in whole pixels.
fn cut(points: &[[f32; 3]]) -> [f32; 4] {
    let low = |c: usize| points.iter().map(|p| p[c]).fold(f32::INFINITY, f32::min) - MARGIN;
    let high = |c: usize| points.iter().map(|p| p[c]).fold(f32::NEG_INFINITY, f32::max) + MARGIN;
    let [aside, up, down] = REACH;
    [
        low(0).clamp(-aside, aside).floor(),
        low(1).clamp(-up, down).floor(),
        high(0).clamp(-aside, aside).ceil(),
        high(1).clamp(-up, down).ceil(),
    ]
}
