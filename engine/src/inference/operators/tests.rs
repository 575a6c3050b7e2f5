//! Against what they are defined to be.

use super::norm::{Finish, normalize};
use super::resize::{double, halve};

fn noise(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i * 7919 % 1009) as f32 / 1009.0 - 0.5).collect()
}

#[test]
fn a_channel_is_normalized_to_its_scale_and_bias() {
    // One pixel, less than a group of vectors, several blocks.
    for (len, far) in [(1, 0.0), (21, 0.0), (1024, -300.0), (9001, 5.0)] {
        let x: Vec<f32> = noise(len).iter().map(|v| v + far).collect();
        let finish = Finish { scale: -1.5, bias: 0.25, epsilon: 1e-8, slope: 0.1 };
        let mut y = vec![f32::NAN; len];
        normalize(&x, &mut y, finish);
        let x: Vec<f64> = x.into_iter().map(f64::from).collect();
        let mean = x.iter().sum::<f64>() / len as f64;
        let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / len as f64;
        for (got, x) in y.iter().zip(x) {
            let value = (x - mean) / (variance + 1e-8).sqrt() * -1.5 + 0.25;
            let want = if value < 0.0 { 0.1 * value } else { value };
            // As far from zero as the numbers are, they are not finer than that.
            let within = 1e-5 * (1.0 + f64::from(far).abs());
            assert!((f64::from(*got) - want).abs() < within, "{got} for {want} of {len}");
        }
    }
}

/// Linear interpolation between the centers of pixels, to so many rows and columns.
fn interpolated(x: &[f32], (height, width): (usize, usize), scale: f64) -> Vec<f64> {
    let side = |n: usize| (n as f64 * scale) as usize;
    let from = |i: usize, side: usize| {
        let place = ((i as f64 + 0.5) / scale - 0.5).clamp(0.0, side as f64 - 1.0);
        let before = place.floor() as usize;
        (before, (before + 1).min(side - 1), place.fract())
    };
    let mut all = Vec::new();
    for row in 0..side(height) {
        for column in 0..side(width) {
            let ((t, b, v), (l, r, h)) = (from(row, height), from(column, width));
            let at = |y: usize, x_: usize| f64::from(x[y * width + x_]);
            let upper = at(t, l) * (1.0 - h) + at(t, r) * h;
            let lower = at(b, l) * (1.0 - h) + at(b, r) * h;
            all.push(upper * (1.0 - v) + lower * v);
        }
    }
    all
}

#[test]
fn pictures_become_twice_or_half_as_large() {
    for (height, width) in [(1, 1), (1, 5), (4, 4), (5, 7), (6, 33), (17, 4)] {
        let x = noise(height * width);
        let check = |y: &[f32], want: &[f64]| {
            assert_eq!(y.len(), want.len());
            for (got, want) in y.iter().zip(want) {
                assert!((f64::from(*got) - want).abs() < 1e-6, "{got} for {want}");
            }
        };
        let mut y = vec![f32::NAN; 4 * height * width];
        double(&x, width, &mut y);
        check(&y, &interpolated(&x, (height, width), 2.0));
        if height.min(width) >= 4 {
            let mut y = vec![f32::NAN; (height / 2) * (width / 2)];
            halve(&x, width, &mut y);
            check(&y, &interpolated(&x, (height, width), 0.5));
        }
    }
}
