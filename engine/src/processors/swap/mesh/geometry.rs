//! The geometry of one swap: who goes where, and how much the source shrinks on the way.

use crate::error::Result;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::frame::Frame;
use crate::imaging::region::Rect;
use crate::imaging::similarity::Point;

use super::morph::{extend, morph};
use super::raster::WarpMap;
use super::source::SourceFace;
use super::target::TargetFace;
use super::topology::Topology;

/// Blur of the source for each pixel of it that falls on one pixel of the target.
const BLUR: f32 = 0.4;

/// A source's shape laid over a target.
pub struct Geometry {
    /// The target's extended mesh in frame pixels.
    pub target: Vec<[f32; 3]>,
    /// The same with the source's shape.
    pub shaped: Vec<[f32; 3]>,
    /// The face's width in frame pixels.
    pub width: f32,
    /// The part of the frame that may change.
    pub rect: Rect,
    /// For each triangle the source pixels that fall on one frame pixel, in the direction in
    /// which it is most.
    pub shrinking: Vec<f32>,
}

impl Geometry {
    /// Lays a source's shape over a target; `None` when the face is outside the frame or smaller
    /// than 8 pixels. The rectangle depends on the target only.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn new(frame: &Frame, source: &SourceFace, face: &TargetFace) -> Result<Option<Self>> {
        let topology = Topology::get()?;
        let target = &face.landmarks;
        let width = target.width();
        let finite = target.points.iter().flatten().all(|v| v.is_finite());
        if !finite || width < 8.0 {
            return Ok(None);
        }
        let extended = extend(&target.points);
        let mut bounds = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        for p in &extended {
            bounds = [
                bounds[0].min(p[0]),
                bounds[1].min(p[1]),
                bounds[2].max(p[0]),
                bounds[3].max(p[1]),
            ];
        }
        // The widest band of the blend reaches about this far beyond the outline.
        let margin = 0.18 * width + 4.0;
        let [mut x0, mut y0] = [bounds[0] - margin, bounds[1] - margin];
        let [mut x1, mut y1] = [bounds[2] + margin, bounds[3] + margin];
        if let Some(b) = face.glasses.as_ref().and_then(|g| g.bounds(target)) {
            (x0, y0) = (x0.min(b[0]), y0.min(b[1]));
            (x1, y1) = (x1.max(b[2]), y1.max(b[3]));
        }
        let rect = Rect::within(&frame.format, x0, y0, x1, y1);
        let Some(rect) = rect.filter(|r| r.width >= 8 && r.height >= 8) else { return Ok(None) };
        let shaped = extend(&morph(&source.landmarks, target)?);
        let shrinking = topology
            .triangles
            .iter()
            .map(|t| {
                largest_scale(t.map(|v| [shaped[v][0], shaped[v][1]]), t.map(|v| source.flat[v]))
            })
            .collect();
        Ok(Some(Geometry { target: extended, shaped, width, rect, shrinking }))
    }

    /// The blur with which the source is to be sampled on a map of this geometry, in source
    /// pixels; `step` is the frame pixels on one sample of the map.
    pub fn blur(&self, map: &WarpMap, step: f32) -> Field {
        let (w, h) = (map.width, map.height);
        let flat = |f: &dyn Fn(u16) -> f32| Field {
            width: w,
            height: h,
            data: map.triangle.iter().map(|&t| f(t)).collect(),
        };
        let covered = flat(&|t| f32::from(u8::from(self.shrinking.get(t as usize).is_some())));
        let scales = flat(&|t| self.shrinking.get(t as usize).copied().unwrap_or(0.0));
        let sigma = 0.012 * self.width / step;
        gaussian(&scales, sigma).zip(&gaussian(&covered, sigma), |s, c| {
            let scale = s / (c + 1e-3) * step;
            if scale > 1.0 { BLUR * scale } else { 0.0 }
        })
    }
}

/// The largest singular value of the affine map that takes triangle `p` to `q`, within .5..=12.
fn largest_scale(p: [Point; 3], q: [Point; 3]) -> f32 {
    let edge = |t: &[Point; 3], i: usize| [t[i][0] - t[0][0], t[i][1] - t[0][1]];
    let (e, f) = ([edge(&p, 1), edge(&p, 2)], [edge(&q, 1), edge(&q, 2)]);
    let det = e[0][0] * e[1][1] - e[0][1] * e[1][0];
    if det.abs() < 1e-2 {
        return 1.0;
    }
    let m = [0, 1].map(|c: usize| {
        [
            (f[0][c] * e[1][1] - f[1][c] * e[0][1]) / det,
            (f[1][c] * e[0][0] - f[0][c] * e[1][0]) / det,
        ]
    });
    let norm = m.iter().flatten().map(|v| v * v).sum::<f32>();
    let area = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    let root = (norm * norm - 4.0 * area * area).max(0.0).sqrt();
    ((norm + root) / 2.0).sqrt().clamp(0.5, 12.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_is_the_largest_stretch() {
        let p = [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]];
        let q = p.map(|[x, y]| [3.0 * x, 0.8 * y]);
        assert!((largest_scale(p, q) - 3.0).abs() < 1e-4);
        assert_eq!(largest_scale([[1.0, 1.0]; 3], p), 1.0);
    }
}
