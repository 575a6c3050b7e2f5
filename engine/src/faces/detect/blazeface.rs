//! The face detector: MediaPipe's full-range BlazeFace, 192×192, one anchor per cell of a 48×48
//! grid.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::imaging::sample::{Shrink, sample_affine, thumbnail};
use crate::imaging::similarity::{Affine, Point};
use crate::inference::Pool;
use crate::inference::pool::Shared;
use crate::inference::session::Input;

use super::{Detect, Found, intersection_over_union};

/// Side of the network's input in pixels.
const INPUT: usize = 192;
/// Cells per side of the anchor grid.
const GRID: usize = 48;
/// Values per anchor: box center and size, then six points.
const VALUES: usize = 16;
/// Boxes that overlap more than this are one face (MediaPipe's weighted suppression).
const OVERLAP: f32 = 0.3;
/// Width of the mouth in distances of the eyes, from ArcFace's template.
const MOUTH: f32 = 0.83;

/// A found face in frame pixels.
#[derive(Debug, Clone)]
struct Detection {
    /// Left, top, right, bottom.
    bounds: [f32; 4],
    /// Right eye, left eye (the person's), nose tip, mouth, right ear, left ear.
    points: [Point; 6],
    /// 0..=1.
    score: f32,
}

impl Detection {
    fn overlap(&self, other: &Detection) -> f32 {
        intersection_over_union(self.bounds, other.bounds)
    }

    /// With mouth corners, which the network does not give: in line with the eyes, as far apart as
    /// in ArcFace's template.
    fn found(self) -> Found {
        let [right, left, nose, mouth, ..] = self.points;
        let half = [0, 1].map(|c| (left[c] - right[c]) * MOUTH / 2.0);
        let corner = |sign: f32| [mouth[0] + sign * half[0], mouth[1] + sign * half[1]];
        Found {
            bounds: self.bounds,
            points: [right, left, nose, corner(-1.0), corner(1.0)],
            score: self.score,
        }
    }
}

/// The detector.
pub struct BlazeFace {
    network: Arc<Shared>,
}

impl BlazeFace {
    /// Loads the network.
    ///
    /// # Errors
    /// When it is not here or the runtime refuses it.
    pub fn load(pool: &Pool, id: &str) -> Result<Self> {
        Ok(BlazeFace { network: pool.get(id)? })
    }

    fn look(&self, frame: &Frame, score: f32) -> Result<Vec<Detection>> {
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
        self.run(&input, &to_frame, score)
    }

    /// Looks into nine overlapping parts at twice the scale.
    fn look_closer(&self, frame: &Frame, score: f32) -> Result<Vec<Detection>> {
        let side = frame.format.width.max(frame.format.height) as f32 / 2.0;
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
                all.extend(self.run(&input, &map, score)?);
            }
        }
        Ok(suppress(all))
    }

    fn run(&self, input: &[f32], to_frame: &Affine, score: f32) -> Result<Vec<Detection>> {
        let outputs = self.network.run(&[Input::new("input", &[1, INPUT, INPUT, 3], input)])?;
        let [first, second] = outputs.as_slice() else {
            return Err(Error::failed("the face detector has outputs of an unknown shape"));
        };
        // The regressors have 16 values an anchor, the logits one.
        let (values, logits) = if first.shape.last() == Some(&VALUES) {
            (&first.data, &second.data)
        } else {
            (&second.data, &first.data)
        };
        Ok(suppress(decode(values, logits, to_frame, score)))
    }
}

impl Detect for BlazeFace {
    fn detect(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        Ok(self.look(frame, score)?.into_iter().map(Detection::found).collect())
    }

    /// Faces down to about 1/20 of the longer side are found at first sight. When there is none,
    /// smaller ones are looked for.
    fn detect_thoroughly(&self, frame: &Frame, score: f32) -> Result<Vec<Found>> {
        let found = self.detect(frame, score)?;
        if !found.is_empty() || frame.format.width.max(frame.format.height) < INPUT as u32 {
            return Ok(found);
        }
        Ok(self.look_closer(frame, score)?.into_iter().map(Detection::found).collect())
    }
}

/// Anchors over the threshold, as detections in frame pixels.
fn decode(values: &[f32], logits: &[f32], to_frame: &Affine, least: f32) -> Vec<Detection> {
    let mut found = Vec::new();
    for (i, (&logit, v)) in logits.iter().zip(values.chunks_exact(VALUES)).enumerate() {
        let score = 1.0 / (1.0 + (-logit).exp());
        if score < least || !v.iter().all(|x| x.is_finite()) {
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
    fn mouth_corners_lie_beside_the_mouth() {
        let mut one = at(0.0, 0.0, 50.0, 0.9);
        one.points[..4].copy_from_slice(&[[10.0, 20.0], [30.0, 20.0], [20.0, 30.0], [21.0, 40.0]]);
        let [right, left, nose, a, b] = one.found().points;
        assert_eq!((right, left, nose), ([10.0, 20.0], [30.0, 20.0], [20.0, 30.0]));
        assert!((a[0] - 12.7).abs() < 1e-4 && (b[0] - 29.3).abs() < 1e-4, "{a:?} {b:?}");
        assert_eq!((a[1], b[1]), (40.0, 40.0));
    }

    #[test]
    fn degenerate_boxes_do_not_hang() {
        assert!(suppress(vec![at(1.0, 1.0, 0.0, 0.9)]).is_empty());
    }
}
