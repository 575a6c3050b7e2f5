//! The source photo as a texture in Lab: a stack of blurred versions, so that it can be shrunk
//! without aliasing by as much as each part of the face needs.

use std::sync::OnceLock;

use multiversion::multiversion;

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

    /// The pixels from a column and a row on, when 4 × 4 of them lie in the picture.
    #[inline(always)]
    fn inside(&self, x: i32, y: i32) -> Option<&[[f32; 4]]> {
        let within = |v: i32, size: usize| usize::try_from(v).ok().filter(|v| v + 4 <= size);
        let (x, y) = (within(x, self.width)?, within(y, self.height)?);
        Some(&self.pixels[y * self.width + x..])
    }

    /// Pixel `k` of a row from column `x` on, edges replicated.
    #[inline(always)]
    fn near(&self, x: i32, y: i32, k: i32) -> [f32; 4] {
        let within = |v: i32, size: usize| v.clamp(0, size as i32 - 1) as usize;
        self.pixels[within(y, self.height) * self.width + within(x + k, self.width)]
    }

    /// Bilinear sample, edges replicated.
    #[inline(always)]
    fn bilinear(&self, [x, y]: Point) -> [f32; 4] {
        let (right, bottom) = (self.width as i32 - 1, self.height as i32 - 1);
        let (x, y) = (x.clamp(0.0, right as f32), y.clamp(0.0, bottom as f32));
        let (x0, y0) = (x as i32, y as i32);
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let (x0, x1) = (x0 as usize, (x0 + 1).min(right) as usize);
        let row = |y: i32| &self.pixels[y as usize * self.width..][..self.width];
        let (above, below) = (row(y0), row((y0 + 1).min(bottom)));
        let (a, b, c, d) = (above[x0], above[x1], below[x0], below[x1]);
        std::array::from_fn(|i| {
            let top = a[i] + (b[i] - a[i]) * fx;
            let bottom = c[i] + (d[i] - c[i]) * fx;
            top + (bottom - top) * fy
        })
    }
}

/// Positions that are worked on together.
const PART: usize = 32;

/// The 4 × 4 pixels around each of some positions (Keys, a = −0.75 as OpenCV's).
struct Taps {
    /// The first column and the first row.
    first: [[i32; PART]; 2],
    /// The weights of the columns and of the rows.
    weights: [[[f32; PART]; 4]; 2],
}

impl Taps {
    /// The taps of positions in a picture of this size.
    #[inline(always)]
    fn of(points: &[Point], size: [usize; 2]) -> Self {
        let mut taps = Taps { first: [[0; PART]; 2], weights: [[[0.0; PART]; 4]; 2] };
        for axis in 0..2 {
            // All of a part, whatever is used of it: that becomes vectors.
            let mut places = [0.0f32; PART];
            for (place, p) in places.iter_mut().zip(points) {
                *place = p[axis].clamp(-1.0, size[axis] as f32);
            }
            let [a, b, c, d] = &mut taps.weights[axis];
            for (i, place) in places.iter().enumerate() {
                let whole = place.floor();
                taps.first[axis][i] = whole as i32 - 1;
                [a[i], b[i], c[i], d[i]] = keys(place - whole);
            }
        }
        taps
    }

    /// The color at the position `i`.
    #[inline(always)]
    fn bicubic(&self, i: usize, texture: &Texture) -> [f32; 4] {
        let (x, y) = (self.first[0][i], self.first[1][i]);
        let [across, down] =
            [0, 1].map(|axis: usize| self.weights[axis].each_ref().map(|all| all[i]));
        match texture.inside(x, y) {
            Some(pixels) => {
                let width = texture.width;
                let mut sum = [0.0f32; 4];
                for r in 0..4 {
                    let line = mix(&pixels[r * width..r * width + 4], &across);
                    for c in 0..4 {
                        sum[c] += line[c] * down[r];
                    }
                }
                sum
            }
            None => {
                let line = |y| mix(&[0, 1, 2, 3].map(|k| texture.near(x, y, k)), &across);
                mix(&[0, 1, 2, 3].map(|r| line(y + r)), &down)
            }
        }
    }
}

/// Four colors times their weights.
#[inline(always)]
fn mix(four: &[[f32; 4]], weights: &[f32; 4]) -> [f32; 4] {
    let mut sum = [0.0f32; 4];
    for (color, weight) in four.iter().zip(weights) {
        for c in 0..4 {
            sum[c] += color[c] * weight;
        }
    }
    sum
}

/// Weights of the four taps around a fraction of a pixel.
#[inline(always)]
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

    #[inline(always)]
    fn level(&self, i: usize) -> &Texture {
        if i == 0 {
            return &self.sharp;
        }
        self.levels[i].get_or_init(|| self.sharp.blurred(SIGMAS[i], SIGMAS[i] >= HALVED))
    }

    /// The colors at some positions of the photo, each blurred by its own `sigmas` in photo pixels:
    /// between the two nearest versions. Bicubic while it is sharp.
    pub fn sample(&self, points: &[Point], sigmas: &[f32], colors: &mut [[f32; 4]]) {
        let parts = points.chunks(PART).zip(sigmas.chunks(PART));
        for ((points, sigmas), colors) in parts.zip(colors.chunks_mut(PART)) {
            sample(self, points, sigmas, colors);
        }
    }

    /// The color of a version at the position `p`, the `i`-th of the taps.
    #[inline(always)]
    fn at(&self, version: usize, taps: &Taps, i: usize, p: Point) -> [f32; 4] {
        let texture = self.level(version);
        if version <= 1 {
            taps.bicubic(i, texture)
        } else if SIGMAS[version] < HALVED {
            texture.bilinear(p)
        } else {
            texture.bilinear(p.map(|v| (v + 0.5) * 0.5 - 0.5))
        }
    }
}

/// Samples at most [`PART`] positions.
#[multiversion(targets("x86_64+avx+avx2"))]
fn sample(stack: &TextureStack, points: &[Point], sigmas: &[f32], colors: &mut [[f32; 4]]) {
    let taps = Taps::of(points, [stack.sharp.width, stack.sharp.height]);
    for (i, ((&p, &sigma), color)) in points.iter().zip(sigmas).zip(colors).enumerate() {
        if sigma < 0.05 {
            *color = stack.at(0, &taps, i, p);
            continue;
        }
        let upper = SIGMAS.iter().position(|&s| s >= sigma).unwrap_or(SIGMAS.len() - 1).max(1);
        let (low, high) = (SIGMAS[upper - 1], SIGMAS[upper]);
        let share = ((sigma - low) / (high - low)).min(1.0);
        let (a, b) = (stack.at(upper - 1, &taps, i, p), stack.at(upper, &taps, i, p));
        *color = std::array::from_fn(|c| a[c] + (b[c] - a[c]) * share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(stack: &TextureStack, p: Point, sigma: f32) -> [f32; 4] {
        let mut colors = [[0.0; 4]];
        stack.sample(&[p], &[sigma], &mut colors);
        colors[0]
    }

    #[test]
    fn a_ramp_is_a_ramp_at_every_blur() {
        let ramp = |k: f32| Field::from_fn(96, 80, |x, y| k * x as f32 + y as f32);
        let stack = TextureStack::new(&[ramp(1.0), ramp(2.0), ramp(3.0)]);
        for p in [[45.3, 44.7], [48.0, 36.0], [40.9, 42.2]] {
            for sigma in [0.0, 0.3, 0.8, 1.7, 3.0, 6.0] {
                let got = color(&stack, p, sigma);
                for c in 0..3 {
                    // Keys' kernel with a = −0.75 bends a ramp by up to 3 % of a pixel's step.
                    let want = (c + 1) as f32 * p[0] + p[1];
                    assert!((got[c] - want).abs() < 0.2, "{p:?} {sigma} {got:?} {want}");
                }
            }
        }
    }

    #[test]
    fn a_row_is_sampled_as_its_pixels_are_and_edges_go_on() {
        let noise = |x: usize, y: usize| (((x * 7919) ^ (y * 104_729)) % 31) as f32;
        let stack = TextureStack::new(&std::array::from_fn(|c| {
            Field::from_fn(40, 30, |x, y| noise(x + 3 * c, y))
        }));
        // Longer than what is worked on together, from outside to outside.
        let points: Vec<Point> =
            (0..75).map(|i| [i as f32 * 0.7 - 6.0, i as f32 * 0.5 - 4.0]).collect();
        let sigmas: Vec<f32> = (0..75).map(|i| [0.0, 0.3, 0.8, 1.7, 3.0][i % 5]).collect();
        let mut colors = vec![[0.0; 4]; 75];
        stack.sample(&points, &sigmas, &mut colors);
        for (i, (&p, &sigma)) in points.iter().zip(&sigmas).enumerate() {
            assert_eq!(colors[i], color(&stack, p, sigma), "{p:?} {sigma}");
        }
        for (p, corner) in [([-9.0, -9.0], [0, 0]), ([60.0, 50.0], [39, 29])] {
            let [x, y] = corner;
            assert!((color(&stack, p, 0.0)[0] - noise(x, y)).abs() < 1e-4);
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
                    color(&stack, p, sigma)[0].abs()
                })
                .sum::<f32>()
        };
        assert!(spread(0.0) > 1.5 * spread(0.7));
        assert!(spread(0.7) > 1.5 * spread(2.5));
    }
}
