//! A single-channel float image, and how to move between its resolutions.

use std::ops::Range;

use multiversion::multiversion;
use serde::{Deserialize, Serialize};

/// A rectangle of `f32` samples, row after row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Samples per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` samples.
    pub data: Vec<f32>,
}

impl Field {
    /// A field with every sample at `value`.
    pub fn filled(width: usize, height: usize, value: f32) -> Self {
        Field { width, height, data: vec![value; width * height] }
    }

    /// A field of zeros.
    pub fn zeros(width: usize, height: usize) -> Self {
        Self::filled(width, height, 0.0)
    }

    /// A field computed from positions.
    pub fn from_fn(width: usize, height: usize, mut f: impl FnMut(usize, usize) -> f32) -> Self {
        let mut data = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                data.push(f(x, y));
            }
        }
        Field { width, height, data }
    }

    /// Whether it is of this size and whole: what was read from a file may be neither.
    pub fn is(&self, width: usize, height: usize) -> bool {
        (self.width, self.height, self.data.len()) == (width, height, width * height)
    }

    /// The sample at a position.
    #[inline]
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.data[y * self.width + x]
    }

    /// One row.
    #[inline]
    pub fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// One row, to write.
    #[inline]
    pub fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.data[y * self.width..(y + 1) * self.width]
    }

    /// Every sample through a function.
    #[must_use]
    pub fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        for v in &mut self.data {
            *v = f(*v);
        }
        self
    }

    /// Two fields of one size, sample by sample, into the first.
    #[must_use]
    pub fn zip(mut self, other: &Field, f: impl Fn(f32, f32) -> f32) -> Self {
        debug_assert_eq!((self.width, self.height), (other.width, other.height));
        for (a, &b) in self.data.iter_mut().zip(&other.data) {
            *a = f(*a, b);
        }
        self
    }

    /// Bilinear sample at a position in samples (0 = the center of the first), edges replicated.
    #[inline]
    pub fn bilinear(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let top = self.at(x0, y0) * (1.0 - fx) + self.at(x1, y0) * fx;
        let bottom = self.at(x0, y1) * (1.0 - fx) + self.at(x1, y1) * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// Enlarges to `width × height` bilinearly; sample centers map by area, so a coarse sample
    /// covers the same part of the picture at both sizes.
    pub fn enlarge(&self, width: usize, height: usize) -> Field {
        let mut data = Vec::with_capacity(width * height);
        let mut rows = self.enlarged(width, height);
        for y in 0..height {
            data.extend_from_slice(rows.part(y, 0..width));
        }
        Field { width, height, data }
    }

    /// The rows of [`Field::enlarge`], each computed when it is asked for: what is read once, row
    /// after row, need not lie in memory.
    pub fn enlarged(&self, width: usize, height: usize) -> Enlarged<'_> {
        Enlarged {
            field: self,
            height,
            columns: (0..width).map(|x| source_position(x, width, self.width)).collect(),
            rows: [0, 1].map(|_| (usize::MAX, Vec::new())),
            row: vec![0.0; width],
        }
    }

    /// Shrinks to `width × height` by averaging the area that each new sample covers.
    pub fn shrink(&self, width: usize, height: usize) -> Field {
        shrink(self, width, height)
    }

    /// Mean of the samples where `weight` is positive, weighted by it; 0 when nothing is.
    pub fn weighted_mean(&self, weight: &Field) -> f32 {
        let (sum, total) = weighted_sum(&self.data, &weight.data);
        if total > 0.0 { (sum / total) as f32 } else { 0.0 }
    }
}

/// A field at a larger size, row by row.
#[derive(Debug)]
pub struct Enlarged<'a> {
    field: &'a Field,
    height: usize,
    /// The first of the two samples that each new one lies between, and how far it is from it.
    columns: Vec<(usize, f32)>,
    /// The two rows that were enlarged last, even and odd ones, with their numbers: many new rows lie
    /// between the same two.
    rows: [(usize, Vec<f32>); 2],
    row: Vec<f32>,
}

impl Enlarged<'_> {
    /// The samples `span` of row `y` of the larger field.
    pub fn part(&mut self, y: usize, span: Range<usize>) -> &[f32] {
        let (first, fy) = source_position(y, self.height, self.field.height);
        let second = (first + 1).min(self.field.height - 1);
        for number in [first, second] {
            let (known, row) = &mut self.rows[number % 2];
            if *known != number {
                *known = number;
                enlarge_row(self.field.row(number), &self.columns, row);
            }
        }
        let [top, bottom] = [first, second].map(|number| &self.rows[number % 2].1[span.clone()]);
        let row = &mut self.row[..span.len()];
        between(top, bottom, fy, row);
        row
    }
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn enlarge_row(row: &[f32], columns: &[(usize, f32)], out: &mut Vec<f32>) {
    let last = row.len() - 1;
    out.clear();
    out.extend(columns.iter().map(|&(x, fx)| row[x] + (row[(x + 1).min(last)] - row[x]) * fx));
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn between(top: &[f32], bottom: &[f32], part: f32, out: &mut [f32]) {
    for ((o, a), b) in out.iter_mut().zip(top).zip(bottom) {
        *o = a + (b - a) * part;
    }
}

/// The sum of values times their weights, and that of the weights.
#[multiversion(targets("x86_64+avx+avx2"))]
fn weighted_sum(values: &[f32], weights: &[f32]) -> (f64, f64) {
    let (mut sum, mut total) = (0.0f64, 0.0f64);
    for (values, weights) in values.chunks(128).zip(weights.chunks(128)) {
        // Side by side: one sum would wait for itself at each value.
        let (mut sums, mut totals) = ([0.0f32; 8], [0.0f32; 8]);
        let ((eights, rest), (weights, rest_weights)) =
            (values.as_chunks::<8>(), weights.as_chunks::<8>());
        for (values, weights) in eights.iter().zip(weights) {
            for k in 0..8 {
                sums[k] += values[k] * weights[k];
                totals[k] += weights[k];
            }
        }
        for (k, (v, w)) in rest.iter().zip(rest_weights).enumerate() {
            sums[k] += v * w;
            totals[k] += w;
        }
        sum += f64::from(sums.iter().sum::<f32>());
        total += f64::from(totals.iter().sum::<f32>());
    }
    (sum, total)
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn shrink(field: &Field, width: usize, height: usize) -> Field {
    let horizontal = overlaps(field.width, width);
    let mut mixed = vec![0.0f32; field.width];
    let mut data = Vec::with_capacity(width * height);
    for Overlap { first, weights } in overlaps(field.height, height) {
        mixed.fill(0.0);
        for (y, weight) in (first..).zip(weights) {
            for (sum, v) in mixed.iter_mut().zip(field.row(y)) {
                *sum += v * weight;
            }
        }
        data.extend(horizontal.iter().map(|span| {
            mixed[span.first..].iter().zip(&span.weights).map(|(v, w)| v * w).sum::<f32>()
        }));
    }
    Field { width, height, data }
}

/// Where one enlarged sample lies: after which old one, and how far from it towards the next.
fn source_position(i: usize, new: usize, old: usize) -> (usize, f32) {
    let p = ((i as f32 + 0.5) * old as f32 / new as f32 - 0.5).clamp(0.0, (old - 1) as f32);
    (p as usize, p - (p as usize) as f32)
}

/// The old samples that a new one covers, in turn from the first one on, with weights that add up to 1.
struct Overlap {
    first: usize,
    weights: Vec<f32>,
}

/// What each of `new` samples covers of `old` ones.
fn overlaps(old: usize, new: usize) -> Vec<Overlap> {
    let step = old as f64 / new as f64;
    (0..new)
        .map(|i| {
            let (from, to) = (i as f64 * step, (i + 1) as f64 * step);
            let first = from as usize;
            let share = |k: usize| (to.min((k + 1) as f64) - from.max(k as f64)) / step;
            let weights = (first..(to.ceil() as usize).min(old)).map(|k| share(k).max(0.0) as f32);
            Overlap { first, weights: weights.collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_keeps_the_mean() {
        let field = Field::from_fn(37, 23, |x, y| (x * y % 11) as f32);
        let mean = |f: &Field| f.data.iter().sum::<f32>() / f.data.len() as f32;
        assert!((mean(&field) - mean(&field.shrink(9, 5))).abs() < 1e-3);
    }

    #[test]
    fn a_ramp_survives_enlarging() {
        let ramp = Field::from_fn(8, 4, |x, _| x as f32);
        let big = ramp.enlarge(80, 40);
        // Away from the replicated edges the ramp stays linear.
        assert!((big.at(44, 20) - big.at(34, 20) - 1.0).abs() < 1e-4);
        assert_eq!(big.at(0, 0), 0.0);
        assert_eq!(big.at(79, 39), 7.0);
    }

    #[test]
    fn parts_are_those_of_the_whole_in_any_order() {
        let field = Field::from_fn(11, 7, |x, y| ((x * 7 + y * 13) % 17) as f32);
        for (width, height) in [(40, 23), (11, 7), (5, 3)] {
            let whole = field.enlarge(width, height);
            let mut rows = field.enlarged(width, height);
            for y in (0..height).rev().chain([height - 1, 0, height / 2]) {
                let span = y % 3..width - y % 2;
                assert_eq!(*rows.part(y, span.clone()), whole.row(y)[span]);
            }
            for (x, y) in [(0, 0), (width / 2, height / 3), (width - 1, height - 1)] {
                let at = |i: usize, new: usize, old: usize| {
                    (i as f32 + 0.5) * old as f32 / new as f32 - 0.5
                };
                let want = field.bilinear(at(x, width, 11), at(y, height, 7));
                assert!((whole.at(x, y) - want).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_mean_counts_every_sample_by_its_weight() {
        let (w, h) = (23, 19);
        let field = Field::from_fn(w, h, |x, y| (x + 100 * y) as f32);
        for (x, y) in [(0, 0), (22, 18), (7, 5)] {
            let one = Field::from_fn(w, h, |a, b| if (a, b) == (x, y) { 0.5 } else { 0.0 });
            assert_eq!(field.weighted_mean(&one), (x + 100 * y) as f32);
        }
        let all = field.weighted_mean(&Field::filled(w, h, 1.0));
        assert!((all - 911.0).abs() < 1e-2, "{all}");
        assert_eq!(field.weighted_mean(&Field::zeros(w, h)), 0.0);
    }
}
