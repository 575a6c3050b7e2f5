//! How light falls on a face: log color fitted by low-order harmonics of the surface normal.
//!
//! What the fit does not explain (the residual) is hair, a hat, or a feature.

use std::sync::LazyLock;

use multiversion::multiversion;

use crate::imaging::color::{Planes, look_up};
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::mask::Mask;

use super::raster::WarpMap;
use super::topology::Topology;

/// Numbers in the basis {1, x, y, z, xy, xz, yz, x²−y²}.
const BASIS: usize = 8;
/// Rounds of re-weighting.
const ROUNDS: usize = 8;
/// At most this many samples are fitted.
const SAMPLES: usize = 1800;
/// Ridge on each coefficient, times the number of samples.
const RIDGE: [f64; BASIS] = [0.0, 0.003, 0.003, 0.003, 0.006, 0.006, 0.006, 0.006];

/// What the fit left over.
pub struct Residual {
    /// Log color minus the fit, R, G, B.
    pub planes: Planes,
    /// Robust spread of each channel.
    pub spread: [f32; 3],
}

/// Normals of the extended mesh's points; x right, y down, z negative towards the camera.
pub fn vertex_normals(topology: &Topology, points: &[[f32; 3]]) -> Vec<[f32; 3]> {
    let mut normals = vec![[0.0f32; 3]; points.len()];
    for t in &topology.triangles {
        let [a, b, c] = t.map(|v| points[v]);
        let (e, f): ([f32; 3], [f32; 3]) =
            (std::array::from_fn(|i| b[i] - a[i]), std::array::from_fn(|i| c[i] - a[i]));
        let n = [e[1] * f[2] - e[2] * f[1], e[2] * f[0] - e[0] * f[2], e[0] * f[1] - e[1] * f[0]];
        for &v in t {
            for i in 0..3 {
                normals[v][i] += n[i];
            }
        }
    }
    // The tip of the nose looks at the camera: that settles the sign of all.
    let flip = if normals[4][2] > 0.0 { -1.0 } else { 1.0 };
    for n in &mut normals {
        let length = n.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-9);
        *n = n.map(|v| v / length * flip);
    }
    normals
}

/// Smooth normals of every covered sample of a map: the mean of each triangle's corners, blurred
/// by 3 % of the face's width.
pub fn normal_planes(
    topology: &Topology,
    normals: &[[f32; 3]],
    map: &WarpMap,
    face_width: f32,
) -> Planes {
    let faces: Vec<[f32; 3]> = topology
        .triangles
        .iter()
        .map(|t| std::array::from_fn(|i| t.iter().map(|&v| normals[v][i]).sum::<f32>() / 3.0))
        .collect();
    let mut planes: Planes = std::array::from_fn(|c| {
        let flat = Field {
            width: map.width,
            height: map.height,
            data: map
                .triangle
                .iter()
                .map(|&t| faces.get(t as usize).map_or(0.0, |n| n[c]))
                .collect(),
        };
        gaussian(&flat, 0.03 * face_width)
    });
    let [x, y, z] = &mut planes;
    for ((x, y), z) in x.data.iter_mut().zip(&mut y.data).zip(&mut z.data) {
        let length = (*x * *x + *y * *y + *z * *z).sqrt().max(1e-6);
        (*x, *y, *z) = (*x / length, *y / length, *z / length);
    }
    planes
}

#[inline(always)]
fn basis(n: [f64; 3]) -> [f64; BASIS] {
    let [x, y, z] = n;
    [1.0, x, y, z, x * y, x * z, y * z, x * x - y * y]
}

/// Log of linear light for values up to twice white (chroma makes them out of range ones), in steps of
/// a quarter, with a floor that keeps black finite.
static LOG: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let log = |i: i32| ((i as f32 / 1020.0).powf(2.2) + 0.004).ln();
    (0..=2041).map(log).collect()
});

/// The log of all colors, softened.
fn log_color(rgb: &Planes, face_width: f32) -> Planes {
    let log: &[f32] = &LOG;
    rgb.each_ref().map(|plane| {
        let log = plane.clone().map(|v| look_up(log, v.clamp(0.0, 510.0) * 4.0));
        gaussian(&log, 0.008 * face_width)
    })
}

/// Fits light on the usable samples and returns what is left everywhere; `None` with too few.
pub fn fit(rgb: &Planes, normals: &Planes, usable: &Mask, face_width: f32) -> Option<Residual> {
    let log = log_color(rgb, face_width);
    let all: Vec<usize> = (0..usable.data.len()).filter(|&i| usable.data[i]).collect();
    if all.len() < 4 * BASIS {
        return None;
    }
    let step = all.len().div_ceil(SAMPLES);
    let chosen: Vec<usize> = all.into_iter().step_by(step).collect();
    let normal = |i: usize| [0, 1, 2].map(|c: usize| f64::from(normals[c].data[i]));
    let rows: Vec<[f64; BASIS]> = chosen.iter().map(|&i| basis(normal(i))).collect();
    let values: Vec<[f64; 3]> =
        chosen.iter().map(|&i| [0, 1, 2].map(|c: usize| f64::from(log[c].data[i]))).collect();
    let (coefficients, spread) = robust_fit(&rows, &values, &RIDGE, ROUNDS)?;
    let mut planes = log;
    for (plane, k) in planes.iter_mut().zip(&coefficients) {
        subtract_light(&mut plane.data, normals, k);
    }
    Some(Residual { planes, spread: spread.map(|s| s as f32) })
}

/// Takes away what the fit explains of a channel.
#[multiversion(targets("x86_64+avx+avx2"))]
fn subtract_light(channel: &mut [f32], [x, y, z]: &Planes, coefficients: &[f64; BASIS]) {
    let normals = x.data.iter().zip(&y.data).zip(&z.data);
    for (v, ((&x, &y), &z)) in channel.iter_mut().zip(normals) {
        let row = basis([x, y, z].map(f64::from));
        *v -= (0..BASIS).map(|k| row[k] * coefficients[k]).sum::<f64>() as f32;
    }
}

/// Iteratively re-weighted least squares: coefficients and spread (1.4826 MAD + .02) per channel.
/// `ridge` is the pull of each coefficient towards zero, times the number of rows.
#[multiversion(targets("x86_64+avx+avx2"))]
pub fn robust_fit<const N: usize>(
    rows: &[[f64; N]],
    values: &[[f64; 3]],
    ridge: &[f64; N],
    rounds: usize,
) -> Option<([[f64; N]; 3], [f64; 3])> {
    if rows.is_empty() {
        return None;
    }
    let mut weights = vec![1.0f64; rows.len()];
    let mut coefficients = [[0.0; N]; 3];
    let mut spread = [0.0; 3];
    let mut residuals = vec![[0.0f64; 3]; rows.len()];
    let mut sorted = vec![0.0f64; rows.len()];
    for _ in 0..rounds {
        let mut normal = [[0.0f64; N]; N];
        let mut right = [[0.0f64; N]; 3];
        for ((row, value), w) in rows.iter().zip(values).zip(&weights) {
            for i in 0..N {
                let wi = w * row[i];
                // Only half of it is needed, but whole rows become vectors.
                for k in 0..N {
                    normal[i][k] += wi * row[k];
                }
                for c in 0..3 {
                    right[c][i] += wi * value[c];
                }
            }
        }
        for (i, ridge) in ridge.iter().enumerate() {
            normal[i][i] += ridge * rows.len() as f64 + 1e-9;
        }
        coefficients = solve(normal, right)?;
        for ((r, row), value) in residuals.iter_mut().zip(rows).zip(values) {
            for c in 0..3 {
                let light: f64 = row.iter().zip(&coefficients[c]).map(|(b, k)| b * k).sum();
                r[c] = value[c] - light;
            }
        }
        for c in 0..3 {
            for (s, r) in sorted.iter_mut().zip(&residuals) {
                *s = r[c].abs();
            }
            let middle = sorted.len() / 2;
            let (_, median, _) = sorted.select_nth_unstable_by(middle, f64::total_cmp);
            spread[c] = 1.4826 * *median + 0.02;
        }
        for (w, r) in weights.iter_mut().zip(&residuals) {
            let q: f64 = (0..3).map(|c| (r[c] / (2.0 * spread[c])).powi(2)).sum();
            *w = 1.0 / ((1.0 + q) * (1.0 + q));
        }
    }
    Some((coefficients, spread))
}

/// Solves a symmetric positive definite system (lower triangle given) for three right sides.
fn solve<const N: usize>(mut a: [[f64; N]; N], right: [[f64; N]; 3]) -> Option<[[f64; N]; 3]> {
    for i in 0..N {
        for k in 0..=i {
            let sum: f64 = (0..k).map(|j| a[i][j] * a[k][j]).sum();
            let v = a[i][k] - sum;
            if i == k {
                if v <= 0.0 {
                    return None;
                }
                a[i][i] = v.sqrt();
            } else {
                a[i][k] = v / a[k][k];
            }
        }
    }
    Some(right.map(|mut x| {
        for i in 0..N {
            let sum: f64 = (0..i).map(|k| a[i][k] * x[k]).sum();
            x[i] = (x[i] - sum) / a[i][i];
        }
        for i in (0..N).rev() {
            let sum: f64 = (i + 1..N).map(|k| a[k][i] * x[k]).sum();
            x[i] = (x[i] - sum) / a[i][i];
        }
        x
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_explained_and_a_dark_patch_is_not() {
        let (w, h) = (60, 60);
        let normal = |x: usize, y: usize| {
            let (nx, ny) = ((x as f32 - 30.0) / 40.0, (y as f32 - 30.0) / 40.0);
            [nx, ny, -(1.0 - nx * nx - ny * ny).max(0.05).sqrt()]
        };
        let normals: Planes = std::array::from_fn(|c| Field::from_fn(w, h, |x, y| normal(x, y)[c]));
        let patch = |x: usize, y: usize| x > 40 && y > 40;
        let rgb: Planes = std::array::from_fn(|_| {
            Field::from_fn(w, h, |x, y| {
                let n = normal(x, y);
                let log = -1.0 + 0.5 * n[0] - 0.3 * n[2] - if patch(x, y) { 2.0 } else { 0.0 };
                255.0 * (log.exp() - 0.004f32).max(0.0).powf(1.0 / 2.2)
            })
        });
        let usable = Mask::from_fn(w, h, |_, _| true);
        let left = fit(&rgb, &normals, &usable, 50.0).unwrap();
        assert!(left.planes[0].at(20, 25).abs() < 0.05, "{}", left.planes[0].at(20, 25));
        assert!(left.planes[0].at(50, 50) < -1.6, "{}", left.planes[0].at(50, 50));
    }
}
