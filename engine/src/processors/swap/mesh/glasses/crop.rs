//! The band around the eyes, level and at one size, that glasses are judged on.

use crate::faces::landmarks::Landmarks;
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::frame::Frame;
use crate::imaging::similarity::{Affine, Point};

use super::super::sampler::sample;

/// Width and height in pixels.
pub const SIZE: [usize; 2] = [256, 200];
/// Where the middle of the outer eye corners lies.
const MIDDLE: Point = [128.0, 100.0];
/// Their distance.
const EYES: f32 = 100.0;
/// Eyes closer than this many pixels show no frame.
const CLOSEST: f32 = 16.0;

/// A leveled crop.
pub struct Crop {
    /// RGB, 0..=255.
    pub rgb: Planes,
    /// The landmarks in crop pixels.
    pub points: Vec<[f32; 3]>,
}

impl Crop {
    /// Out of a frame; `None` when the face is too small.
    pub fn of_frame(frame: &Frame, face: &Landmarks) -> Option<Self> {
        let level = level(face)?;
        let rgb = sample(frame, &level.inverse()?, SIZE[0], SIZE[1]);
        Some(Crop { rgb, points: carry(face, &level) })
    }

    /// Out of a picture whose pixels the landmarks count in.
    pub fn of_picture(rgb: &Planes, face: &Landmarks) -> Option<Self> {
        let level = level(face)?;
        Some(Crop { rgb: resample(rgb, &level.inverse()?, SIZE), points: carry(face, &level) })
    }
}

/// The crop at half its size, out of a picture: for what is smooth.
pub fn half_size(rgb: &Planes, to_picture: &Affine) -> Planes {
    let [x, y] = to_picture.0.map(|[a, b, t]| [2.0 * a, 2.0 * b, t + (a + b) / 2.0]);
    resample(rgb, &Affine([x, y]), SIZE.map(|v| v / 2))
}

/// The similarity that levels the eyes.
pub fn level(face: &Landmarks) -> Option<Affine> {
    let (a, b) = (face.xy(33), face.xy(263));
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let distance = dx.hypot(dy);
    let finite = face.points.iter().flatten().all(|v| v.is_finite());
    if !finite || distance < CLOSEST {
        return None;
    }
    let angle = -f64::from(dy).atan2(f64::from(dx));
    Some(Affine::about(face.center_of(&[33, 263]), MIDDLE, angle, f64::from(EYES / distance)))
}

/// Landmarks in crop pixels.
pub fn carry(face: &Landmarks, map: &Affine) -> Vec<[f32; 3]> {
    let scale = map.scale() as f32;
    face.points
        .iter()
        .map(|p| {
            let [x, y] = map.apply([p[0], p[1]]);
            [x, y, p[2] * scale]
        })
        .collect()
}

fn resample(rgb: &Planes, map: &Affine, size: [usize; 2]) -> Planes {
    // Bilinear samples at most two pixels apart miss nothing.
    let parts = (map.scale() / 2.0).ceil().clamp(1.0, 8.0) as usize;
    let [[a, b, tx], [c, d, ty]] = map.0.map(|row| row.map(|v| v as f32));
    let part = |k: usize| (k as f32 + 0.5) / parts as f32 - 0.5;
    std::array::from_fn(|channel| {
        Field::from_fn(size[0], size[1], |x, y| {
            let mut sum = 0.0;
            for k in 0..parts * parts {
                let (px, py) = (x as f32 + part(k % parts), y as f32 + part(k / parts));
                sum += rgb[channel].bilinear(a * px + b * py + tx, c * px + d * py + ty);
            }
            sum / (parts * parts) as f32
        })
    })
}
