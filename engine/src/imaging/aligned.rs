//! A face's place in a frame as a square crop: cutting the crop out.
//!
//! Putting it back is in [`super::paste`].

use crate::error::{Error, Result};

use super::color::{Planes, YuvMatrix};
use super::field::Field;
use super::frame::{Frame, FrameFormat, Layout};
use super::sample::{Reader, sample_affine};
use super::similarity::{Affine, Point, similarity};
use super::template::Template;
use super::warp::{Grid, coverage};

/// What lies outside the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// Black: insightface's way.
    Black,
    /// The nearest edge: FaceFusion's way.
    Replicate,
}

/// How a crop is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Bilinear, bit for bit as OpenCV's `warpAffine`: what insightface and FaceFusion do.
    Plain,
    /// Bilinear, and an average where the face is larger than the crop, so that it does not alias.
    Smooth,
}

/// A square crop aligned to a face, and the way between it and the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aligned {
    /// Side of the crop in pixels.
    pub size: usize,
    /// Frame pixels → crop pixels.
    pub to_crop: Affine,
    /// Crop pixels → frame pixels.
    pub to_frame: Affine,
}

impl Aligned {
    /// The crop of `size × size` pixels in which a face's five points (eyes, nose, mouth corners;
    /// frame pixels) come nearest to the template's.
    ///
    /// # Errors
    /// When the points coincide or are no numbers.
    pub fn new(points: &[Point; 5], template: Template, size: usize) -> Result<Self> {
        similarity(points, &template.points(size))
            .filter(|map| map.0.as_flattened().iter().all(|v| v.is_finite()))
            .and_then(|to_crop| Some(Aligned { size, to_crop, to_frame: to_crop.inverse()? }))
            .ok_or_else(|| Error::failed("the landmarks of a face coincide"))
    }

    /// Cuts the crop out: RGB 0..=255.
    pub fn crop(&self, frame: &Frame, border: Border, quality: Quality) -> Planes {
        match quality {
            Quality::Plain => self.crop_plain(frame, border),
            Quality::Smooth => {
                let crop = sample_affine(frame, &self.to_frame, self.size, self.size);
                match border {
                    Border::Replicate => crop,
                    Border::Black if self.lies_in(&frame.format) => crop,
                    Border::Black => {
                        let inside = self.inside(&frame.format);
                        crop.map(|plane| plane.zip(&inside, |v, part| v * part))
                    }
                }
            }
        }
    }

    /// How much of every pixel of the crop lies in the frame, 0..=1.
    pub fn inside(&self, format: &FrameFormat) -> Field {
        let (width, height) = (format.width as usize, format.height as usize);
        let grid = Grid::new(&self.to_frame, 0, self.size);
        let rows = (0..self.size).flat_map(|y| grid.row(y));
        let data = rows.map(|p| coverage(p, width, height)).collect();
        Field { width: self.size, height: self.size, data }
    }

    /// Whether every pixel of the crop lies in the frame altogether.
    fn lies_in(&self, format: &FrameFormat) -> bool {
        let last = (self.size - 1) as f32;
        let limits = [format.width, format.height].map(|n| n as f32 - 1.0);
        [[0.0, 0.0], [last, 0.0], [0.0, last], [last, last]].iter().all(|&corner| {
            let place = self.to_frame.apply(corner);
            (0..2).all(|k| (0.0..=limits[k]).contains(&place[k]))
        })
    }

    /// A point of the frame in the crop.
    pub fn point(&self, p: Point) -> Point {
        self.to_crop.apply(p)
    }

    fn crop_plain(&self, frame: &Frame, border: Border) -> Planes {
        let format = &frame.format;
        let (width, height) = (format.width as usize, format.height as usize);
        let matrix = YuvMatrix::new(format.matrix, format.full_range);
        let yuv = matches!(format.layout, Layout::Yuv { .. });
        let whole = whole_steps(format);
        let readers = Reader::all(frame);
        let grid = Grid::new(&self.to_frame, 0, self.size);
        let mut out: Planes = std::array::from_fn(|_| Field::zeros(self.size, self.size));
        for (i, p) in (0..self.size).flat_map(|y| grid.row(y)).enumerate() {
            let part = if border == Border::Black { coverage(p, width, height) } else { 1.0 };
            if part == 0.0 {
                continue;
            }
            let stored = [0, 1, 2].map(|c: usize| readers[c].at(p[0], p[1]));
            let rgb = if yuv {
                matrix.to_rgb(stored[0], stored[1], stored[2]).map(|v| v.clamp(0.0, 255.0))
            } else {
                stored
            };
            for (plane, v) in out.iter_mut().zip(rgb) {
                let v = v * part;
                plane.data[i] = if whole { (v + 0.5).floor() } else { v };
            }
        }
        out
    }
}

/// Whether a frame's colors are the whole numbers that OpenCV's programs work on: 8-bit RGB.
///
/// There, and only there, results are rounded and truncated where those programs do it.
pub fn whole_steps(format: &FrameFormat) -> bool {
    format.depth == 8 && matches!(format.layout, Layout::Packed { .. })
}
