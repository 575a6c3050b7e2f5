//! Paints the clip's frames: the canvas seen by the camera, lit, with film grain, as 4:2:0 video.

use std::thread;

use crate::imaging::color::YuvMatrix;
use crate::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use crate::imaging::similarity::Affine;
use crate::media::Rational;

use super::camera::{Light, Shot};
use super::canvas::Canvas;

/// Standard deviation of the grain in 8-bit luma steps.
const GRAIN: f32 = 1.6;
/// Standard deviation of the sum of four evenly spread bytes.
const FOUR_BYTES: f32 = 147.8;

/// Paints frames of one size. What it paints depends on the frame's number alone.
pub struct Painter {
    canvas: Canvas,
    format: FrameFormat,
    fps: Rational,
    threads: usize,
}

/// One frame's view and light, by column.
struct Scene {
    map: Affine,
    columns: Vec<[f32; 3]>,
    seed: u32,
}

/// Some rows of a frame, to be painted by one thread.
struct Band<'a> {
    first_row: usize,
    luma: &'a mut [u8],
    chroma: [&'a mut [u8]; 2],
}

impl Painter {
    /// A painter of 8-bit 4:2:0 frames whose sides are even, with so many threads.
    pub fn new(canvas: Canvas, width: u32, height: u32, fps: Rational, threads: usize) -> Self {
        Painter { canvas, format: format(width, height), fps, threads: threads.max(1) }
    }

    /// Paints a frame into a buffer, which is best one that a frame was in before.
    pub fn paint(&self, index: u64, mut data: Vec<u8>) -> Frame {
        let (width, height) = (self.format.width as usize, self.format.height as usize);
        data.resize(self.format.frame_bytes(), 0);
        let time = index as f64 * f64::from(self.fps.den) / f64::from(self.fps.num);
        let shot = Shot::at(time, self.format.width, self.format.height);
        let light = Light::at(time, &shot);
        let columns = (0..width).map(|x| light.column(x)).collect();
        let scene = &Scene { map: self.canvas.map(&shot), columns, seed: scramble(index as u32) };
        // Whole chroma rows, which are two rows of the picture.
        let pairs = (height / 2).div_ceil(self.threads);
        let (luma, chroma) = data.split_at_mut(width * height);
        let (u, v) = chroma.split_at_mut(width * height / 4);
        let bands = luma
            .chunks_mut(2 * pairs * width)
            .zip(u.chunks_mut(pairs * width / 2).zip(v.chunks_mut(pairs * width / 2)))
            .enumerate()
            .map(|(i, (luma, (u, v)))| Band { first_row: 2 * pairs * i, luma, chroma: [u, v] });
        thread::scope(|scope| {
            for band in bands {
                scope.spawn(move || self.paint_band(scene, band));
            }
        });
        let mut frame = Frame::new(self.format, data);
        (frame.index, frame.pts, frame.time) = (index, index as i64, time);
        frame
    }

    fn paint_band(&self, scene: &Scene, band: Band<'_>) {
        let width = self.format.width as usize;
        let matrix = YuvMatrix::new(self.format.matrix, self.format.full_range);
        let mut colors = vec![[0.0f32; 3]; width];
        let mut sums = vec![[0.0f32; 2]; width / 2];
        let mut chroma = band.chroma.map(|plane| plane.chunks_mut(width / 2));
        for (i, row) in band.luma.chunks_mut(width).enumerate() {
            let y = band.first_row + i;
            self.canvas.read_row(&scene.map, y, &mut colors);
            let seed = scramble(scene.seed ^ y as u32);
            for (x, out) in row.iter_mut().enumerate() {
                let (color, gain) = (colors[x], scene.columns[x]);
                let lit = std::array::from_fn(|c| (color[c] * gain[c]).min(255.0));
                let [luma, cb, cr] = matrix.delta(lit);
                let value = luma + 16.0 + grain(seed ^ x as u32);
                *out = value.round().clamp(16.0, 235.0) as u8;
                sums[x / 2][0] += cb;
                sums[x / 2][1] += cr;
            }
            if i % 2 == 0 {
                continue;
            }
            for (c, plane) in chroma.iter_mut().enumerate() {
                for (out, sum) in plane.next().into_iter().flatten().zip(&sums) {
                    *out = (128.0 + sum[c] / 4.0).round().clamp(16.0, 240.0) as u8;
                }
            }
            sums.fill([0.0; 2]);
        }
    }
}

/// 8-bit 4:2:0, BT.709, limited range: what every player takes.
pub fn format(width: u32, height: u32) -> FrameFormat {
    FrameFormat {
        width,
        height,
        layout: Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false },
        depth: 8,
        matrix: Matrix::Bt709,
        full_range: false,
    }
}

/// Near enough to a normal distribution: a sum of four.
fn grain(seed: u32) -> f32 {
    let sum: u32 = scramble(seed).to_le_bytes().into_iter().map(u32::from).sum();
    (sum as f32 - 510.0) * (GRAIN / FOUR_BYTES)
}

/// The finalizer of MurmurHash3: every bit of the input changes half of the output's.
fn scramble(mut v: u32) -> u32 {
    v = (v ^ (v >> 16)).wrapping_mul(0x85eb_ca6b);
    v = (v ^ (v >> 13)).wrapping_mul(0xc2b2_ae35);
    v ^ (v >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::material::portrait;

    const SIZE: (u32, u32) = (640, 360);

    fn painter(threads: usize) -> Painter {
        let shots = (0..75).map(|i| Shot::at(f64::from(i) / 25.0, SIZE.0, SIZE.1));
        let canvas = Canvas::new(&portrait().unwrap(), shots, SIZE.0, SIZE.1).unwrap();
        Painter::new(canvas, SIZE.0, SIZE.1, Rational::new(25, 1), threads)
    }

    #[test]
    fn threads_and_old_buffers_change_nothing() {
        let one = painter(1).paint(37, Vec::new());
        let other = painter(7).paint(37, vec![99; 10_000_000]);
        assert!(one.data == other.data);
        assert_eq!(one.index, 37);
        assert!((one.time - 1.48).abs() < 1e-9);
    }

    #[test]
    fn the_colors_are_the_portraits_under_the_light() {
        let (painter, portrait) = (painter(2), portrait().unwrap());
        let frame = painter.paint(20, Vec::new());
        let shot = Shot::at(0.8, SIZE.0, SIZE.1);
        let light = Light::at(0.8, &shot);
        let back = shot.map().inverse().unwrap();
        let matrix = YuvMatrix::new(Matrix::Bt709, false);
        let planes = frame.format.planes();
        // A cheek, the forehead, the orange suit, the backdrop: places without detail.
        for p in [[208usize, 140usize], [225, 95], [110, 260], [340, 80]] {
            let [x, y] = back.apply([p[0] as f32, p[1] as f32]).map(|v| v.round() as usize);
            let mean = |c: usize, x: usize, y: usize| {
                let near = [(0, 0), (1, 0), (0, 1), (1, 1)];
                near.map(|(i, j)| frame.sample(&planes[c], x + i, y + j, 0) as f32)
                    .iter()
                    .sum::<f32>()
                    / 4.0
            };
            let got = matrix.to_rgb(mean(0, x, y), mean(1, x / 2, y / 2), mean(2, x / 2, y / 2));
            let gain = light.column(x);
            for c in 0..3 {
                let of = portrait.sample(&portrait.format.planes()[0], p[0], p[1], c) as f32;
                let want = (of * gain[c]).min(255.0);
                assert!((got[c] - want).abs() < 14.0, "{p:?} {c}: {} for {want}", got[c]);
            }
        }
    }

    #[test]
    fn the_grain_is_noise_of_the_right_strength() {
        let all: Vec<f32> = (0..100_000).map(|i| grain(scramble(5) ^ i)).collect();
        let mean = all.iter().sum::<f32>() / all.len() as f32;
        let power = all.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / all.len() as f32;
        let next = all.windows(2).map(|w| w[0] * w[1]).sum::<f32>() / all.len() as f32;
        assert!(mean.abs() < 0.03 && (power.sqrt() - GRAIN).abs() < 0.05, "{mean} {power}");
        assert!((next / power).abs() < 0.02, "neighbors are alike: {next}");
    }
}
