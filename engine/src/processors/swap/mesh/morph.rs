//! The target's mesh with the source's shape: whose nose, brows and eye width, but the target's
//! expression, outline and gaze.
//!
//! Each point has a wish (how far towards the source) and a weight; a Laplacian solve spreads the
//! wishes smoothly over the face.

use std::sync::OnceLock;

use crate::error::Result;
use crate::faces::landmarks::{Landmarks, MESH};
use crate::imaging::similarity::Point;

use super::rigid::Similarity3;
use super::topology::{
    BROWS, EXTENDED, EYES, FOREHEAD, FOREHEAD_RISE, INNER_LIPS, IRISES, LIP_PAIRS, LIPS, NOSE,
    RIGID, Topology,
};

/// How far points move towards the source where nothing else is said.
const SHAPE: f32 = 0.6;
/// The same for brows and nose.
const FEATURES: f32 = 0.7;
/// Share of the difference in eye width that is taken over.
const EYE_WIDTH: f32 = 0.5;
/// Share of the difference in lip thickness that is taken over.
const LIP_THICKNESS: f32 = 0.3;
/// Height of the added forehead: this much of the distance between points 10 and 9.
const FOREHEAD_HEIGHT: f32 = 0.45;

/// A mesh with a forehead: `EXTENDED` points (x, y, z) in pixels.
pub type Extended = Vec<[f32; 3]>;

/// Adds the forehead above the mesh.
pub fn extend(points: &[[f32; 3]]) -> Extended {
    let mut all = points.to_vec();
    let up = [0, 1].map(|c: usize| (points[10][c] - points[9][c]) * FOREHEAD_HEIGHT);
    for (v, rise) in FOREHEAD.iter().zip(FOREHEAD_RISE) {
        let p = points[*v];
        all.push([p[0] + up[0] * rise, p[1] + up[1] * rise, p[2]]);
    }
    debug_assert_eq!(all.len(), EXTENDED);
    all
}

/// The target's points moved towards the source's shape.
///
/// # Errors
/// When the embedded mesh cannot be read.
pub fn morph(source: &Landmarks, target: &Landmarks) -> Result<Vec<[f32; 3]>> {
    let solver = Solver::get()?;
    let pick = |l: &Landmarks| -> Vec<[f32; 3]> { RIGID.iter().map(|&i| l.points[i]).collect() };
    let Some(fit) = Similarity3::fit(&pick(source), &pick(target)) else {
        return Ok(target.points.clone());
    };
    let aligned: Vec<Point> =
        source.points[..MESH].iter().map(|p| fit.apply(*p)).map(|p| [p[0], p[1]]).collect();
    let moved = solver.spread(wishes(&aligned, target, &solver.mouth, &solver.rings));
    let mut out = target.points.clone();
    for (p, d) in out.iter_mut().zip(&moved) {
        p[0] += d[0];
        p[1] += d[1];
    }
    for (iris, eye) in IRISES.iter().zip(EYES) {
        let mean = [0, 1].map(|c: usize| eye.iter().map(|&v| moved[v][c]).sum::<f32>() / 16.0);
        for p in &mut out[*iris..*iris + 5] {
            p[0] += mean[0];
            p[1] += mean[1];
        }
    }
    Ok(out)
}

/// The wished displacement of each mesh point.
fn wishes(aligned: &[Point], target: &Landmarks, mouth: &[usize], rings: &[usize]) -> Vec<Point> {
    let away = |i: usize| {
        let t = target.xy(i);
        [aligned[i][0] - t[0], aligned[i][1] - t[1]]
    };
    let mut wish: Vec<Point> = (0..MESH).map(|i| away(i).map(|v| v * SHAPE)).collect();
    for eye in EYES {
        eye_wishes(&mut wish, aligned, target, &eye);
    }
    for &v in BROWS.iter().flatten().chain(&NOSE) {
        wish[v] = away(v).map(|v| v * FEATURES);
    }
    for &v in mouth {
        wish[v] = [0.0; 2];
    }
    let (top, chin) = (target.xy(10), target.xy(152));
    let height = (chin[0] - top[0]).hypot(chin[1] - top[1]).max(1e-3);
    let down = [(chin[0] - top[0]) / height, (chin[1] - top[1]) / height];
    for (outer, inner) in LIP_PAIRS {
        let along = |a: Point, b: Point| (a[0] - b[0]) * down[0] + (a[1] - b[1]) * down[1];
        let theirs = along(aligned[outer], aligned[inner]);
        let ours = along(target.xy(outer), target.xy(inner));
        let change = (theirs - ours).clamp(-0.6 * ours.abs(), 1.2 * ours.abs()) * LIP_THICKNESS;
        wish[outer] = down.map(|v| v * change);
    }
    for (w, ring) in wish.iter_mut().zip(rings) {
        match ring {
            0 => *w = [0.0; 2],
            1 => *w = w.map(|v| 0.5 * v),
            _ => {}
        }
    }
    wish
}

/// An eye moves as a whole and changes its width; how far it is open stays the target's.
fn eye_wishes(wish: &mut [Point], aligned: &[Point], target: &Landmarks, eye: &[usize; 16]) {
    let (outer, inner) = (target.xy(eye[0]), target.xy(eye[8]));
    let width = (inner[0] - outer[0]).hypot(inner[1] - outer[1]).max(1e-3);
    let axis = [(inner[0] - outer[0]) / width, (inner[1] - outer[1]) / width];
    let (p, q) = (aligned[eye[0]], aligned[eye[8]]);
    let wider = SHAPE * ((q[0] - p[0]).hypot(q[1] - p[1]) / width - 1.0) * EYE_WIDTH;
    let mean = [0, 1].map(|c: usize| eye.iter().map(|&v| wish[v][c]).sum::<f32>() / 16.0);
    let center = target.center_of(eye);
    for &v in eye {
        let t = target.xy(v);
        let along = (t[0] - center[0]) * axis[0] + (t[1] - center[1]) * axis[1];
        wish[v] = [mean[0] + along * axis[0] * wider, mean[1] + along * axis[1] * wider];
    }
}

/// (diag(w) + LᵀL) factored once: the weights belong to the mesh, not to a face.
struct Solver {
    weights: Vec<f64>,
    /// Lower triangle of the Cholesky factor, row after row.
    factor: Vec<f64>,
    mouth: Vec<usize>,
    rings: Vec<usize>,
}

impl Solver {
    fn get() -> Result<&'static Solver> {
        static SOLVER: OnceLock<Solver> = OnceLock::new();
        let topology = Topology::get()?;
        Ok(SOLVER.get_or_init(|| Solver::new(topology)))
    }

    fn new(topology: &Topology) -> Self {
        let mut mouth: Vec<usize> = LIPS.iter().chain(&INNER_LIPS).copied().collect();
        mouth.extend(INNER_LIPS.iter().flat_map(|&v| &topology.neighbors[v]));
        mouth.sort_unstable();
        mouth.dedup();
        let mut weights = vec![0.25; MESH];
        for &v in EYES.iter().flatten() {
            weights[v] = 3.0;
        }
        for &v in BROWS.iter().flatten().chain(&NOSE) {
            weights[v] = 1.0;
        }
        for &v in &mouth {
            weights[v] = 6.0;
        }
        for (w, ring) in weights.iter_mut().zip(&topology.rings) {
            if *ring == 0 {
                *w = 50.0;
            }
        }
        let factor = cholesky(system(&weights, &topology.neighbors), MESH);
        Solver { weights, factor, mouth, rings: topology.rings.clone() }
    }

    /// Solves (diag(w) + LᵀL)·x = diag(w)·wish for both coordinates.
    fn spread(&self, wish: Vec<Point>) -> Vec<Point> {
        let mut x: Vec<[f64; 2]> =
            wish.iter().zip(&self.weights).map(|(d, w)| d.map(|v| f64::from(v) * w)).collect();
        let n = x.len();
        for i in 0..n {
            let row = &self.factor[i * n..i * n + i];
            let mut v = x[i];
            for (k, l) in row.iter().enumerate() {
                v = [v[0] - l * x[k][0], v[1] - l * x[k][1]];
            }
            x[i] = v.map(|v| v / self.factor[i * n + i]);
        }
        for i in (0..n).rev() {
            x[i] = x[i].map(|v| v / self.factor[i * n + i]);
            let v = x[i];
            for k in 0..i {
                let l = self.factor[i * n + k];
                x[k] = [x[k][0] - l * v[0], x[k][1] - l * v[1]];
            }
        }
        x.into_iter().map(|v| v.map(|v| v as f32)).collect()
    }
}

/// diag(w) + LᵀL with the umbrella Laplacian L (1 on the diagonal, −1/degree for neighbors).
fn system(weights: &[f64], neighbors: &[Vec<usize>]) -> Vec<f64> {
    let n = weights.len();
    let mut h = vec![0.0; n * n];
    for (i, near) in neighbors.iter().enumerate() {
        let share = -1.0 / near.len().max(1) as f64;
        let row: Vec<(usize, f64)> =
            std::iter::once((i, 1.0)).chain(near.iter().map(|&k| (k, share))).collect();
        for &(a, x) in &row {
            for &(b, y) in &row {
                h[a * n + b] += x * y;
            }
        }
    }
    for (i, w) in weights.iter().enumerate() {
        h[i * n + i] += w;
    }
    h
}

/// The lower Cholesky factor of a symmetric positive definite matrix, in place.
fn cholesky(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    for i in 0..n {
        for k in 0..=i {
            let (x, y) = (&a[i * n..i * n + k], &a[k * n..k * n + k]);
            let sum: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
            let v = a[i * n + k] - sum;
            a[i * n + k] = if i == k { v.sqrt() } else { v / a[k * n + k] };
        }
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solve_solves() {
        let solver = Solver::get().unwrap();
        let topology = Topology::get().unwrap();
        let wish: Vec<Point> = (0..MESH).map(|i| [(i % 7) as f32, (i % 5) as f32 - 2.0]).collect();
        let x = solver.spread(wish.clone());
        let h = system(&solver.weights, &topology.neighbors);
        for i in 0..MESH {
            let sum: f64 = (0..MESH).map(|k| h[i * MESH + k] * f64::from(x[k][0])).sum();
            assert!((sum - solver.weights[i] * f64::from(wish[i][0])).abs() < 1e-3);
        }
    }
}
