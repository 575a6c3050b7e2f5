//! Binary masks: polygons, growing and shrinking, connected parts.

use serde::{Deserialize, Serialize};

use super::field::Field;
use super::similarity::Point;

/// A rectangle of booleans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` pixels.
    pub data: Vec<bool>,
}

impl Mask {
    /// A mask computed from positions.
    pub fn from_fn(width: usize, height: usize, mut f: impl FnMut(usize, usize) -> bool) -> Self {
        let mut data = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                data.push(f(x, y));
            }
        }
        Mask { width, height, data }
    }

    /// An empty mask.
    pub fn empty(width: usize, height: usize) -> Self {
        Mask { width, height, data: vec![false; width * height] }
    }

    /// Whether it is of this size and whole: what was read from a file may be neither.
    pub fn is(&self, width: usize, height: usize) -> bool {
        (self.width, self.height, self.data.len()) == (width, height, width * height)
    }

    /// The pixel at a position.
    #[inline]
    pub fn at(&self, x: usize, y: usize) -> bool {
        self.data[y * self.width + x]
    }

    /// Whether any pixel is set.
    pub fn any(&self) -> bool {
        self.data.iter().any(|&v| v)
    }

    /// How many pixels are set.
    pub fn count(&self) -> usize {
        self.data.iter().filter(|&&v| v).count()
    }

    /// Two masks, pixel by pixel.
    #[must_use]
    pub fn combine(mut self, other: &Mask, f: impl Fn(bool, bool) -> bool) -> Mask {
        for (a, &b) in self.data.iter_mut().zip(&other.data) {
            *a = f(*a, b);
        }
        self
    }

    /// 1 where set, 0 elsewhere.
    pub fn to_field(&self) -> Field {
        let data = self.data.iter().map(|&v| f32::from(u8::from(v))).collect();
        Field { width: self.width, height: self.height, data }
    }

    /// Every pixel within `radius` of a set one.
    #[must_use]
    pub fn dilate(&self, radius: f32) -> Mask {
        if radius > SMALL_RADIUS {
            let distance = squared_distance(self, true);
            let data = distance.iter().map(|&d| d <= radius * radius).collect();
            return Mask { width: self.width, height: self.height, data };
        }
        self.combine_disc(radius, |a, b| a | b)
    }

    /// Every pixel further than `radius` from any unset one (outside the picture counts as set).
    #[must_use]
    pub fn erode(&self, radius: f32) -> Mask {
        if radius > SMALL_RADIUS {
            let distance = squared_distance(self, false);
            let data = distance.iter().map(|&d| d > radius * radius).collect();
            return Mask { width: self.width, height: self.height, data };
        }
        self.combine_disc(radius, |a, b| a & b)
    }

    /// Combines every pixel with those within `radius` that lie in the picture: whole rows,
    /// shifted, at a time.
    fn combine_disc(&self, radius: f32, f: impl Fn(bool, bool) -> bool) -> Mask {
        let mut out = self.clone();
        let reach = radius.max(0.0) as isize;
        for dy in -reach..=reach {
            let half = (radius * radius - (dy * dy) as f32).max(0.0).sqrt() as usize;
            let first = (-dy).max(0) as usize;
            let last = (self.height as isize - dy.max(0)).max(0) as usize;
            for y in first..last {
                let from = (y as isize + dy) as usize * self.width;
                let row = &self.data[from..from + self.width];
                let target = &mut out.data[y * self.width..(y + 1) * self.width];
                for shift in 0..=half.min(self.width) {
                    let (left, right) = (&row[shift..], &row[..self.width - shift]);
                    for (t, &v) in target.iter_mut().zip(left) {
                        *t = f(*t, v);
                    }
                    for (t, &v) in target[shift..].iter_mut().zip(right) {
                        *t = f(*t, v);
                    }
                }
            }
        }
        out
    }

    /// Distance of every set pixel to the nearest unset one; 0 where unset.
    pub fn depth(&self) -> Field {
        let data = squared_distance(self, false).into_iter().map(f32::sqrt).collect();
        Field { width: self.width, height: self.height, data }
    }

    /// Labels the 8-connected parts: 0 where unset, else 1..; and the pixel count of each part
    /// (index 0 unused).
    pub fn components(&self) -> (Vec<u32>, Vec<usize>) {
        let mut labels = vec![0u32; self.data.len()];
        let mut sizes = vec![0usize];
        let mut stack = Vec::new();
        for start in 0..self.data.len() {
            if !self.data[start] || labels[start] != 0 {
                continue;
            }
            let label = sizes.len() as u32;
            sizes.push(0);
            labels[start] = label;
            stack.push(start);
            while let Some(i) = stack.pop() {
                sizes[label as usize] += 1;
                let (x, y) = (i % self.width, i / self.width);
                for ny in y.saturating_sub(1)..(y + 2).min(self.height) {
                    for nx in x.saturating_sub(1)..(x + 2).min(self.width) {
                        let n = ny * self.width + nx;
                        if self.data[n] && labels[n] == 0 {
                            labels[n] = label;
                            stack.push(n);
                        }
                    }
                }
            }
        }
        (labels, sizes)
    }
}

/// Up to this radius shifting rows is faster than measuring distances.
const SMALL_RADIUS: f32 = 7.0;

/// Squared Euclidean distance of each pixel to the nearest one whose value is `target`
/// (Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", 2012).
fn squared_distance(mask: &Mask, target: bool) -> Vec<f32> {
    let width = mask.width;
    let mut grid = steps_down(mask, target);
    let (mut line, mut out) = (vec![0.0f32; width], vec![0.0f32; width]);
    let (mut hull, mut bounds) = (vec![0usize; width], vec![0.0f32; width + 1]);
    for row in grid.chunks_exact_mut(width) {
        if row.iter().any(|&steps| steps > 0.0) {
            for (line, steps) in line.iter_mut().zip(&*row) {
                *line = steps * steps;
            }
            lower_envelope(&line, &mut out, &mut hull, &mut bounds);
            row.copy_from_slice(&out);
        }
    }
    grid
}

/// How many rows each pixel is from the nearest one of its column whose value is `target`.
fn steps_down(mask: &Mask, target: bool) -> Vec<f32> {
    /// Where a column has none: further than any picture is large.
    const FAR: f32 = 1e6;
    let (width, height) = (mask.width, mask.height);
    let mut grid: Vec<f32> =
        mask.data.iter().map(|&v| if v == target { 0.0 } else { FAR }).collect();
    let mut pass = |y: usize, downwards: bool| {
        let (above, below) = grid.split_at_mut(y * width);
        let (above, below) = (&mut above[(y - 1) * width..], &mut below[..width]);
        let (row, near) = if downwards { (below, above) } else { (above, below) };
        for (steps, near) in row.iter_mut().zip(near) {
            *steps = steps.min(*near + 1.0);
        }
    };
    (1..height).for_each(|y| pass(y, true));
    (1..height).rev().for_each(|y| pass(y, false));
    grid
}

/// One line of the distance transform: out[i] = min over j of (i − j)² + f[j].
fn lower_envelope(f: &[f32], out: &mut [f32], hull: &mut [usize], bounds: &mut [f32]) {
    let mut k = 0;
    hull[0] = 0;
    bounds[0] = f32::NEG_INFINITY;
    bounds[1] = f32::INFINITY;
    let square = |i: usize| (i * i) as f32;
    for q in 1..f.len() {
        loop {
            let p = hull[k];
            let cross = ((f[q] + square(q)) - (f[p] + square(p))) / (2.0 * (q - p) as f32);
            if cross <= bounds[k] && k > 0 {
                k -= 1;
                continue;
            }
            if cross > bounds[k] {
                k += 1;
            }
            hull[k] = q;
            bounds[k] = if k == 0 { f32::NEG_INFINITY } else { cross };
            bounds[k + 1] = f32::INFINITY;
            break;
        }
    }
    let mut k = 0;
    for (i, o) in out.iter_mut().enumerate().take(f.len()) {
        while bounds[k + 1] < i as f32 {
            k += 1;
        }
        let p = hull[k];
        *o = (i as f32 - p as f32).powi(2) + f[p];
    }
}

/// How much of each pixel a polygon covers, 0..=1 (even-odd rule, four sub-rows a pixel with
/// exact horizontal coverage).
pub fn polygon(width: usize, height: usize, points: &[Point]) -> Field {
    const SUB: usize = 4;
    let mut out = Field::zeros(width, height);
    let mut crossings: Vec<f32> = Vec::new();
    let low = points.iter().map(|p| p[1]).fold(f32::INFINITY, f32::min);
    let high = points.iter().map(|p| p[1]).fold(f32::NEG_INFINITY, f32::max);
    if points.is_empty() || !low.is_finite() || !high.is_finite() {
        return out;
    }
    let first = (low.floor() - 1.0).clamp(0.0, height as f32) as usize;
    let last = (high.ceil() + 2.0).clamp(0.0, height as f32) as usize;
    for y in first..last {
        for sub in 0..SUB {
            let line = y as f32 - 0.5 + (sub as f32 + 0.5) / SUB as f32;
            crossings.clear();
            for (i, a) in points.iter().enumerate() {
                let b = points[(i + 1) % points.len()];
                if (a[1] <= line) != (b[1] <= line) {
                    crossings.push(a[0] + (line - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
                }
            }
            crossings.sort_by(f32::total_cmp);
            for pair in crossings.chunks_exact(2) {
                cover(out.row_mut(y), pair[0] + 0.5, pair[1] + 0.5, 1.0 / SUB as f32);
            }
        }
    }
    out
}

/// Adds `amount` times the covered share of each pixel between two edges.
fn cover(row: &mut [f32], from: f32, to: f32, amount: f32) {
    let (from, to) = (from.max(0.0), to.min(row.len() as f32));
    if to <= from {
        return;
    }
    let (first, last) = (from as usize, (to.ceil() as usize).min(row.len()) - 1);
    if first == last {
        row[first] += amount * (to - from);
        return;
    }
    row[first] += amount * ((first + 1) as f32 - from);
    row[first + 1..last].iter_mut().for_each(|v| *v += amount);
    row[last] += amount * (to - last as f32);
}

/// The convex hull of points, counter-clockwise (Andrew's monotone chain).
pub fn convex_hull(points: &[Point]) -> Vec<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let cross = |o: Point, a: Point, b: Point| {
        (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
    };
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for p in points {
            while chain.len() >= 2
                && cross(chain[chain.len() - 2], chain[chain.len() - 1], p) <= 0.0
            {
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut sorted.iter().copied());
    hull.extend(half(&mut sorted.iter().rev().copied()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_square_polygon_covers_its_area() {
        let square = [[2.0, 3.0], [7.5, 3.0], [7.5, 9.25], [2.0, 9.25]];
        let field = polygon(12, 14, &square);
        assert!((field.data.iter().sum::<f32>() - 5.5 * 6.25).abs() < 0.8);
        assert_eq!(field.at(5, 6), 1.0);
        assert_eq!(field.at(9, 6), 0.0);
    }

    #[test]
    fn polygons_outside_the_picture_are_clipped() {
        let field = polygon(8, 8, &[[-20.0, -20.0], [30.0, -20.0], [30.0, 30.0], [-20.0, 30.0]]);
        assert!(field.data.iter().all(|&v| (v - 1.0).abs() < 1e-5));
        assert!(polygon(8, 8, &[]).data.iter().all(|&v| v == 0.0));
    }

    #[test]
    fn hull_drops_inner_points() {
        let hull = convex_hull(&[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [2.0, 2.0]]);
        assert_eq!(hull.len(), 4);
    }

    #[test]
    fn components_count_what_touches_at_corners_as_one() {
        let mask = Mask::from_fn(7, 3, |x, y| (x == y) || x == 6);
        let (labels, sizes) = mask.components();
        assert_eq!(sizes[1..], [3, 3]);
        assert_eq!(labels[0], labels[2 * 7 + 2]);
    }

    proptest! {
        #[test]
        fn growing_matches_the_definition(bits in prop::collection::vec(prop::bool::weighted(0.1), 15 * 11),
                                          radius in 0.0f32..9.0) {
            let mask = Mask { width: 15, height: 11, data: bits };
            let grown = mask.dilate(radius);
            let shrunk = mask.erode(radius);
            for y in 0..11i32 {
                for x in 0..15i32 {
                    let near = |value: bool| (0..15 * 11).any(|i| mask.data[i as usize] == value
                        && ((i % 15 - x).pow(2) + (i / 15 - y).pow(2)) as f32 <= radius * radius);
                    prop_assert_eq!(grown.at(x as usize, y as usize), near(true));
                    prop_assert_eq!(shrunk.at(x as usize, y as usize), !near(false));
                }
            }
        }
    }
}
