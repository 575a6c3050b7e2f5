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
    let mut out = Field::zeros(width, field.height);
    let mut padded = vec![0.0f32; width + 2 * radius];
    for y in 0..field.height {
        let row = field.row(y);
        padded[..radius].fill(row[0]);
        padded[radius..radius + width].copy_from_slice(row);
        padded[radius + width..].fill(row[width - 1]);
        let target = out.row_mut(y);
        for (o, &v) in target.iter_mut().zip(row) {
            *o = v * kernel[0];
        }
        for (i, &k) in kernel.iter().enumerate().skip(1) {
            let left = &padded[radius - i..radius - i + width];
            let right = &padded[radius + i..radius + i + width];
            for ((o, &a), &b) in target.iter_mut().zip(left).zip(right) {
                *o += (a + b) * k;
            }
        }
    }
    out
}

#[multiversion(targets("x86_64+avx+avx2"))]
fn convolve_columns(field: &Field, kernel: &[f32]) -> Field {
    let (width, last) = (field.width, field.height - 1);
    let mut out = Field::zeros(width, field.height);
    for y in 0..field.height {
        let target = &mut out.data[y * width..(y + 1) * width];
        for (o, &v) in target.iter_mut().zip(field.row(y)) {
            *o = v * kernel[0];
        }
        for (i, &k) in kernel.iter().enumerate().skip(1) {
            let (above, below) = (field.row(y.saturating_sub(i)), field.row((y + i).min(last)));
            for ((o, &a), &b) in target.iter_mut().zip(above).zip(below) {
                *o += (a + b) * k;
            }
        }
    }
    out
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
#[multiversion(targets("x86_64+avx+avx2"))]
pub fn reduce(field: &Field) -> Field {
    let (w, h) = (field.width.div_ceil(2), field.height.div_ceil(2));
    let mut narrow = Field::zeros(w, field.height);
    let last = field.width - 1;
    for y in 0..field.height {
        let row = field.row(y);
        for (x, o) in narrow.row_mut(y).iter_mut().enumerate() {
            let c = 2 * x;
            *o = (row[c.saturating_sub(2)] + row[(c + 2).min(last)]) * 0.0625
                + (row[c.saturating_sub(1)] + row[(c + 1).min(last)]) * 0.25
                + row[c] * 0.375;
        }
    }
    let mut out = Field::zeros(w, h);
    let last = field.height - 1;
    for y in 0..h {
        let c = 2 * y;
        let far = (narrow.row(c.saturating_sub(2)), narrow.row((c + 2).min(last)));
        let near = (narrow.row(c.saturating_sub(1)), narrow.row((c + 1).min(last)));
        let middle = narrow.row(c);
        for (x, o) in out.data[y * w..(y + 1) * w].iter_mut().enumerate() {
            *o =
                (far.0[x] + far.1[x]) * 0.0625 + (near.0[x] + near.1[x]) * 0.25 + middle[x] * 0.375;
        }
    }
    out
}

/// Doubles a field to the given size (Burt and Adelson's EXPAND).
#[must_use]
#[multiversion(targets("x86_64+avx+avx2"))]
pub fn expand(field: &Field, width: usize, height: usize) -> Field {
    let mut wide = Field::zeros(width, field.height);
    let last = field.width - 1;
    for y in 0..field.height {
        let row = field.row(y);
        for (x, o) in wide.row_mut(y).iter_mut().enumerate() {
            let c = (x / 2).min(last);
            *o = if x % 2 == 0 {
                (row[c.saturating_sub(1)] + row[(c + 1).min(last)]) * 0.125 + row[c] * 0.75
            } else {
                (row[c] + row[(c + 1).min(last)]) * 0.5
            };
        }
    }
    let mut out = Field::zeros(width, height);
    let last = field.height - 1;
    for y in 0..height {
        let c = (y / 2).min(last);
        let (above, middle, below) =
            (wide.row(c.saturating_sub(1)), wide.row(c), wide.row((c + 1).min(last)));
        let target = &mut out.data[y * width..(y + 1) * width];
        if y % 2 == 0 {
            for (x, o) in target.iter_mut().enumerate() {
                *o = (above[x] + below[x]) * 0.125 + middle[x] * 0.75;
            }
        } else {
            for (x, o) in target.iter_mut().enumerate() {
                *o = (middle[x] + below[x]) * 0.5;
            }
        }
    }
    out
}

/// Laplacian blend of `difference` into nothing under `mask`: every band of the difference is
/// weighted with the mask at that band's scale.
///
/// Blending is linear, so blending picture A over B with a mask is B plus this of A − B
/// (Burt and Adelson, "A multiresolution spline", 1983): one pyramid in place of two.
#[must_use]
pub fn laplacian_blend(difference: Field, mask: &Field, levels: usize) -> Field {
    if levels == 0 || difference.width < 4 || difference.height < 4 {
        return difference.zip(mask, |d, m| d * m);
    }
    let (width, height) = (difference.width, difference.height);
    let low = reduce(&difference);
    let band = difference.zip(&expand(&low, width, height), |d, e| d - e);
    let band = band.zip(mask, |d, m| d * m);
    let rest = laplacian_blend(low, &reduce(mask), levels - 1);
    expand(&rest, width, height).zip(&band, |r, b| r + b)
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
        let all = laplacian_blend(picture.clone(), &Field::filled(37, 21, 1.0), 3);
        for (a, b) in all.data.iter().zip(&picture.data) {
            assert!((a - b).abs() < 1e-3);
        }
        let none = laplacian_blend(picture, &Field::zeros(37, 21), 3);
        assert!(none.data.iter().all(|&v| v == 0.0));
    }
}
