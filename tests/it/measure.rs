//! The judge: what the networks and plain arithmetic say about pictures that the binary wrote.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use facedeck::faces::landmarks::{Landmarks, MESH};
use facedeck::faces::recognize::Embedding;
use facedeck::faces::{Face, FaceModels};
use facedeck::imaging::frame::{Frame, Layout};
use facedeck::imaging::similarity::{Point, similarity};

use super::common::{models, picture};

/// The networks, loaded once for all tests.
pub fn judge() -> MutexGuard<'static, FaceModels> {
    static MODELS: OnceLock<Mutex<FaceModels>> = OnceLock::new();
    // A test that failed while it held them did them no harm.
    MODELS.get_or_init(|| Mutex::new(models())).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every face of a frame, the largest first.
pub fn faces(frame: &Frame) -> Vec<Face> {
    judge().analyze_still(frame).expect("the networks run")
}

/// The largest face of a frame.
pub fn face(frame: &Frame) -> Face {
    faces(frame).into_iter().next().expect("a face")
}

/// Who a face is.
pub fn identity(face: &Face) -> &Embedding {
    face.embedding.as_ref().expect("faces of stills are recognized")
}

/// Who the largest face of a picture file is.
pub fn person(path: &Path) -> Embedding {
    identity(&face(&picture(path))).clone()
}

/// Mean distance of the mesh points of two faces after a similarity alignment, in eye distances
/// of the second: how much of its expression and pose is lost.
pub fn expression_error(output: &Landmarks, target: &Landmarks) -> f32 {
    let flat = |l: &Landmarks| -> Vec<Point> { (0..MESH).map(|i| l.xy(i)).collect() };
    let (from, to) = (flat(output), flat(target));
    let map = similarity(&from, &to).expect("points that do not coincide");
    let sum: f32 = from
        .iter()
        .zip(&to)
        .map(|(&p, q)| {
            let p = map.apply(p);
            (p[0] - q[0]).hypot(p[1] - q[1])
        })
        .sum();
    sum / MESH as f32 / target.eye_distance()
}

/// A box in pixels that grows and shrinks: left, top, right, bottom.
#[derive(Debug, Clone, Copy)]
pub struct Zone([f32; 4]);

impl Zone {
    /// All that a swap of this face may touch: the mesh and a fifth of the face around it.
    pub fn touched(face: &Landmarks) -> Self {
        let margin = 0.2 * face.width() + 8.0;
        let [x0, y0, x1, y1] = face.bounds();
        Zone([x0 - margin, y0 - margin, x1 + margin, y1 + margin])
    }

    /// The middle of the face, which every swap changes: the mesh's box less a fifth on each side.
    pub fn middle(face: &Landmarks) -> Self {
        let [x0, y0, x1, y1] = face.bounds();
        let (dx, dy) = (0.2 * (x1 - x0), 0.2 * (y1 - y0));
        Zone([x0 + dx, y0 + dy, x1 - dx, y1 - dy])
    }

    /// Whether a pixel lies in it.
    pub fn has(&self, x: usize, y: usize) -> bool {
        let [x0, y0, x1, y1] = self.0;
        let (x, y) = (x as f32, y as f32);
        x >= x0 && x <= x1 && y >= y0 && y <= y1
    }
}

/// How far two frames of one packed format are apart.
pub struct Differences {
    /// Pixels outside every zone with any sample that differs.
    pub outside: usize,
    /// Mean absolute difference of the color samples inside the middles, in 8-bit steps.
    pub inside: f64,
}

/// Compares two stills sample by sample: outside of what swaps of these faces may touch, and in
/// the middle of the faces.
pub fn differences(before: &Frame, after: &Frame, swapped: &[&Landmarks]) -> Differences {
    assert_eq!(before.format, after.format);
    let Layout::Packed { channels } = before.format.layout else { panic!("not a still") };
    let colors = if channels > 2 { 3 } else { 1 };
    let touched: Vec<Zone> = swapped.iter().map(|l| Zone::touched(l)).collect();
    let middles: Vec<Zone> = swapped.iter().map(|l| Zone::middle(l)).collect();
    let plane = before.format.planes()[0];
    let (mut outside, mut sum, mut count) = (0, 0.0, 0usize);
    for y in 0..plane.height {
        for x in 0..plane.width {
            let apart = |c| before.sample(&plane, x, y, c).abs_diff(after.sample(&plane, x, y, c));
            if !touched.iter().any(|z| z.has(x, y)) {
                outside += usize::from((0..channels as usize).any(|c| apart(c) > 0));
            } else if middles.iter().any(|z| z.has(x, y)) {
                sum += (0..colors).map(|c| f64::from(apart(c))).sum::<f64>();
                count += colors;
            }
        }
    }
    let unit = 255.0 / f64::from(before.format.max_value());
    Differences { outside, inside: sum * unit / count.max(1) as f64 }
}

/// The mean of some numbers.
pub fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// The smallest of some numbers.
pub fn least(values: &[f32]) -> f32 {
    values.iter().copied().fold(f32::INFINITY, f32::min)
}
