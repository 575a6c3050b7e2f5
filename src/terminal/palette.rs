//! The colors of a picture for terminals that show few of them.

use std::collections::HashMap;

use color_quant::NeuQuant;
use image::RgbImage;

/// So many pixels of a picture are learned from: more of them take time and make hardly better
/// colors.
const LEARNED: u32 = 30_000;
/// With fewer colors the network learns too little of them.
pub const LEAST: usize = 64;

/// A picture in a few colors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Red, green and blue of each color.
    pub palette: Vec<u8>,
    /// The color of each pixel.
    pub pixels: Vec<u8>,
}

/// The picture in `colors` ([`LEAST`] to 256) colors of its own, each pixel in the nearest one.
pub fn quantize(image: &RgbImage, colors: usize) -> Indexed {
    let colors = colors.clamp(LEAST, 256);
    few(image, colors).unwrap_or_else(|| learned(image, colors))
}

/// The picture as it is, when it has no more colors.
fn few(image: &RgbImage, colors: usize) -> Option<Indexed> {
    let mut known = HashMap::new();
    let mut pixels = Vec::with_capacity(image.pixels().len());
    for pixel in image.pixels() {
        let next = known.len();
        let index = *known.entry(pixel.0).or_insert(next);
        if index >= colors {
            return None;
        }
        pixels.push(index as u8);
    }
    let mut palette = vec![0; 3 * colors];
    for (color, index) in known {
        palette[3 * index..3 * index + 3].copy_from_slice(&color);
    }
    Some(Indexed { palette, pixels })
}

/// The picture in colors that are learned from it.
fn learned(image: &RgbImage, colors: usize) -> Indexed {
    let rgba: Vec<u8> = image.pixels().flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    // One of so many, as far as the network allows.
    let every = (image.width() * image.height() / LEARNED).clamp(1, 30) as i32;
    let network = NeuQuant::new(every, colors, &rgba);
    let (mut last, mut index) = (None, 0);
    let pixels: Vec<u8> = rgba
        .chunks_exact(4)
        .map(|pixel| {
            // Neighbors are often alike, and the search is what takes the time.
            if last != Some(pixel) {
                (last, index) = (Some(pixel), network.index_of(pixel) as u8);
            }
            index
        })
        .collect();
    let mut palette = network.color_map_rgb();
    center(&mut palette, image, &pixels);
    Indexed { palette, pixels }
}

/// Makes each color the mean of the pixels that have it, which it is not quite as learned.
fn center(palette: &mut [u8], image: &RgbImage, pixels: &[u8]) {
    let mut sums = vec![[0u32; 4]; palette.len() / 3];
    for (pixel, index) in image.pixels().zip(pixels) {
        let sum = &mut sums[usize::from(*index)];
        for (sum, value) in sum.iter_mut().zip([pixel[0], pixel[1], pixel[2], 1]) {
            *sum += u32::from(value);
        }
    }
    for (color, [red, green, blue, count]) in palette.chunks_exact_mut(3).zip(sums) {
        if count > 0 {
            let mean = |sum: u32| ((sum + count / 2) / count) as u8;
            color.copy_from_slice(&[red, green, blue].map(mean));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn smooth_pictures_keep_their_shades() {
        let picture = RgbImage::from_fn(160, 120, |x, y| {
            Rgb([150 + (x / 3) as u8, 110 + (y / 3) as u8, 90 + ((x + y) / 6) as u8])
        });
        let small = quantize(&picture, 256);
        assert_eq!(small.palette.len(), 3 * 256);
        let error = |(pixel, index): (&Rgb<u8>, &u8)| {
            let at = 3 * usize::from(*index);
            let color = &small.palette[at..at + 3];
            (0..3).map(|i| f64::from(pixel[i].abs_diff(color[i])).powi(2)).sum::<f64>() / 3.0
        };
        let sum: f64 = picture.pixels().zip(&small.pixels).map(error).sum();
        let mean = sum / f64::from(160 * 120);
        assert!(mean < 8.0, "mean square error {mean}");
    }

    #[test]
    fn few_colors_stay_as_they_are() {
        for (width, height) in [(1, 1), (1, 600), (600, 1), (3, 7)] {
            let flat = RgbImage::from_pixel(width, height, Rgb([255, 0, 128]));
            let small = quantize(&flat, LEAST);
            assert_eq!(small.pixels.len(), (width * height) as usize);
            let at = 3 * usize::from(small.pixels[0]);
            assert_eq!(small.palette[at..at + 3], [255, 0, 128], "{width}x{height}");
        }
    }
}
