//! The face detector: MediaPipe's full-range BlazeFace, 192×192, one anchor per cell of a 48×48
//! grid.

use crate::error::Result;
use crate::imaging::frame::Frame;
use crate::imaging::sample::{Shrink, sample_affine, thumbnail};
use crate::imaging::similarity::{Affine, Point};
use crate::inference::session::Session;
use crate::models;

use super::landmarks::Region;

/// Side of the network's input in pixels.
const INPUT: usize = 192;
/// Cells per side of the anchor grid.
const GRID: usize = 48;
/// Values per anchor: box center and size, then six points.
const VALUES: usize = 16;
/// Detections below this score are dropped (MediaPipe's default).
const THRESHOLD: f32 = 0.5;
/// Boxes that overlap more than this are one face (MediaPipe's weighted suppression).
const OVERLAP: f32 = 0.3;

/// A found face in frame pixels.
#[derive(Debug, Clone)]
pub struct Detection {
    /// Left, top, right, bottom.
    pub bounds: [f32; 4],
    /// Right eye, left eye (the person's), nose tip, mouth, right ear, left ear.
    pub points: [Point; 6],
    /// 0..=1.
    pub score: f32,
}

impl Detection {
    /// The square around the face that the landmark network wants, turned so that the eyes are
    /// level.
    pub fn region(&self) -> Region {
        let [x0, y0, x1, y1] = self.bounds;
        let (right, left) = (self.points[0], self.points[1]);
        Region {
            center: [(x0 + x1) / 2.0, (y0 + y1) / 2.0],
            side: (x1 - x0).max(y1 - y0) * 1.5,
            angle: (left[1] - right[1]).atan2(left[0] - right[0]),
        }
    }

    fn overlap(&self, other: &Detection) -> f32 {
        intersection_over_union(self.bounds, other.bounds)
    }
}

/// Intersection over union of two boxes (left, top, right, bottom).
pub fn intersection_over_union(a: [f32; 4], b: [f32; 4]) -> f32 {
    let width = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let height = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    let area = |r: [f32; 4]| (r[2] - r[0]) * (r[3] - r[1]);
    let both = width * height;
    both / (area(a) + area(b) - both).max(1e-9)
}

/// The detector network.
pub struct Detector {
    session: Session,
}

impl Detector {
    /// Loads the embedded network.
    ///
    /// # Errors
    /// When the runtime refuses it.
    pub fn load() -> Result<Self> {
        let model = models::embedded(models::id::DETECTOR)?;
        Ok(Detector { session: Session::from_bytes(&model.entry.id, model.bytes, 1)? })
    }

    /// Faces in the whole frame, the best score first. Faces down to about 1/20 of the longer
    /// side are found.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect(&mut self, frame: &Frame) -> Result<Vec<Detection>> {
        let (width, height) = (frame.format.width as f32, frame.format.height as f32);
        let scale = INPUT as f32 / width.max(height);
        let (w, h) = ((width * scale).round().max(1.0), (height * scale).round().max(1.0));
        let small = thumbnail(frame, w as u32, h as u32, Shrink::Area);
        let (left, top) = ((INPUT - w as usize) / 2, (INPUT - h as usize) / 2);
        let mut input = vec![-1.0f32; INPUT * INPUT * 3];
        for (y, row) in small.chunks_exact(w as usize * 3).enumerate() {
            let at = ((top + y) * INPUT + left) * 3;
            for (o, &v) in input[at..].iter_mut().zip(row) {
                *o = f32::from(v) / 127.5 - 1.0;
            }
        }
        let to_frame = Affine([
            [f64::from(width / w), 0.0, -f64::from(left as f32 * width / w)],
            [0.0, f64::from(height / h), -f64::from(top as f32 * height / h)],
        ]);
        self.run(&input, &to_frame)
    }

    /// As [`Self::detect`]; when nothing is found, looks again into nine overlapping parts at
    /// twice the scale, so that small faces in large pictures are found too.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect_thoroughly(&mut self, frame: &Frame) -> Result<Vec<Detection>> {
        let found = self.detect(frame)?;
        let side = frame.format.width.max(frame.format.height) as f32 / 2.0;
        if !found.is_empty() || side < INPUT as f32 / 2.0 {
            return Ok(found);
        }
        let mut all = Vec::new();
        for row in 0..3 {
            for column in 0..3 {
                let place = |i: usize, size: u32| (size as f32 - side).max(0.0) * i as f32 / 2.0;
                let (x, y) = (place(column, frame.format.width), place(row, frame.format.height));
                let step = f64::from(side) / INPUT as f64;
                let map = Affine([[step, 0.0, f64::from(x)], [0.0, step, f64::from(y)]]);
                let [r, g, b] = sample_affine(frame, &map, INPUT, INPUT);
                let input: Vec<f32> = (0..INPUT * INPUT)
                    .flat_map(|i| [r.data[i], g.data[i], b.data[i]])
                    .map(|v| v / 127.5 - 1.0)
                    .collect();
                all.extend(self.run(&input, &map)?);
            }
        }
        Ok(suppress(all))
    }

    fn run(&mut self, input: &[f32], to_frame: &Affine) -> Result<Vec<Detection>> {
        let outputs = self.session.run(&[("input", &[1, INPUT, INPUT, 3], input)])?;
        // The regressors have 16 values an anchor, the logits one.
        let (values, logits) = if outputs[0].shape.last() == Some(&VALUES) {
            (&outputs[0].data, &outputs[1].data)
        } else {
            (&outputs[1].data, &outputs[0].data)
        };
        Ok(suppress(decode(values, logits, to_frame)))
    }
}

/// Anchors over the threshold, as detections in frame pixels.
fn decode(values: &[f32], logits: &[f32], to_frame: &Affine) -> Vec<Detection> {
    let mut found = Vec::new();
    for (i, (&logit, v)) in logits.iter().zip(values.chunks_exact(VALUES)).enumerate() {
        let score = 1.0 / (1.0 + (-logit).exp());
        if score < THRESHOLD || !v.iter().all(|x| x.is_finite()) {
            continue;
        }
        let cell = INPUT as f32 / GRID as f32;
        let anchor = [((i % GRID) as f32 + 0.5) * cell, ((i / GRID) as f32 + 0.5) * cell];
        let place = |dx: f32, dy: f32| to_frame.apply([anchor[0] + dx, anchor[1] + dy]);
        let corner = place(v[0] - v[2] / 2.0, v[1] - v[3] / 2.0);
        let opposite = place(v[0] + v[2] / 2.0, v[1] + v[3] / 2.0);
        found.push(Detection {
            bounds: [corner[0], corner[1], opposite[0], opposite[1]],
            points: std::array::from_fn(|k| place(v[4 + 2 * k], v[5 + 2 * k])),
            score,
        });
    }
    found
}

/// Weighted non-maximum suppression: overlapping boxes become their mean, weighted by score.
fn suppress(mut found: Vec<Detection>) -> Vec<Detection> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept = Vec::new();
    while !found.is_empty() {
        let (group, rest): (Vec<_>, Vec<_>) =
            found.iter().cloned().partition(|d| found[0].overlap(d) > OVERLAP);
        if group.is_empty() {
            // A degenerate box does not even overlap itself.
            found.remove(0);
            continue;
        }
        let total: f32 = group.iter().map(|d| d.score).sum();
        let mean = |f: &dyn Fn(&Detection) -> f32| {
            group.iter().map(|d| f(d) * d.score).sum::<f32>() / total
        };
        kept.push(Detection {
            bounds: std::array::from_fn(|i| mean(&|d| d.bounds[i])),
            points: std::array::from_fn(|p| std::array::from_fn(|c| mean(&|d| d.points[p][c]))),
            score: group[0].score,
        });
        found = rest;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, y: f32, side: f32, score: f32) -> Detection {
        Detection { bounds: [x, y, x + side, y + side], points: [[x, y]; 6], score }
    }

    #[test]
    fn overlapping_boxes_become_one_and_distant_ones_stay() {
        let kept = suppress(vec![
            at(10.0, 10.0, 50.0, 0.6),
            at(12.0, 10.0, 50.0, 0.9),
            at(200.0, 10.0, 50.0, 0.7),
        ]);
        assert_eq!(kept.len(), 2);
        assert_eq!(kept[0].score, 0.9);
        let x = (10.0 * 0.6 + 12.0 * 0.9) / 1.5;
        assert!((kept[0].bounds[0] - x).abs() < 1e-4);
    }

    #[test]
    fn degenerate_boxes_do_not_hang() {
        assert!(suppress(vec![at(1.0, 1.0, 0.0, 0.9)]).is_empty());
    }
}
