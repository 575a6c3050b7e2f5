//! OpenCV's `GaussianBlur` of the square in single precision, in its order of additions.
//!
//! The order matters: a kernel rarely adds up to exactly 1, and whether a whole face is weighted
//! with 1 or with 0.99999994 decides whether truncation takes one step off every pixel of it.

use super::super::field::Field;
use super::erode::{FULL, Shares};

/// The square's white.
const WHITE: f32 = 255.0;

/// Blurs with a kernel of `2·radius + 1` samples of OpenCV's own sigma for that size, the picture
/// mirrored at its edges without repeating the outermost pixel. The result is 0..=1, give or take
/// the last bit.
pub(super) fn blur(shares: &Shares, radius: usize) -> Field {
    let kernel = kernel(radius);
    let rows = blur_rows(shares, &kernel);
    blur_columns(&rows, &kernel)
}

/// The kernel: computed in double precision, stored in single.
fn kernel(radius: usize) -> Vec<f32> {
    let sigma = 0.3 * (radius as f64 - 1.0) + 0.8;
    let weights: Vec<f64> = (0..=2 * radius)
        .map(|i| (-(i as f64 - radius as f64).powi(2) / (2.0 * sigma * sigma)).exp())
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| (w / sum) as f32).collect()
}

/// `a·b + c`, rounded once: what OpenCV's vector code computes. Without the machine's own
/// instruction, which not every machine has, a double holds the product exactly.
#[inline]
fn fused(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}

/// The rows blurred, 0..=255, and which parts of each there is nothing to compute in.
struct Rows {
    field: Field,
    spans: Vec<Spans>,
}

/// Half-open ranges of a row.
#[derive(Clone, Copy, Default)]
struct Spans {
    /// Outside it every window is empty.
    touched: (usize, usize),
    /// In it every window is full; empty where none is.
    full: (usize, usize),
}

impl Spans {
    /// What lies between the two.
    fn edges(&self) -> [(usize, usize); 2] {
        if self.full.0 < self.full.1 {
            [(self.touched.0, self.full.0), (self.full.1, self.touched.1)]
        } else {
            [self.touched, (self.touched.1, self.touched.1)]
        }
    }
}

/// From left to right, one product after the other.
fn blur_rows(shares: &Shares, kernel: &[f32]) -> Rows {
    let radius = kernel.len() / 2;
    let (width, height) = (shares.width, shares.height);
    let full: f32 = kernel.iter().fold(0.0, |sum, &k| fused(WHITE, k, sum));
    let mut field = Field::zeros(width, height);
    let mut spans = vec![Spans::default(); height];
    let mut padded = vec![0.0f32; width + 2 * radius];
    for y in 0..height {
        let row = shares.row(y);
        let Some(span) = row_spans(row, radius) else { continue };
        for (x, p) in padded.iter_mut().enumerate() {
            let share = row[mirrored(x as isize - radius as isize, width)];
            *p = f32::from(share) * (WHITE / f32::from(FULL));
        }
        let target = field.row_mut(y);
        target[span.full.0..span.full.1].fill(full);
        for (from, to) in span.edges() {
            let part = &mut target[from..to];
            for (i, &k) in kernel.iter().enumerate() {
                for (o, &v) in part.iter_mut().zip(&padded[from + i..to + i]) {
                    *o = fused(v, k, *o);
                }
            }
        }
        spans[y] = span;
    }
    Rows { field, spans }
}

/// The spans of a row of the eroded square; `None` when it is empty.
fn row_spans(row: &[i16], radius: usize) -> Option<Spans> {
    let width = row.len();
    let first = row.iter().position(|&v| v != 0)?;
    let last = row.iter().rposition(|&v| v != 0)?;
    let touched = (first.saturating_sub(radius), (last + radius + 1).min(width));
    let from = row.iter().position(|&v| v == FULL).unwrap_or(width);
    let run = row[from..].iter().position(|&v| v != FULL).unwrap_or(width - from);
    // What lies beyond an edge of the picture is as full as the edge.
    let start = if from == 0 { 0 } else { from + radius };
    let end = if from + run == width { width } else { (from + run).saturating_sub(radius) };
    let enough = run > radius && start < end;
    Some(Spans { touched, full: if enough { (start, end) } else { (0, 0) } })
}

/// The center first, then pairs from the inside out.
fn blur_columns(rows: &Rows, kernel: &[f32]) -> Field {
    let Rows { field, spans } = rows;
    let radius = kernel.len() / 2;
    let taps = &kernel[radius..];
    let reach = radius as isize;
    let mut out = Field::zeros(field.width, field.height);
    let sum: f32 = kernel.iter().fold(0.0, |sum, &k| fused(WHITE, k, sum));
    let full_weight = taps[1..].iter().fold(sum * taps[0], |s, &k| fused(sum + sum, k, s)) / WHITE;
    for y in 0..field.height {
        let near = |dy: isize| mirrored(y as isize + dy, field.height);
        let mut span = Spans { touched: (field.width, 0), full: (0, field.width) };
        for row in (-reach..=reach).map(|dy| spans[near(dy)]) {
            if row.touched.0 < row.touched.1 {
                let (from, to) = span.touched;
                span.touched = (from.min(row.touched.0), to.max(row.touched.1));
            }
            span.full = (span.full.0.max(row.full.0), span.full.1.min(row.full.1));
        }
        if span.touched.0 >= span.touched.1 {
            continue;
        }
        let target = out.row_mut(y);
        if span.full.0 < span.full.1 {
            target[span.full.0..span.full.1].fill(full_weight);
        }
        for (from, to) in span.edges() {
            let part = &mut target[from..to];
            for (o, &v) in part.iter_mut().zip(&field.row(y)[from..to]) {
                *o = v * taps[0];
            }
            for (i, &k) in taps.iter().enumerate().skip(1) {
                let (above, below) = (field.row(near(-(i as isize))), field.row(near(i as isize)));
                let pairs = above[from..to].iter().zip(&below[from..to]);
                for (o, (&a, &b)) in part.iter_mut().zip(pairs) {
                    *o = fused(a + b, k, *o);
                }
            }
            part.iter_mut().for_each(|o| *o /= WHITE);
        }
    }
    out
}

/// A place in a line of `length`, mirrored into it at its ends (OpenCV's `BORDER_REFLECT_101`).
fn mirrored(at: isize, length: usize) -> usize {
    let last = length as isize - 1;
    if last == 0 {
        return 0;
    }
    let at = at.rem_euclid(2 * last);
    at.min(2 * last - at) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the plain definition in double precision, wherever the square lies.
        #[test]
        fn blurring_matches_the_definition(
            left in 0usize..40, top in 0usize..30, w in 1usize..50, h in 1usize..50,
            edge in 0..FULL, radius in 5usize..9,
        ) {
            let mut shares = Shares::none(47, 41);
            for y in top..(top + h).min(41) {
                shares.row_mut(y)[left..(left + w).min(47)].fill(FULL);
                shares.row_mut(y)[left] = edge;
            }
            let got = blur(&shares, radius);
            let kernel = kernel(radius);
            prop_assert!((kernel.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            let at = |x: usize, i: usize, n| mirrored((x + i) as isize - radius as isize, n);
            for y in 0..41 {
                for x in 0..47 {
                    let mut want = 0.0f64;
                    for (j, &kj) in kernel.iter().enumerate() {
                        for (i, &ki) in kernel.iter().enumerate() {
                            let share = shares.row(at(y, j, 41))[at(x, i, 47)];
                            want += f64::from(kj) * f64::from(ki) * f64::from(share) / 1024.0;
                        }
                    }
                    prop_assert!((f64::from(got.at(x, y)) - want).abs() < 1e-6, "{} {}", x, y);
                }
            }
        }
    }

    #[test]
    fn lines_are_mirrored_without_their_ends() {
        let line: Vec<usize> = (-4..8).map(|i| mirrored(i, 4)).collect();
        assert_eq!(line, [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!(mirrored(-3, 1), 0);
    }
}
