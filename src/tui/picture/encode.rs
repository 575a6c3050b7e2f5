//! From pixels to what the terminal draws.

use fast_image_resize as fir;
use image::{Rgb, RgbImage};

use crate::error::{Error, Result};
use crate::terminal::Protocol;
use crate::terminal::encode::{self as sequences, Palette};

use super::key::{Crop, Key};

/// How pictures are drawn on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// In which way.
    pub protocol: Protocol,
    /// Width and height of a cell in pixels.
    pub cell: (u16, u16),
    /// The most colors of a sixel picture.
    pub colors: u16,
}

/// A picture as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoded {
    /// An escape sequence that paints so many columns and rows from the cursor on.
    Sequence {
        /// Columns and rows that it covers.
        cells: (u16, u16),
        /// The sequence.
        bytes: Vec<u8>,
    },
    /// Half blocks: for each cell, row by row, the color above and the one below.
    Blocks {
        /// Columns and rows.
        cells: (u16, u16),
        /// The colors.
        colors: Vec<([u8; 3], [u8; 3])>,
    },
}

impl Encoded {
    /// Columns and rows that it covers.
    pub fn cells(&self) -> (u16, u16) {
        match self {
            Encoded::Sequence { cells, .. } | Encoded::Blocks { cells, .. } => *cells,
        }
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> usize {
        match self {
            Encoded::Sequence { bytes, .. } => bytes.len(),
            Encoded::Blocks { colors, .. } => colors.len() * 6,
        }
    }
}

/// The columns and rows, and the pixels, of a picture that is fitted into `room` cells with its
/// shape kept.
pub fn fit(size: (u32, u32), room: (u16, u16), cell: (u16, u16)) -> ((u16, u16), (u32, u32)) {
    let most = (u32::from(room.0) * u32::from(cell.0), u32::from(room.1) * u32::from(cell.1));
    let (width, height) = (f64::from(size.0.max(1)), f64::from(size.1.max(1)));
    let scale = (f64::from(most.0) / width).min(f64::from(most.1) / height);
    let pixels = |length: f64, most: u32| ((length * scale).round() as u32).clamp(1, most.max(1));
    let (width, height) = (pixels(width, most.0), pixels(height, most.1));
    let cells = (
        (width.div_ceil(u32::from(cell.0)) as u16).min(room.0),
        (height.div_ceil(u32::from(cell.1)) as u16).min(room.1),
    );
    (cells, (width, height))
}

/// Encodes a picture for `room` cells. `sources` are the pixels of [`Key::sources`].
///
/// # Errors
/// When there is no room, or an encoder fails.
pub fn encode<T: AsRef<RgbImage>>(
    key: &Key,
    sources: &[T],
    room: (u16, u16),
    how: How,
) -> Result<Encoded> {
    if room.0 == 0 || room.1 == 0 {
        return Err(Error::failed("there is no room for the picture"));
    }
    let mut rest = sources.iter().map(AsRef::as_ref);
    let image = compose(key, &mut rest)?;
    let (cells, (width, height)) = fit(image.dimensions(), room, how.cell);
    match how.protocol {
        Protocol::Blocks | Protocol::Off => {
            let small = resize(&image, u32::from(cells.0), 2 * u32::from(cells.1))?;
            let color = |x, y| small.get_pixel(x, y).0;
            let colors = (0..u32::from(cells.1))
                .flat_map(|y| (0..u32::from(cells.0)).map(move |x| (x, 2 * y)))
                .map(|(x, y)| (color(x, y), color(x, y + 1)))
                .collect();
            Ok(Encoded::Blocks { cells, colors })
        }
        protocol => {
            let picture = resize(&image, width, height)?;
            let bytes = match protocol {
                Protocol::Kitty => sequences::kitty(&picture, Some(cells))?,
                Protocol::Iterm2 => sequences::iterm2(&picture, cells)?,
                _ => {
                    let live = key.sources().iter().any(|key| key.is_live());
                    let palette = if live { Palette::Quick } else { Palette::Careful };
                    sequences::sixel(&picture, how.colors, palette)?
                }
            };
            Ok(Encoded::Sequence { cells, bytes })
        }
    }
}

fn compose<'a>(key: &Key, sources: &mut impl Iterator<Item = &'a RgbImage>) -> Result<RgbImage> {
    match key {
        Key::Wipe { before, after, percent } => {
            let mut left = compose(before, sources)?;
            let right = compose(after, sources)?;
            let right = resize(&right, left.width(), left.height())?;
            let line = left.width() * u32::from(*percent) / 100;
            for (x, y, pixel) in left.enumerate_pixels_mut() {
                if x >= line {
                    *pixel = *right.get_pixel(x, y);
                }
            }
            // The line, two pixels wide, so that it is seen when the two are alike.
            let wide = (left.width() / 200).max(2);
            for x in line.saturating_sub(wide / 2)..(line + wide.div_ceil(2)).min(left.width()) {
                for y in 0..left.height() {
                    left.put_pixel(x, y, Rgb([0, 242, 254]));
                }
            }
            Ok(left)
        }
        Key::Part { of, part } => Ok(part_of(&compose(of, sources)?, *part)),
        _ => sources.next().cloned().ok_or_else(|| Error::failed("the picture is not here")),
    }
}

/// A part, in thousandths; at least a pixel.
fn part_of(image: &RgbImage, part: Crop) -> RgbImage {
    let (width, height) = image.dimensions();
    let of =
        |thousandths: u32, length: u32| (thousandths.min(1000) * length / 1000).min(length - 1);
    let (x, y) = (of(part.x, width), of(part.y, height));
    let w = (part.width * width / 1000).clamp(1, width - x);
    let h = (part.height * height / 1000).clamp(1, height - y);
    image::imageops::crop_imm(image, x, y, w, h).to_image()
}

fn resize(image: &RgbImage, width: u32, height: u32) -> Result<RgbImage> {
    if image.dimensions() == (width, height) {
        return Ok(image.clone());
    }
    let error =
        |e: &dyn std::fmt::Display| Error::failed(format!("cannot resize the picture: {e}"));
    let kind = fir::PixelType::U8x3;
    let source = fir::images::ImageRef::new(image.width(), image.height(), image.as_raw(), kind)
        .map_err(|e| error(&e))?;
    let mut target = fir::images::Image::new(width, height, kind);
    fir::Resizer::new().resize(&source, &mut target, None).map_err(|e| error(&e))?;
    RgbImage::from_raw(width, height, target.into_vec())
        .ok_or_else(|| error(&"the buffer has the wrong size"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const BLOCKS: How = How { protocol: Protocol::Blocks, cell: (10, 20), colors: 256 };

    #[test]
    fn shapes_are_kept() {
        assert_eq!(fit((100, 100), (20, 10), (10, 20)), ((20, 10), (200, 200)));
        assert_eq!(fit((200, 100), (20, 10), (10, 20)), ((20, 5), (200, 100)));
        assert_eq!(fit((100, 300), (20, 10), (10, 20)), ((7, 10), (67, 200)));
        assert_eq!(fit((1, 100_000), (20, 10), (10, 20)), ((1, 10), (1, 200)));
    }

    #[test]
    fn half_blocks_have_the_upper_and_the_lower_color() {
        let image =
            Arc::new(RgbImage::from_fn(20, 20, |_, y| Rgb([if y < 10 { 250 } else { 5 }; 3])));
        let Encoded::Blocks { cells, colors } =
            encode(&Key::file("/a"), &[image], (2, 1), BLOCKS).unwrap()
        else {
            panic!("blocks")
        };
        assert_eq!((cells, colors.len()), ((2, 1), 2));
        assert!(colors.iter().all(|(up, down)| up[0] > 200 && down[0] < 50), "{colors:?}");
    }

    #[test]
    fn a_wipe_shows_both_and_a_line() {
        let white = Arc::new(RgbImage::from_pixel(100, 100, Rgb([255; 3])));
        let black = Arc::new(RgbImage::from_pixel(100, 100, Rgb([0; 3])));
        let key = Key::Wipe {
            before: Box::new(Key::file("/a")),
            after: Box::new(Key::file("/b")),
            percent: 30,
        };
        let image = compose(&key, &mut [&*white, &*black].into_iter()).unwrap();
        assert_eq!(image.get_pixel(5, 5).0, [255; 3]);
        assert_eq!(image.get_pixel(30, 5).0, [0, 242, 254]);
        assert_eq!(image.get_pixel(60, 5).0, [0; 3]);
    }

    #[test]
    fn parts_are_parts() {
        let image = Arc::new(RgbImage::from_fn(100, 50, |x, _| Rgb([x as u8, 0, 0])));
        let part = Crop { x: 500, y: 0, width: 250, height: 1000 };
        let key = Key::Part { of: Box::new(Key::file("/a")), part };
        let cut = compose(&key, &mut [&*image].into_iter()).unwrap();
        assert_eq!(cut.dimensions(), (25, 50));
        assert_eq!(cut.get_pixel(0, 0).0[0], 50);
        let beyond = Crop { x: 5000, y: 5000, width: 0, height: 9000 };
        assert_eq!(part_of(&image, beyond).dimensions(), (1, 1));
    }
}
