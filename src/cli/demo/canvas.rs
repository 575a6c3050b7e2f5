//! The portrait made ready for the camera: mirrored at its borders and enlarged once, well, so that
//! every frame can be read out of it with two samples a side.

use fast_image_resize as fir;

use crate::error::{Context, Result};
use crate::imaging::frame::Frame;
use crate::imaging::similarity::Affine;

use super::camera::Shot;
use super::material::rgb_format;

/// More than this often the portrait is not enlarged: there is nothing more to be seen in it.
const MOST_ENLARGED: f64 = 4.0;
/// Portrait pixels around what the camera sees, for the filter.
const MARGIN: i64 = 4;

/// The mirrored, enlarged part of the portrait that a clip shows.
pub struct Canvas {
    /// Its pixels.
    pub frame: Frame,
    /// Canvas pixels for one portrait pixel, across and down.
    zoom: [f64; 2],
    /// The portrait pixel in the canvas's corner.
    origin: [i64; 2],
}

impl Canvas {
    /// The canvas for these shots in pictures of this size.
    ///
    /// # Errors
    /// When the enlarging fails.
    pub fn new(
        portrait: &Frame,
        shots: impl Iterator<Item = Shot>,
        width: u32,
        height: u32,
    ) -> Result<Self> {
        let (right, bottom) = ((width - 1) as f32, (height - 1) as f32);
        let (mut low, mut high) = ([0i64; 2], [0i64; 2]);
        let mut zoom = 1.0f64;
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
        let large = size.map(|s| (f64::from(s) * zoom).round() as u32);
        let pixels = enlarge(mirrored(portrait, low, size), size, large)
            .context(|| "cannot enlarge the demo's portrait".into())?;
        Ok(Canvas {
            frame: Frame::new(rgb_format(large[0], large[1]), pixels),
            zoom: [0, 1].map(|k: usize| f64::from(large[k]) / f64::from(size[k])),
            origin: low,
        })
    }

    /// The map from the pixels of a shot's picture, the first row of which is `row`, to this
    /// canvas.
    pub fn map(&self, shot: &Shot, row: usize) -> Affine {
        let portrait = shot.map();
        Affine(std::array::from_fn(|k| {
            let [a, b, shift] = portrait.0[k];
            let shift = shift + b * row as f64;
            // Pixels have their centers at whole numbers, areas begin half a pixel before.
            let zoom = self.zoom[k];
            [a * zoom, b * zoom, (shift + 0.5 - self.origin[k] as f64) * zoom - 0.5]
        }))
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

fn enlarge(pixels: Vec<u8>, from: [u32; 2], to: [u32; 2]) -> Result<Vec<u8>> {
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
        let shots = || (0..50).map(|i| Shot::at(f64::from(i) / 5.0, 640, 360));
        let canvas = Canvas::new(&portrait, shots(), 640, 360).unwrap();
        let (width, height) = (canvas.frame.format.width as f32, canvas.frame.format.height as f32);
        for shot in shots() {
            for corner in [[0.0, 0.0], [639.0, 0.0], [0.0, 359.0], [639.0, 359.0]] {
                let [x, y] = canvas.map(&shot, 0).apply(corner);
                assert!(x >= 0.0 && x <= width - 1.0 && y >= 0.0 && y <= height - 1.0);
                // A band that begins lower down reads the same place.
                let [bx, by] = canvas.map(&shot, 100).apply([corner[0], corner[1] - 100.0]);
                assert!((bx - x).abs() < 1e-2 && (by - y).abs() < 1e-2);
            }
        }
        let (plane, shot) = (canvas.frame.format.planes()[0], Shot::at(1.0, 640, 360));
        let to_picture = shot.map().inverse().unwrap();
        for p in [[225.0, 124.0], [430.0, 200.0], [60.0, 300.0]] {
            let place = canvas.map(&shot, 0).apply(to_picture.apply(p));
            let [x, y] = place.map(|v| v.round() as usize);
            let near = canvas.frame.sample(&plane, x, y, 0) as f32;
            let of = portrait.sample(&portrait.format.planes()[0], p[0] as usize, p[1] as usize, 0);
            assert!((near - of as f32).abs() < 25.0, "{p:?}: {near} for {of}");
        }
    }
}
