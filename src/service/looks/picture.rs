//! Pictures as answers: PNG or JPEG, no larger than the client wants them.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Context, Result};
use crate::imaging::picture::Picture;

/// Between the sizes of files and what is seen: nobody edits a preview.
const QUALITY: u8 = 90;

/// The format of a picture that is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImageFormat {
    /// Exact, and large.
    Png,
    /// Small.
    #[default]
    Jpeg,
}

impl ImageFormat {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            ImageFormat::Png => "image/png",
            ImageFormat::Jpeg => "image/jpeg",
        }
    }
}

/// A picture whose longer side has at most so many pixels; it is never enlarged.
pub(super) fn within(picture: Picture, max_side: u32) -> Picture {
    let longer = picture.width.max(picture.height);
    let most = max_side.max(1) as usize;
    if longer <= most {
        return picture;
    }
    let scaled = |side: usize| ((side * most + longer / 2) / longer).max(1);
    picture.resized(scaled(picture.width), scaled(picture.height))
}

/// The bytes of a picture in this format.
///
/// # Errors
/// When it is larger than the format allows.
pub fn encode(picture: Picture, format: ImageFormat) -> Result<Vec<u8>> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    let pixels = picture.into_bytes();
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Png => {
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
                .write_image(&pixels, width, height, ExtendedColorType::Rgb8)
        }
        ImageFormat::Jpeg => JpegEncoder::new_with_quality(&mut bytes, QUALITY).write_image(
            &pixels,
            width,
            height,
            ExtendedColorType::Rgb8,
        ),
    }
    .context(|| format!("cannot write a picture of {width}x{height} pixels"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_shrunk_in_its_shape_and_never_enlarged() {
        let size = |width, height, most| {
            let small = within(Picture::plain(width, height, [9, 8, 7]), most);
            assert!(small.pixels.iter().all(|pixel| *pixel == [9, 8, 7]));
            (small.width, small.height)
        };
        assert_eq!(size(400, 200, 100), (100, 50));
        assert_eq!(size(200, 400, 100), (50, 100));
        assert_eq!(size(40, 20, 100), (40, 20));
        assert_eq!(size(1000, 1, 10), (10, 1));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let mut picture = Picture::plain(16, 9, [200, 30, 90]);
        picture.fill(0, 0, 8, 9, [0, 0, 0]);
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let bytes = encode(picture.clone(), format).unwrap();
            assert_eq!(image::guess_format(&bytes).unwrap().to_mime_type(), format.media_type());
            let back = image::load_from_memory(&bytes).unwrap().into_rgb8();
            assert_eq!(back.dimensions(), (16, 9));
            if format == ImageFormat::Png {
                assert_eq!(back.into_raw(), picture.clone().into_bytes());
            }
        }
    }
}
