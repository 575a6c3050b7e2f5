//! The colors of a picture for terminals that show few of them.

use color_quant::NeuQuant;
use image::RgbImage;

/// Every so many pixels one is looked at, of 1 to 30: with ten the colors are hardly better than
/// they are with thirty, and with one hardly better than with ten.
const SAMPLES: i32 = 10;
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
    let opaque = |pixel: &image::Rgb<u8>| [pixel[0], pixel[1], pixel[2], 255];
    let pixels: Vec<u8> = image.pixels().flat_map(opaque).collect();
    let network = NeuQuant::new(SAMPLES, colors.clamp(LEAST, 256), &pixels);
    let (mut last, mut index) = ([0; 4], network.index_of(&[0, 0, 0, 255]) as u8);
    last[3] = 255;
    let pixels = image.pixels().map(|pixel| {
        let pixel = opaque(pixel);
        // Neighbors are often alike, and the search is what takes the time.
        if pixel != last {
            (last, index) = (pixel, network.index_of(&pixel) as u8);
        }
        index
    });
    Indexed { pixels: pixels.collect(), palette: network.color_map_rgb() }
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
    fn odd_pictures_have_colors_too() {
        for (width, height) in [(1, 1), (1, 600), (600, 1), (3, 7)] {
            let flat = RgbImage::from_pixel(width, height, Rgb([255, 0, 128]));
            let small = quantize(&flat, LEAST);
            assert_eq!(small.pixels.len(), (width * height) as usize);
            let at = 3 * usize::from(small.pixels[0]);
            let [r, g, b] = small.palette[at..at + 3] else { panic!("a color") };
            assert!(r > 245 && g < 10 && (120..136).contains(&b), "{width}x{height}: {r} {g} {b}");
        }
    }
}
