//! OpenCV's `GaussianBlur` of a yes-or-no picture in single precision, in its order of additions.
//!
//! The order matters: a kernel rarely adds up to exactly 1, and whether a whole face is weighted
//! with 1 or with 0.99999994 decides whether truncation takes one step off every pixel of it.

use super::super::field::Field;
use super::erode::Bits;

/// Blurs with a kernel of `2·radius + 1` samples of OpenCV's own sigma for that size, the picture
/// mirrored at its edges without repeating the outermost pixel. The result is 0..=1, give or take
/// the last bit.
pub(super) fn blur(bits: &Bits, radius: usize) -> Field {
    let kernel = kernel(radius);
    let rows = blur_rows(bits, &kernel);
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

/// The rows blurred, 0..=255, and which parts of them are neither all clear nor all set.
struct Rows {
    field: Field,
    spans: Vec<Spans>,
}

/// Half-open ranges of a row.
#[derive(Clone, Copy, Default)]
struct Spans {
    /// Outside it every sample is 0.
    touched: (usize, usize),
    /// In it every sample is the sum of the kernel.
    full: (usize, usize),
}

/// From left to right, one product after the other.
fn blur_rows(bits: &Bits, kernel: &[f32]) -> Rows {
    let (n, radius) = (kernel.len(), kernel.len() / 2);
    let step = |sum: f32, &k: &f32| fused(255.0, k, sum);
    // Most windows are set from some tap on, or up to some tap: their sums are known beforehand.
    let rising: Vec<f32> = (0..n).map(|i| kernel[i..].iter().fold(0.0, step)).collect();
    let falling: Vec<f32> = kernel
        .iter()
        .scan(0.0, |sum, k| {
            *sum = step(*sum, k);
            Some(*sum)
        })
        .collect();
    let mut field = Field::zeros(bits.width, bits.height);
    let mut spans = vec![Spans::default(); bits.height];
    for y in 0..bits.height {
        let row = bits.row(y);
        let Some(first) = row.iter().position(|&v| v != 0) else { continue };
        let last = row.iter().rposition(|&v| v != 0).unwrap_or(first);
        let window = Window::new(row, radius);
        let touched = (first.saturating_sub(radius), (last + radius + 1).min(row.len()));
        let target = field.row_mut(y);
        let mut full: Option<(usize, usize)> = None;
        for x in touched.0..touched.1 {
            let count = window.count(x);
            target[x] = if count == 0 {
                0.0
            } else if window.is_set_at_the_end(x, count) {
                rising[n - count]
            } else if window.is_set_at_the_start(x, count) {
                falling[count - 1]
            } else {
                let taps = kernel.iter().zip(&window.padded[x..x + n]);
                taps.filter(|(_, bit)| **bit != 0).map(|(k, _)| k).fold(0.0, step)
            };
            if count == n {
                full = match full {
                    Some((from, to)) if to == x => Some((from, x + 1)),
                    None => Some((x, x + 1)),
                    other => other,
                };
            }
        }
        spans[y] = Spans { touched, full: full.unwrap_or_default() };
    }
    Rows { field, spans }
}

/// A mirrored row and what the window around each of its pixels holds.
struct Window {
    padded: Vec<u8>,
    size: usize,
    /// How many ones come before each place.
    before: Vec<usize>,
}

impl Window {
    fn new(row: &[u8], radius: usize) -> Self {
        let reach = radius as isize;
        let padded: Vec<u8> =
            (-reach..row.len() as isize + reach).map(|x| row[mirrored(x, row.len())]).collect();
        let mut before = Vec::with_capacity(padded.len() + 1);
        before.push(0);
        let mut sum = 0;
        before.extend(padded.iter().map(|&v| {
            sum += usize::from(v);
            sum
        }));
        Window { padded, size: 2 * radius + 1, before }
    }

    /// How many pixels of the window are set.
    fn count(&self, x: usize) -> usize {
        self.before[x + self.size] - self.before[x]
    }

    /// Whether the set ones are the last `count`.
    fn is_set_at_the_end(&self, x: usize, count: usize) -> bool {
        let end = x + self.size;
        self.before[end] - self.before[end - count] == count
    }

    /// Whether the set ones are the first `count`.
    fn is_set_at_the_start(&self, x: usize, count: usize) -> bool {
        self.before[x + count] - self.before[x] == count
    }
}

/// The center first, then pairs from the inside out.
fn blur_columns(rows: &Rows, kernel: &[f32]) -> Field {
    let Rows { field, spans } = rows;
    let radius = kernel.len() / 2;
    let taps = &kernel[radius..];
    let mut out = Field::zeros(field.width, field.height);
    // Where the window is all set, every pixel is this.
    let sum = kernel.iter().fold(0.0, |sum, &k| fused(255.0, k, sum));
    let full_weight = taps[1..].iter().fold(sum * taps[0], |s, &k| fused(sum + sum, k, s)) / 255.0;
    for y in 0..field.height {
        let near = |dy: isize| mirrored(y as isize + dy, field.height);
        let reach = radius as isize;
        let mut touched = (field.width, 0);
        let mut full = (0, field.width);
        for dy in -reach..=reach {
            let row = spans[near(dy)];
            if row.touched.0 < row.touched.1 {
                touched = (touched.0.min(row.touched.0), touched.1.max(row.touched.1));
            }
            full = (full.0.max(row.full.0), full.1.min(row.full.1));
        }
        if touched.0 >= touched.1 {
            continue;
        }
        if full.0 >= full.1 {
            full = (touched.1, touched.1);
        }
        let target = out.row_mut(y);
        target[full.0..full.1].fill(full_weight);
        for (from, to) in [(touched.0, full.0), (full.1, touched.1)] {
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
            part.iter_mut().for_each(|o| *o /= 255.0);
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
