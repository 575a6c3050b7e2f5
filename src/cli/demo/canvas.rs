//! The portrait made ready for the camera: mirrored at its borders and brought to the largest size
//! at which it is shown, once and well, so that two samples a side are enough for every frame.

use fast_image_resize as fir;

use crate::error::{Context, Result};
use crate::imaging::frame::Frame;
use crate::imaging::similarity::Affine;

use super::camera::Shot;

/// More than so many times the portrait is not enlarged: there is nothing more to be seen in it.
const MOST_ENLARGED: f64 = 4.0;
/// Portrait pixels around what the camera sees, for the filter.
const MARGIN: i64 = 4;

/// The mirrored, resized part of the portrait that a clip shows.
pub struct Canvas {
    width: usize,
    height: usize,
    /// RGB bytes.
    pixels: Vec<u8>,
    /// Canvas pixels for one portrait pixel, across and down.
    zoom: [f64; 2],
    /// The portrait pixel in the canvas's corner.
    origin: [i64; 2],
}

impl Canvas {
    /// The canvas for these shots in pictures of this size.
    ///
    /// # Errors
    /// When the resizing fails.
    pub fn new(
        portrait: &Frame,
        shots: impl Iterator<Item = Shot>,
        width: u32,
        height: u32,
    ) -> Result<Self> {
        let (right, bottom) = ((width - 1) as f32, (height - 1) as f32);
        let (mut low, mut high) = ([0i64; 2], [0i64; 2]);
        let mut zoom = 0.0f64;
        for shot in shots {
            let map = shot.map();
            zoom = zoom.max(shot.scale);
            for corner in [[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]] {
                for (k, v) in map.apply(corner).into_iter().enumerate() {
                    low[k] = low[k].min(v.floor() as i64 - MARGIN);
                    high[k] = high[k].max(v.ceil() as i64 + 1 + MARGIN);
                }
            }
        }
        let zoom = zoom.min(MOST_ENLARGED);
        let size = [0, 1].map(|k: usize| (high[k] - low[k]) as u32);
        let shown = size.map(|s| (f64::from(s) * zoom).round().max(2.0) as u32);
        let pixels = resize(mirrored(portrait, low, size), size, shown)
            .context(|| "cannot resize the demo's portrait".into())?;
        Ok(Canvas {
            width: shown[0] as usize,
            height: shown[1] as usize,
            pixels,
            zoom: [0, 1].map(|k: usize| f64::from(shown[k]) / f64::from(size[k])),
            origin: low,
        })
    }

    /// The map from the pixels of a shot's picture to this canvas.
    pub fn map(&self, shot: &Shot) -> Affine {
        let portrait = shot.map();
        Affine(std::array::from_fn(|k| {
            let [a, b, shift] = portrait.0[k];
            // Pixels have their centers at whole numbers, areas begin half a pixel before.
            let zoom = self.zoom[k];
            [a * zoom, b * zoom, (shift + 0.5 - self.origin[k] as f64) * zoom - 0.5]
        }))
    }

    /// Reads row `y` of a picture through a map of [`Canvas::map`]: RGB 0..=255, bilinear. What is
    /// read depends on the place alone, not on who reads what before.
    pub fn read_row(&self, map: &Affine, y: usize, out: &mut [[f32; 3]]) {
        let [[a, b, tx], [c, d, ty]] = map.0;
        let y = y as f64;
        let start = [(b * y + tx) as f32, (d * y + ty) as f32];
        let step = [a as f32, c as f32];
        let most = [self.width - 2, self.height - 2].map(|v| v as f32);
        for (x, out) in out.iter_mut().enumerate() {
            let at: [f32; 2] =
                std::array::from_fn(|k| (start[k] + step[k] * x as f32).clamp(0.0, most[k]));
            let [left, top] = at.map(|v| v as usize);
            let (fx, fy) = (at[0] - left as f32, at[1] - top as f32);
            let upper = &self.pixels[3 * (top * self.width + left)..][..6];
            let lower = &self.pixels[3 * ((top + 1) * self.width + left)..][..6];
            for (channel, out) in out.iter_mut().enumerate() {
                let mix = |row: &[u8]| {
                    let (p, q) = (f32::from(row[channel]), f32::from(row[channel + 3]));
                    p + (q - p) * fx
                };
                let (p, q) = (mix(upper), mix(lower));
                *out = p + (q - p) * fy;
            }
        }
    }
}

/// A rectangle around the portrait: RGB bytes, the portrait mirrored wherever it ends.
fn mirrored(portrait: &Frame, low: [i64; 2], size: [u32; 2]) -> Vec<u8> {
    let (width, height) = (portrait.format.width as usize, portrait.format.height as usize);
    let columns: Vec<usize> =
        (0..i64::from(size[0])).map(|i| 3 * reflect(low[0] + i, width)).collect();
    let mut out = Vec::with_capacity(3 * size[0] as usize * size[1] as usize);
    for i in 0..i64::from(size[1]) {
        let row = &portrait.data[3 * width * reflect(low[1] + i, height)..][..3 * width];
        for &x in &columns {
            out.extend_from_slice(&row[x..x + 3]);
        }
    }
    out
}

/// The pixel that is seen at a place beyond the border: …1 0 | 0 1 … n−1 | n−1 n−2….
fn reflect(i: i64, size: usize) -> usize {
    let size = size as i64;
    let i = i.rem_euclid(2 * size);
    (if i < size { i } else { 2 * size - 1 - i }) as usize
}

fn resize(pixels: Vec<u8>, from: [u32; 2], to: [u32; 2]) -> Result<Vec<u8>> {
    let kind = fir::PixelType::U8x3;
    let what = || "its size and its bytes do not fit".to_owned();
    let source = fir::images::Image::from_vec_u8(from[0], from[1], pixels, kind).context(what)?;
    let mut out = fir::images::Image::new(to[0], to[1], kind);
    let options = fir::ResizeOptions::new()
        .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::CatmullRom));
    fir::Resizer::new().resize(&source, &mut out, &options).context(what)?;
    Ok(out.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::material::portrait;

    #[test]
    fn borders_reflect() {
        let seen: Vec<usize> = (-4..8).map(|i| reflect(i, 3)).collect();
        assert_eq!(seen, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]);
    }

    #[test]
    fn the_canvas_covers_what_the_camera_sees_and_lies_where_it_says() {
        let portrait = portrait().unwrap();
        let plane = portrait.format.planes()[0];
        // Enlarged, and made smaller.
        for (width, height) in [(1280, 720), (320, 180)] {
            let shots = || (0..50).map(|i| Shot::at(f64::from(i) / 5.0, width, height));
            let canvas = Canvas::new(&portrait, shots(), width, height).unwrap();
            let (right, bottom) = ((width - 1) as f32, (height - 1) as f32);
            for shot in shots() {
                let map = canvas.map(&shot);
                assert!(map.scale() < 1.5, "one sample a side is too little at {}", map.scale());
                for corner in [[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]] {
                    let [x, y] = map.apply(corner);
                    assert!(x >= 0.0 && x < canvas.width as f32 - 1.0, "{x}");
                    assert!(y >= 0.0 && y < canvas.height as f32 - 1.0, "{y}");
                }
            }
            let shot = Shot::at(1.0, width, height);
            let to_picture = shot.map().inverse().unwrap();
            let mut row = vec![[0.0; 3]; width as usize];
            // A cheek, the backdrop, the dark ring of the suit.
            for p in [[208.0, 140.0], [340.0, 80.0], [225.0, 215.0]] {
                let [x, y] = to_picture.apply(p).map(|v| v.round() as usize);
                canvas.read_row(&canvas.map(&shot), y, &mut row);
                for (c, got) in row[x].into_iter().enumerate() {
                    let near = (0..9usize).map(|i| {
                        let (x, y) = (p[0] as usize + i % 3 - 1, p[1] as usize + i / 3 - 1);
                        portrait.sample(&plane, x, y, c) as f32
                    });
                    let want = near.sum::<f32>() / 9.0;
                    assert!((got - want).abs() < 12.0, "{p:?}, {c}: {got} for {want}");
                }
            }
        }
    }
}
