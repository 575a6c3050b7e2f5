//! A single-channel float image, and how to move between its resolutions.

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
        let mut out = Field::zeros(width, height);
        let mut rows = self.enlarged(width, height);
        for y in 0..height {
            out.row_mut(y).copy_from_slice(rows.row(y));
        }
        out
    }

    /// The rows of [`Field::enlarge`], each computed when it is asked for: what is read once, row
    /// after row, need not lie in memory.
    pub fn enlarged(&self, width: usize, height: usize) -> Enlarged<'_> {
        Enlarged {
            field: self,
            height,
            columns: (0..width).map(|x| source_position(x, width, self.width)).collect(),
            mixed: vec![0.0; self.width],
            row: vec![0.0; width],
        }
    }

    /// Shrinks to `width × height` by averaging the area that each new sample covers.
    pub fn shrink(&self, width: usize, height: usize) -> Field {
        shrink(self, width, height)
    }

    /// Mean of the samples where `weight` is positive, weighted by it; 0 when nothing is.
    pub fn weighted_mean(&self, weight: &Field) -> f32 {
        let (mut sum, mut total) = (0.0f64, 0.0f64);
        for (&v, &w) in self.data.iter().zip(&weight.data) {
            sum += f64::from(v) * f64::from(w);
            total += f64::from(w);
        }
        if total > 0.0 { (sum / total) as f32 } else { 0.0 }
    }
}

/// A field at a larger size, row by row.
#[derive(Debug)]
pub struct Enlarged<'a> {
    field: &'a Field,
    height: usize,
    /// The two samples that each new one lies between, and how far it is from the first.
    columns: Vec<(usize, usize, f32)>,
    mixed: Vec<f32>,
    row: Vec<f32>,
}

impl Enlarged<'_> {
    /// Row `y` of the larger field.
    pub fn row(&mut self, y: usize) -> &[f32] {
        let (y0, y1, fy) = source_position(y, self.height, self.field.height);
        let (top, bottom) = (self.field.row(y0), self.field.row(y1));
        enlarge_row([top, bottom], fy, &self.columns, &mut self.mixed, &mut self.row);
        &self.row
    }
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn enlarge_row(
    [top, bottom]: [&[f32]; 2],
    fy: f32,
    columns: &[(usize, usize, f32)],
    mixed: &mut [f32],
    row: &mut [f32],
) {
    for ((m, &a), &b) in mixed.iter_mut().zip(top).zip(bottom) {
        *m = a + (b - a) * fy;
    }
    for (o, &(x0, x1, fx)) in row.iter_mut().zip(columns) {
        *o = mixed[x0] + (mixed[x1] - mixed[x0]) * fx;
    }
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn shrink(field: &Field, width: usize, height: usize) -> Field {
    let horizontal = overlaps(field.width, width);
    let vertical = overlaps(field.height, height);
    let mut narrow = Field::zeros(width, field.height);
    for y in 0..field.height {
        let row = field.row(y);
        for (o, span) in narrow.row_mut(y).iter_mut().zip(&horizontal) {
            *o = span.iter().map(|&(i, w)| row[i] * w).sum();
        }
    }
    let mut out = Field::zeros(width, height);
    for (y, span) in vertical.iter().enumerate() {
        let row = out.row_mut(y);
        for &(i, w) in span {
            for (o, &v) in row.iter_mut().zip(narrow.row(i)) {
                *o += v * w;
            }
        }
    }
    out
}

/// The two neighbors and the weight of the second for one enlarged sample.
fn source_position(i: usize, new: usize, old: usize) -> (usize, usize, f32) {
    let p = ((i as f32 + 0.5) * old as f32 / new as f32 - 0.5).clamp(0.0, (old - 1) as f32);
    let i0 = p as usize;
    (i0, (i0 + 1).min(old - 1), p - i0 as f32)
}

/// For each of `new` samples the old samples it covers, with weights that add up to 1.
fn overlaps(old: usize, new: usize) -> Vec<Vec<(usize, f32)>> {
    let step = old as f64 / new as f64;
    (0..new)
        .map(|i| {
            let (from, to) = (i as f64 * step, (i + 1) as f64 * step);
            let last = (to.ceil() as usize).min(old);
            (from as usize..last)
                .filter_map(|k| {
                    let w = (to.min((k + 1) as f64) - from.max(k as f64)) / step;
                    (w > 1e-9).then_some((k, w as f32))
                })
                .collect()
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
}
