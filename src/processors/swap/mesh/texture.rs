//! The source photo as a texture in Lab, with blurred versions for smaller targets.

use std::sync::{Arc, Mutex, PoisonError};

use crate::imaging::color::Planes;
use crate::imaging::filter::gaussian;
use crate::imaging::similarity::Point;

/// Blurred versions kept at a time; a zooming clip walks through neighbors.
const KEPT: usize = 4;
/// Ratio of the blurs of two neighboring versions: small enough not to be seen when one follows
/// the other.
const STEP: f32 = 1.12;

/// A picture whose pixels are (L, a, b, 0): four lanes, so that sampling is one multiply-add each.
#[derive(Debug, Clone)]
pub struct Texture {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 4]>,
}

impl Texture {
    fn new(planes: &Planes) -> Self {
        let [l, a, b] = planes;
        let pixels = (0..l.data.len()).map(|i| [l.data[i], a.data[i], b.data[i], 0.0]).collect();
        Texture { width: l.width, height: l.height, pixels }
    }

    /// Bicubic sample (Keys, a = −0.75 as OpenCV's), edges replicated.
    #[inline]
    pub fn bicubic(&self, [x, y]: Point) -> [f32; 4] {
        let x = x.clamp(-1.0, self.width as f32);
        let y = y.clamp(-1.0, self.height as f32);
        let (x0, y0) = (x.floor(), y.floor());
        let (wx, wy) = (keys(x - x0), keys(y - y0));
        let (x0, y0) = (x0 as isize - 1, y0 as isize - 1);
        let inside = x0 >= 0
            && y0 >= 0
            && x0 as usize + 4 <= self.width
            && y0 as usize + 4 <= self.height;
        let mut sum = [0.0f32; 4];
        for (r, &v) in wy.iter().enumerate() {
            let mut line = [0.0f32; 4];
            if inside {
                let start = (y0 as usize + r) * self.width + x0 as usize;
                for (pixel, &u) in self.pixels[start..start + 4].iter().zip(&wx) {
                    for c in 0..4 {
                        line[c] += pixel[c] * u;
                    }
                }
            } else {
                let row = (y0 + r as isize).clamp(0, self.height as isize - 1) as usize;
                for (k, &u) in wx.iter().enumerate() {
                    let column = (x0 + k as isize).clamp(0, self.width as isize - 1) as usize;
                    let pixel = self.pixels[row * self.width + column];
                    for c in 0..4 {
                        line[c] += pixel[c] * u;
                    }
                }
            }
            for c in 0..4 {
                sum[c] += line[c] * v;
            }
        }
        sum
    }

    /// Bilinear sample, edges replicated.
    #[inline]
    pub fn bilinear(&self, [x, y]: Point) -> [f32; 4] {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| self.pixels[y * self.width + x];
        let (a, b, c, d) = (at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1));
        std::array::from_fn(|i| {
            let top = a[i] + (b[i] - a[i]) * fx;
            let bottom = c[i] + (d[i] - c[i]) * fx;
            top + (bottom - top) * fy
        })
    }
}

/// Weights of the four taps around a fraction of a pixel.
#[inline]
fn keys(t: f32) -> [f32; 4] {
    const A: f32 = -0.75;
    let near = |x: f32| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f32| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    [far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)]
}

/// A texture at every sharpness that is asked for.
pub struct TextureSet {
    lab: Planes,
    sharp: Arc<Texture>,
    /// (step, version), the last used first.
    blurred: Mutex<Vec<(i32, Arc<Texture>)>>,
}

impl TextureSet {
    /// A set over a Lab picture.
    pub fn new(lab: Planes) -> Self {
        let sharp = Arc::new(Texture::new(&lab));
        TextureSet { lab, sharp, blurred: Mutex::new(Vec::new()) }
    }

    /// The Lab picture itself.
    pub fn lab(&self) -> &Planes {
        &self.lab
    }

    /// The version for a target in which the source appears `ratio` times smaller: blurred with
    /// sigma 0.4·ratio from a ratio of 1.3 on, so that fine texture does not alias.
    pub fn for_ratio(&self, ratio: f32) -> Arc<Texture> {
        if ratio <= 1.3 || !ratio.is_finite() {
            return Arc::clone(&self.sharp);
        }
        let step = (ratio.ln() / STEP.ln()).round() as i32;
        let mut kept = self.blurred.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(i) = kept.iter().position(|(s, _)| *s == step) {
            let found = kept.remove(i);
            kept.insert(0, found);
        } else {
            let sigma = 0.4 * STEP.powi(step);
            let planes: Planes = std::array::from_fn(|c| gaussian(&self.lab[c], sigma));
            kept.insert(0, (step, Arc::new(Texture::new(&planes))));
            kept.truncate(KEPT);
        }
        Arc::clone(&kept[0].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::field::Field;

    #[test]
    fn bicubic_keeps_a_ramp_and_bilinear_too() {
        let ramp = |k: f32| Field::from_fn(16, 12, |x, y| k * x as f32 + y as f32);
        let texture = Texture::new(&[ramp(1.0), ramp(2.0), ramp(3.0)]);
        for p in [[5.3, 4.7], [8.0, 6.0], [10.9, 2.2]] {
            for got in [texture.bicubic(p), texture.bilinear(p)] {
                for c in 0..3 {
                    // Keys' kernel with a = −0.75 bends a ramp by up to 3 % of a pixel's step.
                    let want = (c + 1) as f32 * p[0] + p[1];
                    assert!((got[c] - want).abs() < 0.15, "{p:?} {got:?} {want}");
                }
            }
        }
        assert_eq!(texture.bicubic([-50.0, -50.0])[0], 0.0);
    }

    #[test]
    fn few_blurred_versions_are_kept() {
        let set = TextureSet::new(std::array::from_fn(|_| Field::filled(8, 8, 50.0)));
        for i in 0..20 {
            set.for_ratio(1.4 + 0.4 * i as f32);
        }
        assert!(set.blurred.lock().unwrap().len() <= KEPT);
    }
}
