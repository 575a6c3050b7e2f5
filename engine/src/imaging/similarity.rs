//! 2-D affine maps and the least-squares similarity between two sets of points.

/// A 2-D point in pixels; (0, 0) is the center of the first pixel.
pub type Point = [f32; 2];

/// The box (left, top, right, bottom) that two opposite corners span, whichever they are.
pub fn spanned(a: Point, b: Point) -> [f32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])]
}

/// `[[a, b, tx], [c, d, ty]]`: (x, y) → (a·x + b·y + tx, c·x + d·y + ty).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [[f64; 3]; 2]);

impl Affine {
    /// Rotation by `angle` radians and scaling, then a shift that takes `from` to `to`.
    pub fn about(from: Point, to: Point, angle: f64, scale: f64) -> Self {
        let (s, c) = angle.sin_cos();
        let (a, b) = (c * scale, s * scale);
        let [fx, fy] = from.map(f64::from);
        let [tx, ty] = to.map(f64::from);
        Affine([[a, -b, tx - a * fx + b * fy], [b, a, ty - b * fx - a * fy]])
    }

    /// Where a point goes.
    #[inline]
    pub fn apply(&self, p: Point) -> Point {
        let [x, y] = p.map(f64::from);
        self.0.map(|r| (r[0] * x + r[1] * y + r[2]) as f32)
    }

    /// The inverse map; `None` when the map is flat.
    pub fn inverse(&self) -> Option<Affine> {
        let [[a, b, tx], [c, d, ty]] = self.0;
        let det = a * d - b * c;
        if det.abs() < 1e-12 {
            return None;
        }
        let (a, b, c, d) = (d / det, -b / det, -c / det, a / det);
        Some(Affine([[a, b, -(a * tx + b * ty)], [c, d, -(c * tx + d * ty)]]))
    }

    /// How much lengths grow (square root of the determinant).
    pub fn scale(&self) -> f64 {
        let [[a, b, _], [c, d, _]] = self.0;
        (a * d - b * c).abs().sqrt()
    }
}

/// The least-squares similarity (Umeyama with scale; closed form in 2-D) that takes `from` to `to`.
///
/// Returns `None` for fewer than two points or when they coincide.
pub fn similarity(from: &[Point], to: &[Point]) -> Option<Affine> {
    let n = from.len().min(to.len());
    if n < 2 {
        return None;
    }
    let mean = |points: &[Point]| {
        let sum = points[..n]
            .iter()
            .fold([0.0f64; 2], |s, p| [s[0] + f64::from(p[0]), s[1] + f64::from(p[1])]);
        sum.map(|v| v / n as f64)
    };
    let (mf, mt) = (mean(from), mean(to));
    let (mut dot, mut cross, mut norm) = (0.0, 0.0, 0.0);
    for (p, q) in from[..n].iter().zip(&to[..n]) {
        let (x, y) = (f64::from(p[0]) - mf[0], f64::from(p[1]) - mf[1]);
        let (u, v) = (f64::from(q[0]) - mt[0], f64::from(q[1]) - mt[1]);
        dot += x * u + y * v;
        cross += x * v - y * u;
        norm += x * x + y * y;
    }
    if norm < 1e-9 {
        return None;
    }
    let (a, b) = (dot / norm, cross / norm);
    Some(Affine([[a, -b, mt[0] - a * mf[0] + b * mf[1]], [b, a, mt[1] - b * mf[0] - a * mf[1]]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn similarity_recovers_what_made_the_points(
            angle in -3.0f64..3.0, scale in 0.1f64..8.0, tx in -500f32..500.0, ty in -500f32..500.0
        ) {
            let from = [[10.0, 20.0], [60.0, 22.0], [35.0, 50.0], [15.0, 75.0], [55.0, 74.0]];
            let map = Affine::about([30.0, 40.0], [tx, ty], angle, scale);
            let to = from.map(|p| map.apply(p));
            let found = similarity(&from, &to).unwrap();
            for (p, q) in from.iter().zip(to) {
                let r = found.apply(*p);
                prop_assert!((r[0] - q[0]).abs() < 1e-2 && (r[1] - q[1]).abs() < 1e-2);
                let back = found.inverse().unwrap().apply(q);
                prop_assert!((back[0] - p[0]).abs() < 1e-2 && (back[1] - p[1]).abs() < 1e-2);
            }
        }
    }

    #[test]
    fn coinciding_points_have_no_similarity() {
        assert!(similarity(&[[5.0, 5.0]; 5], &[[1.0, 2.0]; 5]).is_none());
    }
}
