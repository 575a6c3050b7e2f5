//! Triangles drawn as a map: for each pixel of the target, where in the source it comes from.

use std::ops::Range;

use multiversion::multiversion;

use crate::imaging::similarity::Point;

use super::topology::Topology;

/// No triangle covers this pixel.
pub const NONE: u16 = u16::MAX;

/// A map from the pixels of a rectangle to source positions.
#[derive(Debug, Clone)]
pub struct WarpMap {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Source position of each pixel, in source pixels; meaningless where no triangle covers it.
    pub source: Vec<Point>,
    /// Triangle of each pixel, or [`NONE`].
    pub triangle: Vec<u16>,
}

impl WarpMap {
    /// Whether a triangle covers a pixel.
    #[inline]
    pub fn covered(&self, i: usize) -> bool {
        self.triangle[i] != NONE
    }

    /// From the first to the last covered pixel of a row.
    pub fn span(&self, y: usize) -> Range<usize> {
        let row = &self.triangle[y * self.width..(y + 1) * self.width];
        let covered = |&t: &u16| t != NONE;
        let first = row.iter().position(covered).unwrap_or(0);
        first..row.iter().rposition(covered).map_or(first, |last| last + 1)
    }
}

/// Draws the mesh far to near (painter's order by mean depth), leaving out triangles that face
/// away. `target` is in pixels of the map, with depth; `source` in source pixels.
pub fn rasterize(
    topology: &Topology,
    target: &[[f32; 3]],
    source: &[Point],
    width: usize,
    height: usize,
) -> WarpMap {
    let mut map = WarpMap {
        width,
        height,
        source: vec![[0.0; 2]; width * height],
        triangle: vec![NONE; width * height],
    };
    let depth = |t: &[usize; 3]| t.iter().map(|&v| target[v][2]).sum::<f32>();
    let mut order: Vec<(f32, usize)> =
        topology.triangles.iter().enumerate().map(|(i, t)| (depth(t), i)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    draw(&mut map, topology, target, source, &order);
    map
}

/// Draws the triangles in this order, each over those before it.
#[multiversion(targets("x86_64+avx+avx2"))]
fn draw(
    map: &mut WarpMap,
    topology: &Topology,
    target: &[[f32; 3]],
    source: &[Point],
    order: &[(f32, usize)],
) {
    let facing = facing_sign(topology, target);
    for &(_, index) in order {
        let corners = topology.triangles[index];
        let p = corners.map(|v| [target[v][0], target[v][1]]);
        let area = cross(p);
        if area * facing <= 1e-3 {
            continue;
        }
        if let Some(affine) = TriangleMap::between(p, corners.map(|v| source[v])) {
            fill(map, p, &affine, index as u16);
        }
    }
}

/// Twice the signed area.
#[inline(always)]
fn cross(p: [Point; 3]) -> f32 {
    (p[1][0] - p[0][0]) * (p[2][1] - p[0][1]) - (p[1][1] - p[0][1]) * (p[2][0] - p[0][0])
}

/// The sign of the areas of triangles that face the camera: most of them do.
fn facing_sign(topology: &Topology, points: &[[f32; 3]]) -> f32 {
    let positive = topology
        .triangles
        .iter()
        .filter(|t| cross(t.map(|v| [points[v][0], points[v][1]])) > 0.0)
        .count();
    if 2 * positive > topology.triangles.len() { 1.0 } else { -1.0 }
}

/// The affine map that takes one triangle to another: rows (a, b, c) of u = a·x + b·y + c.
#[derive(Debug, Clone, Copy)]
pub struct TriangleMap([[f32; 3]; 2]);

impl TriangleMap {
    /// The map that takes triangle `p` to `q`; `None` where `p` has no area.
    #[inline(always)]
    pub fn between(p: [Point; 3], q: [Point; 3]) -> Option<Self> {
        let area = cross(p);
        let (e1, e2) =
            ([p[1][0] - p[0][0], p[1][1] - p[0][1]], [p[2][0] - p[0][0], p[2][1] - p[0][1]]);
        let rows = [0, 1].map(|c: usize| {
            let (f1, f2) = (q[1][c] - q[0][c], q[2][c] - q[0][c]);
            let a = (f1 * e2[1] - f2 * e1[1]) / area;
            let b = (f2 * e1[0] - f1 * e2[0]) / area;
            [a, b, q[0][c] - a * p[0][0] - b * p[0][1]]
        });
        rows.iter().flatten().all(|v| v.is_finite()).then_some(TriangleMap(rows))
    }

    /// Where it takes a pixel.
    #[inline(always)]
    pub fn apply(&self, x: usize, y: usize) -> Point {
        self.0.map(|[a, b, c]| a * x as f32 + (b * y as f32 + c))
    }
}

/// Fills the pixels whose centers lie in the triangle; edges shared by two triangles belong to
/// exactly one of them.
#[inline(always)]
fn fill(map: &mut WarpMap, p: [Point; 3], affine: &TriangleMap, index: u16) {
    let low = p.iter().map(|p| p[1]).fold(f32::INFINITY, f32::min);
    let high = p.iter().map(|p| p[1]).fold(f32::NEG_INFINITY, f32::max);
    let first = low.ceil().max(0.0) as usize;
    let end = (high.ceil().max(0.0) as usize).min(map.height);
    for y in first..end {
        let line = y as f32;
        let (mut left, mut right) = (f32::INFINITY, f32::NEG_INFINITY);
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            // The same order of ends for both triangles of an edge: the same crossing.
            let (a, b) =
                if (p[a][1], p[a][0]) <= (p[b][1], p[b][0]) { (p[a], p[b]) } else { (p[b], p[a]) };
            if a[1] <= line && line < b[1] {
                let x = a[0] + (line - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
                left = left.min(x);
                right = right.max(x);
            }
        }
        if right < left {
            continue;
        }
        let start = left.ceil().max(0.0) as usize;
        let stop = (right.ceil().max(0.0) as usize).min(map.width);
        if start < stop {
            let row = y * map.width + start..y * map.width + stop;
            map.triangle[row.clone()].fill(index);
            for (x, place) in (start..stop).zip(&mut map.source[row]) {
                *place = affine.apply(x, y);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processors::swap::mesh::topology::EXTENDED;

    #[test]
    fn a_mesh_onto_itself_is_the_identity_without_holes() {
        let topology = Topology::get().unwrap();
        let mut points: Vec<[f32; 3]> = topology
            .vertices
            .iter()
            .map(|&[x, y, z]| [x * 6.0 + 50.0, 55.0 - y * 6.0, -z * 6.0])
            .collect();
        points.resize(EXTENDED, [0.0; 3]);
        let flat: Vec<Point> = points.iter().map(|p| [p[0], p[1]]).collect();
        let map = rasterize(topology, &points, &flat, 100, 110);
        let nose_to_chin: Vec<Point> = [127, 356, 397, 172].map(|v: usize| flat[v]).to_vec();
        let inside = crate::imaging::mask::polygon(100, 110, &nose_to_chin);
        let mut checked = 0;
        for y in 0..110 {
            for x in 0..100 {
                let i = y * 100 + x;
                if inside.data[i] >= 1.0 {
                    checked += 1;
                    assert!(map.covered(i), "a hole at {x}, {y}");
                    assert!((map.source[i][0] - x as f32).abs() < 0.05);
                    assert!((map.source[i][1] - y as f32).abs() < 0.05);
                }
            }
        }
        assert!(checked > 2000, "{checked}");
    }
}
