//! The similarity in space that best lays one set of points over another.

/// A rotation, a scale and a shift in 3-D: p → s·R·p + t.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity3 {
    /// Rotation matrix.
    pub rotation: [[f64; 3]; 3],
    /// Scale.
    pub scale: f64,
    /// Shift.
    pub shift: [f64; 3],
}

impl Similarity3 {
    /// Where a point goes.
    pub fn apply(&self, p: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|i| {
            let r = &self.rotation[i];
            let rotated: f64 = (0..3).map(|k| r[k] * f64::from(p[k])).sum();
            (self.scale * rotated + self.shift[i]) as f32
        })
    }

    /// Least-squares fit of `from` onto `to` (Horn, "Closed-form solution of absolute orientation
    /// using unit quaternions", 1987). `None` when the points coincide.
    pub fn fit(from: &[[f32; 3]], to: &[[f32; 3]]) -> Option<Self> {
        let (mean_from, mean_to) = (mean(from), mean(to));
        let centered = |p: &[f32; 3], m: [f64; 3]| -> [f64; 3] {
            std::array::from_fn(|i| f64::from(p[i]) - m[i])
        };
        let mut m = [[0.0f64; 3]; 3];
        let mut norm = 0.0;
        for (p, q) in from.iter().zip(to) {
            let (a, b) = (centered(p, mean_from), centered(q, mean_to));
            for i in 0..3 {
                norm += a[i] * a[i];
                for k in 0..3 {
                    m[i][k] += a[i] * b[k];
                }
            }
        }
        if norm < 1e-9 {
            return None;
        }
        let n = [
            [m[0][0] + m[1][1] + m[2][2], m[1][2] - m[2][1], m[2][0] - m[0][2], m[0][1] - m[1][0]],
            [m[1][2] - m[2][1], m[0][0] - m[1][1] - m[2][2], m[0][1] + m[1][0], m[2][0] + m[0][2]],
            [m[2][0] - m[0][2], m[0][1] + m[1][0], m[1][1] - m[0][0] - m[2][2], m[1][2] + m[2][1]],
            [m[0][1] - m[1][0], m[2][0] + m[0][2], m[1][2] + m[2][1], m[2][2] - m[0][0] - m[1][1]],
        ];
        let rotation = quaternion_matrix(largest_eigenvector(n));
        let mut along = 0.0;
        for (p, q) in from.iter().zip(to) {
            let (a, b) = (centered(p, mean_from), centered(q, mean_to));
            for i in 0..3 {
                along += b[i] * (0..3).map(|k| rotation[i][k] * a[k]).sum::<f64>();
            }
        }
        let scale = along / norm;
        let shift = std::array::from_fn(|i| {
            mean_to[i] - scale * (0..3).map(|k| rotation[i][k] * mean_from[k]).sum::<f64>()
        });
        Some(Similarity3 { rotation, scale, shift })
    }
}

fn mean(points: &[[f32; 3]]) -> [f64; 3] {
    let n = points.len().max(1) as f64;
    std::array::from_fn(|i| points.iter().map(|p| f64::from(p[i])).sum::<f64>() / n)
}

/// The eigenvector of the largest eigenvalue of a symmetric matrix, by cyclic Jacobi rotations.
fn largest_eigenvector(mut a: [[f64; 4]; 4]) -> [f64; 4] {
    let mut v = [[0.0; 4]; 4];
    for (i, row) in v.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    for _sweep in 0..24 {
        for p in 0..3 {
            for q in p + 1..4 {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for k in 0..4 {
                    let (x, y) = (a[k][p], a[k][q]);
                    a[k][p] = c * x - s * y;
                    a[k][q] = s * x + c * y;
                }
                for k in 0..4 {
                    let (x, y) = (a[p][k], a[q][k]);
                    a[p][k] = c * x - s * y;
                    a[q][k] = s * x + c * y;
                }
                for row in &mut v {
                    let (x, y) = (row[p], row[q]);
                    row[p] = c * x - s * y;
                    row[q] = s * x + c * y;
                }
            }
        }
    }
    let best = (0..4).max_by(|&i, &k| a[i][i].total_cmp(&a[k][k])).unwrap_or(0);
    [v[0][best], v[1][best], v[2][best], v[3][best]]
}

fn quaternion_matrix([w, x, y, z]: [f64; 4]) -> [[f64; 3]; 3] {
    [
        [w * w + x * x - y * y - z * z, 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), w * w - x * x + y * y - z * z, 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), w * w - x * x - y * y + z * z],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_known_motion_is_found(yaw in -1.5f64..1.5, pitch in -1.0f64..1.0, scale in 0.2f64..5.0,
                                   tx in -300f64..300.0) {
            let (sy, cy) = yaw.sin_cos();
            let (sp, cp) = pitch.sin_cos();
            let known = Similarity3 {
                rotation: [[cy, sy * sp, sy * cp], [0.0, cp, -sp], [-sy, cy * sp, cy * cp]],
                scale,
                shift: [tx, 20.0, -7.0],
            };
            let from: Vec<[f32; 3]> = (0..12)
                .map(|i| { let i = i as f32; [i * 7.0 % 31.0, i * 11.0 % 23.0, i * 5.0 % 17.0] })
                .collect();
            let to: Vec<[f32; 3]> = from.iter().map(|p| known.apply(*p)).collect();
            let found = Similarity3::fit(&from, &to).unwrap();
            for (p, q) in from.iter().zip(&to) {
                let r = found.apply(*p);
                for i in 0..3 {
                    prop_assert!((r[i] - q[i]).abs() < 1e-2, "{:?} for {:?}", r, q);
                }
            }
        }
    }
}
