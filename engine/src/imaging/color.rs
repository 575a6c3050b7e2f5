//! Color spaces of pixels: sRGB and CIE Lab (D65), RGB and YUV.

use std::sync::LazyLock;

use multiversion::multiversion;

use super::field::Field;
use super::frame::Matrix;
use super::taps::whole;

/// Three fields of one size: R, G, B (0..=255) or L (0..=100), a, b.
pub type Planes = [Field; 3];

/// sRGB 0..=255 → linear 0..=1, in steps of a quarter.
static TO_LINEAR: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..=1021).map(|i| srgb_to_linear(i as f32 / 1020.0)).collect());

/// √linear (0..=1, in 2048 steps) → sRGB 0..=255. The root gives dark tones their share of steps.
static FROM_ROOT: LazyLock<[f32; 2050]> =
    LazyLock::new(|| std::array::from_fn(|i| linear_to_srgb((i as f32 / 2048.0).powi(2)) * 255.0));

/// The sRGB transfer function (IEC 61966-2-1), 0..=1.
pub fn srgb_to_linear(v: f32) -> f32 {
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// Its inverse, 0..=1.
pub fn linear_to_srgb(v: f32) -> f32 {
    if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}

fn linear(v: f32) -> f32 {
    look_up(&TO_LINEAR, v.clamp(0.0, 255.0) * 4.0)
}

/// What a table says between two of its values.
#[inline]
pub fn look_up(table: &[f32], at: f32) -> f32 {
    let i = at as usize;
    let (a, b) = (table[i], table[i + 1]);
    a + (b - a) * (at - i as f32)
}

/// A cube root good to 1e-6: a guess from the exponent and two Newton steps.
#[inline]
fn cube_root(v: f32) -> f32 {
    let guess = f32::from_bits(v.to_bits() / 3 + 0x2a51_37a0);
    let guess = guess - (guess - v / (guess * guess)) * (1.0 / 3.0);
    guess - (guess - v / (guess * guess)) * (1.0 / 3.0)
}

/// White of D65 as in the sRGB matrix.
const WHITE: [f32; 3] = [0.950_456, 1.0, 1.088_754];

/// sRGB 0..=255 → CIE Lab.
#[inline]
pub fn rgb_to_lab(rgb: [f32; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(linear);
    let xyz = [
        (0.412_453 * r + 0.357_580 * g + 0.180_423 * b) / WHITE[0],
        0.212_671 * r + 0.715_160 * g + 0.072_169 * b,
        (0.019_334 * r + 0.119_193 * g + 0.950_227 * b) / WHITE[2],
    ];
    let f = xyz.map(|t| if t > 0.008_856 { cube_root(t) } else { 7.787 * t + 16.0 / 116.0 });
    [116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])]
}

/// CIE Lab → sRGB, clipped to 0..=255.
#[inline]
pub fn lab_to_rgb(lab: [f32; 3]) -> [f32; 3] {
    let from_root = &FROM_ROOT;
    lab_to_root(lab).map(|root| encode(root, from_root))
}

/// A row of pixels from CIE Lab to sRGB, in place.
#[multiversion(targets("x86_64+avx+avx2"))]
pub fn row_to_rgb(mut row: [&mut [f32]; 3]) {
    // What is computed becomes vectors, what is looked up does not.
    let [first, second, third] = &mut row;
    for ((a, b), c) in first.iter_mut().zip(second.iter_mut()).zip(third.iter_mut()) {
        [*a, *b, *c] = lab_to_root([*a, *b, *c]);
    }
    let from_root = &FROM_ROOT;
    for channel in row {
        channel.iter_mut().for_each(|v| *v = encode(*v, from_root));
    }
}

/// CIE Lab → roots of linear RGB in steps of [`FROM_ROOT`], clipped to its range.
#[inline(always)]
fn lab_to_root(lab: [f32; 3]) -> [f32; 3] {
    let fy = (lab[0] + 16.0) / 116.0;
    let f = [fy + lab[1] / 500.0, fy, fy - lab[2] / 200.0];
    let inverse = |t: f32| if t > 0.206_893 { t * t * t } else { (t - 16.0 / 116.0) / 7.787 };
    let x = inverse(f[0]) * WHITE[0];
    let y = inverse(f[1]);
    let z = inverse(f[2]) * WHITE[2];
    let root = |v: f32| v.clamp(0.0, 1.0).sqrt() * 2048.0;
    [
        root(3.240_479 * x - 1.537_15 * y - 0.498_535 * z),
        root(-0.969_256 * x + 1.875_991 * y + 0.041_556 * z),
        root(0.055_648 * x - 0.204_043 * y + 1.057_311 * z),
    ]
}

/// The root of a linear value, 0..=2048 → sRGB 0..=255.
#[inline(always)]
fn encode(root: f32, from_root: &[f32; 2050]) -> f32 {
    let (low, i) = whole(root);
    let i = (i as usize).min(2048);
    from_root[i] + (from_root[i + 1] - from_root[i]) * (root - low)
}

/// A whole picture from sRGB to Lab.
pub fn planes_to_lab(rgb: &Planes) -> Planes {
    let mut out = [rgb[0].clone(), rgb[1].clone(), rgb[2].clone()];
    for i in 0..rgb[0].data.len() {
        let lab = rgb_to_lab([rgb[0].data[i], rgb[1].data[i], rgb[2].data[i]]);
        for (plane, v) in out.iter_mut().zip(lab) {
            plane.data[i] = v;
        }
    }
    out
}

/// RGB ⇄ YUV of one matrix and range, in units of 8-bit samples.
#[derive(Debug, Clone, Copy)]
pub struct YuvMatrix {
    kr: f32,
    kb: f32,
    luma_scale: f32,
    chroma_scale: f32,
    luma_offset: f32,
}

impl YuvMatrix {
    /// The conversion for a matrix and a range (ITU-T H.273).
    pub fn new(matrix: Matrix, full_range: bool) -> Self {
        let (kr, kb) = matrix.weights();
        let (luma_scale, chroma_scale, luma_offset) =
            if full_range { (1.0, 1.0, 0.0) } else { (219.0 / 255.0, 224.0 / 255.0, 16.0) };
        YuvMatrix { kr, kb, luma_scale, chroma_scale, luma_offset }
    }

    /// YUV in 8-bit sample units (chroma around 128) → RGB 0..=255, not clipped.
    #[inline]
    pub fn to_rgb(&self, y: f32, u: f32, v: f32) -> [f32; 3] {
        let y = (y - self.luma_offset) / self.luma_scale;
        let pb = (u - 128.0) / self.chroma_scale;
        let pr = (v - 128.0) / self.chroma_scale;
        let r = y + 2.0 * (1.0 - self.kr) * pr;
        let b = y + 2.0 * (1.0 - self.kb) * pb;
        [r, (y - self.kr * r - self.kb * b) / (1.0 - self.kr - self.kb), b]
    }

    /// RGB 0..=255 → YUV in 8-bit sample units (chroma around 128), not clipped.
    pub fn to_yuv(&self, rgb: [f32; 3]) -> [f32; 3] {
        let [y, u, v] = self.delta(rgb);
        [y + self.luma_offset, u + 128.0, v + 128.0]
    }

    /// A difference of RGB → the difference of YUV samples (no offsets).
    #[inline]
    pub fn delta(&self, rgb: [f32; 3]) -> [f32; 3] {
        let y = self.kr * rgb[0] + (1.0 - self.kr - self.kb) * rgb[1] + self.kb * rgb[2];
        [
            y * self.luma_scale,
            (rgb[2] - y) / (2.0 * (1.0 - self.kb)) * self.chroma_scale,
            (rgb[0] - y) / (2.0 * (1.0 - self.kr)) * self.chroma_scale,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_of_known_colors() {
        // Reference values: CIE Lab, D65, of pure sRGB red and mid gray.
        let red = rgb_to_lab([255.0, 0.0, 0.0]);
        for (got, want) in red.iter().zip([53.24, 80.09, 67.20]) {
            assert!((got - want).abs() < 0.1, "{red:?}");
        }
        let gray = rgb_to_lab([119.0, 119.0, 119.0]);
        assert!((gray[0] - 50.03).abs() < 0.1 && gray[1].abs() < 0.1, "{gray:?}");
    }

    #[test]
    fn lab_round_trips_every_kind_of_color() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let rgb = [r as f32, g as f32, b as f32];
                    let lab = rgb_to_lab(rgb);
                    let back = lab_to_rgb(lab);
                    let [mut l, mut a, mut b] = lab.map(|v| [v; 9]);
                    row_to_rgb([&mut l, &mut a, &mut b]);
                    assert_eq!([l, a, b], back.map(|v| [v; 9]));
                    for (x, y) in rgb.iter().zip(back) {
                        assert!((x - y).abs() < 0.35, "{rgb:?} came back {back:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn yuv_delta_is_the_inverse_of_to_rgb() {
        for matrix in [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020] {
            for full in [false, true] {
                let m = YuvMatrix::new(matrix, full);
                let (a, b) = (m.to_rgb(100.0, 90.0, 150.0), m.to_rgb(120.0, 140.0, 110.0));
                let d = m.delta([b[0] - a[0], b[1] - a[1], b[2] - a[2]]);
                for (got, want) in d.iter().zip([20.0, 50.0, -40.0]) {
                    assert!((got - want).abs() < 1e-3, "{matrix:?} {full} {d:?}");
                }
                for (got, want) in m.to_yuv(a).iter().zip([100.0, 90.0, 150.0]) {
                    assert!((got - want).abs() < 1e-3, "{matrix:?} {full} {a:?}");
                }
            }
        }
    }
}
