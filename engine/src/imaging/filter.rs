//! Gaussian blur and Laplacian pyramids on float fields.

use multiversion::multiversion;

use super::field::Field;

/// Gaussian blur with the given standard deviation in samples; edges are replicated.
///
/// Small kernels are exact; from sigma 6 on, three box passes whose variances add up to sigma²
/// (Kovesi, "Fast almost-Gaussian filtering") cost the same at any size.
#[must_use]
pub fn gaussian(field: &Field, sigma: f32) -> Field {
    if sigma < 0.15 {
        field.clone()
    } else if sigma < 6.0 {
        let kernel = kernel(sigma);
        let narrow = convolve_rows(field, &kernel);
        convolve_columns(&narrow, &kernel)
    } else {
        let mut out = field.clone();
        for radius in box_radii(sigma) {
            out = box_rows(&out, radius);
            out = box_columns(&out, radius);
        }
        out
    }
}

/// Gaussian blur that counts only samples with weight: blur(f·w) / (blur(w) + floor), with
/// `floor·mean` mixed in so that places without weight tend to the weighted mean.
#[must_use]
pub fn normalized_gaussian(field: &Field, weight: &Field, sigma: f32, floor: f32) -> Field {
    let mean = field.weighted_mean(weight);
    let top = gaussian(&field.clone().zip(weight, |v, w| v * w), sigma);
    let bottom = gaussian(weight, sigma);
    top.zip(&bottom, |t, b| (t + floor * mean) / (b + floor))
}

/// One side of a normalized Gaussian kernel, center first, cut at 3 sigma.
fn kernel(sigma: f32) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil().max(1.0) as usize;
    let mut k: Vec<f32> =
        (0..=radius).map(|i| (-((i * i) as f32) / (2.0 * sigma * sigma)).exp()).collect();
    let sum = k[0] + 2.0 * k[1..].iter().sum::<f32>();
    for v in &mut k {
        *v /= sum;
    }
    k
}

/// A symmetric kernel over one padded row: `padded[radius + x]` is sample x.
#[multiversion(targets("x86_64+avx+avx2"))]
fn convolve_rows(field: &Field, kernel: &[f32]) -> Field {
    let radius = kernel.len() - 1;
    let width = field.width;
    let mut data = Vec::with_capacity(field.data.len());
    let mut padded = vec![0.0f32; width + 2 * radius];
    for row in field.data.chunks_exact(width) {
        padded[radius..radius + width].copy_from_slice(row);
        replicate_edges(&mut padded, radius);
        let start = data.len();
        data.extend(row.iter().map(|v| v * kernel[0]));
        let target = &mut data[start..];
        for (i, &k) in kernel.iter().enumerate().skip(1) {
            let left = &padded[radius - i..radius - i + width];
            let right = &padded[radius + i..radius + i + width];
            for ((o, &a), &b) in target.iter_mut().zip(left).zip(right) {
                *o += (a + b) * k;
            }
        }
    }
    Field { width, height: field.height, data }
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn convolve_columns(field: &Field, kernel: &[f32]) -> Field {
    let (width, height) = (field.width, field.height);
    let mut data = Vec::with_capacity(field.data.len());
    for y in 0..height {
        let start = data.len();
        data.extend(field.row(y).iter().map(|v| v * kernel[0]));
        let target = &mut data[start..];
        for (i, &k) in kernel.iter().enumerate().skip(1) {
            let below = (y + i).min(height - 1);
            let (above, below) = (field.row(y.saturating_sub(i)), field.row(below));
            for ((o, &a), &b) in target.iter_mut().zip(above).zip(below) {
                *o += (a + b) * k;
            }
        }
    }
    Field { width, height, data }
}

/// Radii of three boxes whose summed variance is the nearest to sigma².
fn box_radii(sigma: f32) -> [usize; 3] {
    let ideal = (12.0 * sigma * sigma / 3.0 + 1.0).sqrt();
    let mut small = ideal.floor() as i64;
    if small % 2 == 0 {
        small -= 1;
    }
    let s = small as f32;
    let count = ((12.0 * sigma * sigma - 3.0 * s * s - 12.0 * s - 9.0) / (-4.0 * s - 4.0)).round();
    std::array::from_fn(|i| {
        let size = if (i as f32) < count { small } else { small + 2 };
        (size.max(1) as usize - 1) / 2
    })
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn box_rows(field: &Field, radius: usize) -> Field {
    let width = field.width;
    let scale = 1.0 / (2 * radius + 1) as f32;
    let mut out = Field::zeros(width, field.height);
    for y in 0..field.height {
        let row = field.row(y);
        let get = |i: i64| row[i.clamp(0, width as i64 - 1) as usize];
        let r = radius as i64;
        let mut sum: f32 = (-r..=r).map(get).sum();
        for (x, o) in out.row_mut(y).iter_mut().enumerate() {
            *o = sum * scale;
            sum += get(x as i64 + r + 1) - get(x as i64 - r);
        }
    }
    out
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn box_columns(field: &Field, radius: usize) -> Field {
    let (width, height) = (field.width, field.height as i64);
    let scale = 1.0 / (2 * radius + 1) as f32;
    let r = radius as i64;
    let row = |i: i64| field.row(i.clamp(0, height - 1) as usize);
    let mut sum = vec![0.0f32; width];
    for i in -r..=r {
        for (s, &v) in sum.iter_mut().zip(row(i)) {
            *s += v;
        }
    }
    let mut out = Field::zeros(width, field.height);
    for y in 0..height {
        for (o, &s) in out.row_mut(y as usize).iter_mut().zip(&sum) {
            *o = s * scale;
        }
        let (enter, leave) = (row(y + r + 1), row(y - r));
        for ((s, &e), &l) in sum.iter_mut().zip(enter).zip(leave) {
            *s += e - l;
        }
    }
    out
}

/// Halves a field with the binomial kernel 1 4 6 4 1 (Burt and Adelson's REDUCE).
#[must_use]
pub fn reduce(field: &Field) -> Field {
    let (width, height) = (field.width.div_ceil(2), field.height.div_ceil(2));
    let last = field.height - 1;
    let mut data = Vec::with_capacity(width * height);
    let mut mixed = vec![0.0; field.width + 4];
    for c in (0..field.height).step_by(2) {
        let near = [c.saturating_sub(2), c.saturating_sub(1), c, c + 1, c + 2];
        let near = near.map(|y| field.row(y.min(last)));
        reduce_row(near, &mut mixed, &mut data);
    }
    Field { width, height, data }
}

/// Adds the row in the middle of five, halved. `mixed` has two samples more than a row on each side.
#[multiversion(targets("x86_64+avx+avx2"))]
fn reduce_row(near: [&[f32]; 5], mixed: &mut [f32], out: &mut Vec<f32>) {
    let weigh = |[a, b, c, d, e]: [f32; 5]| (a + e) * 0.0625 + (b + d) * 0.25 + c * 0.375;
    let width = near[0].len();
    let near = near.map(|row| &row[..width]);
    for (x, o) in mixed[2..width + 2].iter_mut().enumerate() {
        *o = weigh(near.map(|row| row[x]));
    }
    replicate_edges(mixed, 2);
    let five = mixed.windows(5).step_by(2).filter_map(|near| near.first_chunk());
    out.extend(five.map(|near| weigh(*near)));
}

/// Gives what lies beside a row on each side its first and its last sample.
#[inline(always)]
fn replicate_edges(row: &mut [f32], margin: usize) {
    let end = row.len() - margin;
    let (first, last) = (row[margin], row[end - 1]);
    row[..margin].fill(first);
    row[end..].fill(last);
}

/// Doubles a field to the given size (Burt and Adelson's EXPAND).
#[must_use]
pub fn expand(field: &Field, width: usize, height: usize) -> Field {
    let mut rows = Expanded::new(field, width);
    let mut data = Vec::with_capacity(width * height);
    for y in 0..height {
        data.extend_from_slice(rows.row(y));
    }
    Field { width, height, data }
}

/// The rows of [`expand`], each computed when it is asked for.
struct Expanded<'a> {
    field: &'a Field,
    width: usize,
    /// A row between two rows, with a sample more on each side.
    mixed: Vec<f32>,
    row: Vec<[f32; 2]>,
}

impl<'a> Expanded<'a> {
    fn new(field: &'a Field, width: usize) -> Self {
        let (mixed, row) = (vec![0.0; field.width + 2], vec![[0.0; 2]; field.width]);
        Expanded { field, width, mixed, row }
    }

    /// Row `y` of the doubled field.
    fn row(&mut self, y: usize) -> &[f32] {
        let (field, c) = (self.field, y / 2);
        let near = [c.saturating_sub(1), c, (c + 1).min(field.height - 1)].map(|y| field.row(y));
        expand_row(near, y.is_multiple_of(2), &mut self.mixed, &mut self.row);
        &self.row.as_flattened()[..self.width]
    }
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn expand_row(near: [&[f32]; 3], even: bool, mixed: &mut [f32], row: &mut [[f32; 2]]) {
    let on = |[a, b, c]: [f32; 3]| (a + c) * 0.125 + b * 0.75;
    let between = |[_, b, c]: [f32; 3]| (b + c) * 0.5;
    let width = row.len();
    let near = near.map(|row| &row[..width]);
    for (x, o) in mixed[1..=width].iter_mut().enumerate() {
        let near = near.map(|row| row[x]);
        *o = if even { on(near) } else { between(near) };
    }
    replicate_edges(mixed, 1);
    for (pair, near) in row.iter_mut().zip(mixed.windows(3)) {
        let near = [near[0], near[1], near[2]];
        *pair = [on(near), between(near)];
    }
}

/// A mask at the scale of each band of a [`laplacian_blend`], the finest first: at most `levels` and
/// the rest, fewer where a picture of this size has no more.
#[must_use]
pub fn mask_pyramid(mask: Field, levels: usize) -> Vec<Field> {
    let mut pyramid = vec![mask];
    while let Some(last) = pyramid.last()
        && pyramid.len() <= levels
        && last.width >= 4
        && last.height >= 4
    {
        pyramid.push(reduce(last));
    }
    pyramid
}

/// Laplacian blend of `difference` into nothing under a mask: every band of the difference is
/// weighted with the mask at that band's scale (see [`mask_pyramid`]).
///
/// Blending is linear, so blending picture A over B with a mask is B plus this of A − B
/// (Burt and Adelson, "A multiresolution spline", 1983): one pyramid in place of two.
#[must_use]
pub fn laplacian_blend(mut difference: Field, masks: &[Field]) -> Field {
    let (mask, coarser) = match masks {
        [] => return difference,
        [last] => return difference.zip(last, |d, m| d * m),
        [mask, coarser @ ..] => (mask, coarser),
    };
    let (width, height) = (difference.width, difference.height);
    let low = reduce(&difference);
    let mut expanded = Expanded::new(&low, width);
    for y in 0..height {
        let (slow, mask) = (expanded.row(y), mask.row(y));
        for ((d, e), m) in difference.row_mut(y).iter_mut().zip(slow).zip(mask) {
            *d = (*d - e) * m;
        }
    }
    let rest = laplacian_blend(low, coarser);
    let mut expanded = Expanded::new(&rest, width);
    for y in 0..height {
        for (d, r) in difference.row_mut(y).iter_mut().zip(expanded.row(y)) {
            *d += r;
        }
    }
    difference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(sigma: f32) -> f32 {
        let mut field = Field::zeros(121, 121);
        field.data[60 * 121 + 60] = 1.0;
        let out = gaussian(&field, sigma);
        let mut variance = 0.0;
        for y in 0..121 {
            for x in 0..121 {
                variance += out.at(x, y) * ((x as f32 - 60.0).powi(2));
            }
        }
        variance.sqrt()
    }

    #[test]
    fn blur_has_the_asked_width() {
        for sigma in [1.0, 3.0, 5.0, 6.5, 9.5, 14.0] {
            assert!(
                (spread(sigma) / sigma - 1.0).abs() < 0.04,
                "{sigma} came out {}",
                spread(sigma)
            );
        }
    }

    #[test]
    fn a_full_mask_blends_everything_and_an_empty_one_nothing() {
        let picture = Field::from_fn(37, 21, |x, y| ((x * 7 + y * 13) % 29) as f32);
        let full = mask_pyramid(Field::filled(37, 21, 1.0), 3);
        let all = laplacian_blend(picture.clone(), &full);
        for (a, b) in all.data.iter().zip(&picture.data) {
            assert!((a - b).abs() < 1e-3);
        }
        let none = laplacian_blend(picture, &mask_pyramid(Field::zeros(37, 21), 3));
        assert!(none.data.iter().all(|&v| v == 0.0));
    }

    #[test]
    fn halving_keeps_flat_and_sloping_pictures_and_doubling_brings_them_back() {
        for (width, height) in [(37, 21), (36, 20), (3, 2), (1, 1)] {
            let flat = Field::filled(width, height, 7.0);
            let half = reduce(&flat);
            assert_eq!((half.width, half.height), (width.div_ceil(2), height.div_ceil(2)));
            let back = expand(&half, width, height);
            assert!(half.data.iter().chain(&back.data).all(|v| (v - 7.0).abs() < 1e-5));
        }
        let slope = Field::from_fn(64, 48, |x, y| x as f32 - 2.0 * y as f32);
        let half = reduce(&slope);
        let back = expand(&half, 64, 48);
        for (x, y) in [(10, 10), (33, 21), (50, 40)] {
            assert!((half.at(x / 2, y / 2) - slope.at(x / 2 * 2, y / 2 * 2)).abs() < 1e-3);
            assert!((back.at(x, y) - slope.at(x, y)).abs() < 1e-3);
        }
    }
}
