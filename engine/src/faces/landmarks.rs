//! The 478-point face mesh (MediaPipe face landmarker, 256×256).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::{Affine, Point};
use crate::inference::Pool;
use crate::inference::pool::Shared;
use crate::inference::session::Input;

use super::detect::intersection_over_union;

/// Points of the mesh: 468 of the face, then five for each iris.
pub const COUNT: usize = 478;
/// Points without the irises.
pub const MESH: usize = 468;
/// Side of the network's input in pixels.
const INPUT: usize = 256;
/// A face is there when the network says so with at least this probability.
pub const PRESENCE: f32 = 0.5;

/// A turned square of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// Center in frame pixels.
    pub center: Point,
    /// Side in frame pixels.
    pub side: f32,
    /// Angle of the eye line in radians.
    pub angle: f32,
}

/// A fitted mesh.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Landmarks {
    /// `COUNT` points (x, y, z) in frame pixels; z grows away from the camera.
    pub points: Vec<[f32; 3]>,
    /// How sure the network is that there is a face, 0..=1.
    pub presence: f32,
}

impl Landmarks {
    /// Whether it has all its points: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        self.points.len() == COUNT
    }

    /// A point's position in the picture.
    #[inline]
    pub fn xy(&self, i: usize) -> Point {
        [self.points[i][0], self.points[i][1]]
    }

    /// The mean of some points.
    pub fn center_of(&self, indices: &[usize]) -> Point {
        let sum = indices
            .iter()
            .fold([0.0; 2], |s, &i| [s[0] + self.points[i][0], s[1] + self.points[i][1]]);
        sum.map(|v| v / indices.len() as f32)
    }

    /// The five points of the alignment templates: eyes, nose, mouth corners, image-left first.
    pub fn five(&self) -> [Point; 5] {
        [
            self.center_of(&[33, 133]),
            self.center_of(&[362, 263]),
            self.xy(1),
            self.xy(61),
            self.xy(291),
        ]
    }

    /// Distance of the eye centers in pixels.
    pub fn eye_distance(&self) -> f32 {
        let [right, left, ..] = self.five();
        (right[0] - left[0]).hypot(right[1] - left[1])
    }

    /// Width of the face in pixels: the distance between the points at the ears.
    pub fn width(&self) -> f32 {
        let (a, b) = (self.xy(234), self.xy(454));
        (a[0] - b[0]).hypot(a[1] - b[1])
    }

    /// Left, top, right, bottom of the mesh.
    pub fn bounds(&self) -> [f32; 4] {
        let start = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        self.points[..MESH]
            .iter()
            .fold(start, |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
    }

    /// Area of the bounding box in pixels.
    pub fn area(&self) -> f32 {
        let [x0, y0, x1, y1] = self.bounds();
        (x1 - x0) * (y1 - y0)
    }

    /// Intersection over union of two meshes' boxes.
    pub fn overlap(&self, other: &Landmarks) -> f32 {
        intersection_over_union(self.bounds(), other.bounds())
    }

    /// The region to look at for the same face in the next frame: the mesh's box in the face's
    /// own axes, 1.5 times its longer side.
    pub fn region(&self) -> Region {
        let [right, left, ..] = self.five();
        let angle = (left[1] - right[1]).atan2(left[0] - right[0]);
        let (s, c) = angle.sin_cos();
        let start = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        let [x0, y0, x1, y1] = self.points[..MESH].iter().fold(start, |b, p| {
            let (u, v) = (c * p[0] + s * p[1], c * p[1] - s * p[0]);
            [b[0].min(u), b[1].min(v), b[2].max(u), b[3].max(v)]
        });
        let (u, v) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
        Region { center: [c * u - s * v, s * u + c * v], side: (x1 - x0).max(y1 - y0) * 1.5, angle }
    }
}

/// The landmark network.
pub struct Landmarker {
    network: Arc<Shared>,
}

impl Landmarker {
    /// Loads the network.
    ///
    /// # Errors
    /// When it is not here or the runtime refuses it.
    pub fn load(pool: &Pool, id: &str) -> Result<Self> {
        Ok(Landmarker { network: pool.get(id)? })
    }

    /// Fits the mesh in a region, `passes` times, each pass in the region that the last one
    /// found. `None` when there is no face there.
    ///
    /// # Errors
    /// When the network fails.
    pub fn fit(
        &self,
        frame: &Frame,
        mut region: Region,
        passes: usize,
    ) -> Result<Option<Landmarks>> {
        let mut fitted = None;
        for _ in 0..passes.max(1) {
            let sane = region.side.is_finite() && region.side > 4.0 && region.angle.is_finite();
            if !sane || region.center.iter().any(|v| !v.is_finite()) {
                return Ok(None);
            }
            let landmarks = self.fit_once(frame, region)?;
            if landmarks.presence < PRESENCE {
                return Ok(None);
            }
            region = landmarks.region();
            fitted = Some(landmarks);
        }
        Ok(fitted)
    }

    fn fit_once(&self, frame: &Frame, region: Region) -> Result<Landmarks> {
        let step = f64::from(region.side) / INPUT as f64;
        let half = INPUT as f32 / 2.0;
        // The network counts from the edge of the first pixel, our maps from its center.
        let to_frame = Affine::about([half, half], region.center, f64::from(region.angle), step);
        let pixels = Affine::about([half - 0.5; 2], region.center, f64::from(region.angle), step);
        let [r, g, b] =
            sample_affine(frame, &pixels, INPUT, INPUT).map(|plane| plane.map(|v| v / 255.0).data);
        let mut input = Vec::with_capacity(INPUT * INPUT * 3);
        for ((r, g), b) in r.into_iter().zip(g).zip(b) {
            input.extend([r, g, b]);
        }
        let outputs = self.network.run(&[Input::new("input_12", &[1, INPUT, INPUT, 3], &input)])?;
        let find = |len: usize| outputs.iter().find(|o| o.data.len() == len);
        let (Some(mesh), Some(logit)) = (find(COUNT * 3), find(1)) else {
            return Err(Error::failed("the landmark network has outputs of an unknown shape"));
        };
        let points = mesh
            .data
            .chunks_exact(3)
            .map(|p| {
                let [x, y] = to_frame.apply([p[0], p[1]]);
                [x, y, p[2] * step as f32]
            })
            .collect();
        Ok(Landmarks { points, presence: 1.0 / (1.0 + (-logit.data[0]).exp()) })
    }
}
