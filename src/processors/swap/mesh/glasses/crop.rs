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
        let map = level.inverse()?;
        // Bilinear samples at most two pixels apart miss nothing.
        let parts = (map.scale() / 2.0).ceil().clamp(1.0, 8.0) as usize;
        let planes = std::array::from_fn(|c| resample(&rgb[c], &map, parts));
        Some(Crop { rgb: planes, points: carry(face, &level) })
    }
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

fn carry(face: &Landmarks, map: &Affine) -> Vec<[f32; 3]> {
    let scale = map.scale() as f32;
    face.points
        .iter()
        .map(|p| {
            let [x, y] = map.apply([p[0], p[1]]);
            [x, y, p[2] * scale]
        })
        .collect()
}

fn resample(plane: &Field, map: &Affine, parts: usize) -> Field {
    let [[a, b, tx], [c, d, ty]] = map.0.map(|row| row.map(|v| v as f32));
    let part = |k: usize| (k as f32 + 0.5) / parts as f32 - 0.5;
    Field::from_fn(SIZE[0], SIZE[1], |x, y| {
        let mut sum = 0.0;
        for k in 0..parts * parts {
            let (px, py) = (x as f32 + part(k % parts), y as f32 + part(k / parts));
            sum += plane.bilinear(a * px + b * py + tx, c * px + d * py + ty);
        }
        sum / (parts * parts) as f32
    })
}
