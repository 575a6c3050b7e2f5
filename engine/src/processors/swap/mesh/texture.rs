//! The source photo as a texture in Lab: a stack of blurred versions, so that it can be shrunk
//! without aliasing by as much as each part of the face needs.

use std::sync::OnceLock;

use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::similarity::Point;

/// Blur of each version in pixels of the photo.
const SIGMAS: [f32; 6] = [0.0, 0.5, 1.0, 2.0, 4.0, 8.0];
/// From this blur on half the pixels are enough.
const HALVED: f32 = 2.0;

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

    fn blurred(&self, sigma: f32, halved: bool) -> Self {
        let planes: Planes = std::array::from_fn(|c| {
            let data = self.pixels.iter().map(|p| p[c]).collect();
            let plane = gaussian(&Field { width: self.width, height: self.height, data }, sigma);
            if halved {
                plane.shrink(self.width.div_ceil(2), self.height.div_ceil(2))
            } else {
                plane
            }
        });
        Texture::new(&planes)
    }

    /// Bicubic sample (Keys, a = −0.75 as OpenCV's), edges replicated.
    #[inline]
    fn bicubic(&self, [x, y]: Point) -> [f32; 4] {
        let x = x.clamp(-1.0, self.width as f32);
        let y = y.clamp(-1.0, self.height as f32);
        let (x0, y0) = (x.floor(), y.floor());
        let (wx, wy) = (keys(x - x0), keys(y - y0));
        let (x0, y0) = (x0 as isize - 1, y0 as isize - 1);
        let inside =
            x0 >= 0 && y0 >= 0 && x0 as usize + 4 <= self.width && y0 as usize + 4 <= self.height;
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
    fn bilinear(&self, [x, y]: Point) -> [f32; 4] {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let at = |x: usize, y: usize| &self.pixels[y * self.width + x];
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

/// The stack of versions, each made when it is first needed.
pub struct TextureStack {
    levels: [OnceLock<Texture>; SIGMAS.len()],
    sharp: Texture,
}

impl TextureStack {
    /// A stack over a Lab picture.
    pub fn new(lab: &Planes) -> Self {
        TextureStack { levels: Default::default(), sharp: Texture::new(lab) }
    }

    fn level(&self, i: usize) -> &Texture {
        if i == 0 {
            return &self.sharp;
        }
        self.levels[i].get_or_init(|| self.sharp.blurred(SIGMAS[i], SIGMAS[i] >= HALVED))
    }

    /// The color at a position of the photo, blurred by `sigma` photo pixels: between the two
    /// nearest versions. Bicubic while it is sharp.
    #[inline]
    pub fn sample(&self, p: Point, sigma: f32) -> [f32; 4] {
        if sigma < 0.05 {
            return self.sharp.bicubic(p);
        }
        let upper = SIGMAS.iter().position(|&s| s >= sigma).unwrap_or(SIGMAS.len() - 1).max(1);
        let (low, high) = (SIGMAS[upper - 1], SIGMAS[upper]);
        let share = ((sigma - low) / (high - low)).min(1.0);
        let (a, b) = (self.at_level(upper - 1, p), self.at_level(upper, p));
        std::array::from_fn(|c| a[c] + (b[c] - a[c]) * share)
    }

    #[inline]
    fn at_level(&self, i: usize, p: Point) -> [f32; 4] {
        let texture = self.level(i);
        if SIGMAS[i] >= HALVED {
            texture.bilinear([(p[0] + 0.5) * 0.5 - 0.5, (p[1] + 0.5) * 0.5 - 0.5])
        } else if i <= 1 {
            texture.bicubic(p)
        } else {
            texture.bilinear(p)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_a_ramp_at_every_blur() {
        let ramp = |k: f32| Field::from_fn(96, 80, |x, y| k * x as f32 + y as f32);
        let stack = TextureStack::new(&[ramp(1.0), ramp(2.0), ramp(3.0)]);
        for p in [[45.3, 44.7], [48.0, 36.0], [40.9, 42.2]] {
            for sigma in [0.0, 0.3, 0.8, 1.7, 3.0, 6.0] {
                let got = stack.sample(p, sigma);
                for c in 0..3 {
                    // Keys' kernel with a = −0.75 bends a ramp by up to 3 % of a pixel's step.
                    let want = (c + 1) as f32 * p[0] + p[1];
                    assert!((got[c] - want).abs() < 0.2, "{p:?} {sigma} {got:?} {want}");
                }
            }
        }
    }

    #[test]
    fn noise_fades_with_the_blur() {
        let noise = |x: usize, y: usize| (((x * 7919) ^ (y * 104_729)) % 31) as f32 - 15.0;
        let stack = TextureStack::new(&std::array::from_fn(|_| Field::from_fn(64, 64, noise)));
        let spread = |sigma: f32| {
            (0..400)
                .map(|i| {
                    let p = [12.0 + (i % 20) as f32 * 2.0, 12.0 + (i / 20) as f32 * 2.0];
                    stack.sample(p, sigma)[0].abs()
                })
                .sum::<f32>()
        };
        assert!(spread(0.0) > 1.5 * spread(0.7));
        assert!(spread(0.7) > 1.5 * spread(2.5));
    }
}
