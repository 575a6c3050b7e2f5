//! Writes an image file, all of it or nothing.

use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use image::codecs::bmp::BmpEncoder;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ImageEncoder, ImageResult};

use crate::error::{Context, Error, Result};
use crate::imaging::frame::Layout;
use crate::media::output::Pending;

use super::samples::Samples;
use super::{Still, StillFormat};

/// JPEG quality when nothing else is asked for.
pub const DEFAULT_JPEG_QUALITY: u8 = 95;

/// What a format cannot keep of a picture, in words for the user; to be told before the work.
pub fn notes(still: &Still, format: StillFormat) -> Vec<String> {
    let Layout::Packed { channels } = still.frame.format.layout else { return Vec::new() };
    let mut notes = Vec::new();
    if matches!(channels, 2 | 4) && format == StillFormat::Jpeg {
        notes.push("JPEG has no transparency: the alpha channel is left out".to_owned());
    }
    if still.frame.format.depth > 8 && !matches!(format, StillFormat::Png | StillFormat::Tiff) {
        notes.push(format!(
            "{format} has 8 bits per sample: {} are rounded to 8",
            still.frame.format.depth
        ));
    }
    if format == StillFormat::Gif {
        notes.push("GIF has 256 colors: the picture is reduced to them".to_owned());
    }
    if still.icc.is_some() && matches!(format, StillFormat::Bmp | StillFormat::Gif) {
        notes.push(format!("{format} keeps no color profile: it is left out"));
    }
    if still.exif.is_some() && !keeps_exif(format) {
        notes.push(format!("{format} keeps no EXIF data here: it is left out"));
    }
    notes
}

fn keeps_exif(format: StillFormat) -> bool {
    matches!(format, StillFormat::Png | StillFormat::Jpeg | StillFormat::WebP)
}

/// Writes a picture under a hidden name beside `path`, syncs it and gives it its name; one that was
/// there is replaced.
///
/// `quality` is JPEG's, 1..=100; [`DEFAULT_JPEG_QUALITY`] when not given. The other formats lose
/// nothing but what [`notes`] says.
///
/// # Errors
/// When the folder is missing or not writable, the disk is full, or the picture is larger than the
/// format allows; nothing is left behind then.
pub fn write(path: &Path, still: &Still, format: StillFormat, quality: Option<u8>) -> Result<()> {
    let pending = Pending::beside(path)?;
    write_hidden(&pending, still, format, quality)?;
    pending.sync()?.publish(true)
}

/// Writes a picture into the hidden file of an output, as [`write`] does.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_hidden(
    pending: &Pending,
    still: &Still,
    format: StillFormat,
    quality: Option<u8>,
) -> Result<()> {
    let what = || format!("cannot write {}", pending.output().display());
    let samples = Samples::of(&still.frame)
        .ok_or_else(|| Error::failed(format!("{}: it is not an RGB or gray picture", what())))?;
    let mut file = BufWriter::new(pending.create()?);
    encode(&mut file, still, adapt(samples, format), format, quality).context(what)?;
    file.into_inner().map_err(|e| Error::failed(what()).because(e.into_error()))?;
    Ok(())
}

/// The nearest samples that the format can hold.
fn adapt(samples: Samples, format: StillFormat) -> Samples {
    match format {
        StillFormat::Png => samples,
        StillFormat::Jpeg => samples.narrowed().opaque(),
        // These two know gray with alpha in name only.
        StillFormat::WebP | StillFormat::Bmp if samples.channels == 2 => {
            samples.narrowed().colored()
        }
        StillFormat::WebP | StillFormat::Bmp => samples.narrowed(),
        StillFormat::Tiff if samples.channels == 2 => samples.colored(),
        StillFormat::Tiff => samples,
        StillFormat::Gif => samples.narrowed().colored(),
    }
}

fn encode(
    file: &mut (impl Write + Seek),
    still: &Still,
    samples: Samples,
    format: StillFormat,
    quality: Option<u8>,
) -> ImageResult<()> {
    match format {
        StillFormat::Png => {
            // The defaults trade size for speed; a still is written once and kept.
            let encoder =
                PngEncoder::new_with_quality(file, CompressionType::Default, FilterType::Adaptive);
            encode_with(encoder, still, &samples)
        }
        StillFormat::Jpeg => {
            let quality = quality.unwrap_or(DEFAULT_JPEG_QUALITY).clamp(1, 100);
            encode_with(JpegEncoder::new_with_quality(file, quality), still, &samples)
        }
        StillFormat::WebP => encode_with(WebPEncoder::new_lossless(file), still, &samples),
        StillFormat::Bmp => encode_with(BmpEncoder::new(file), still, &samples),
        StillFormat::Tiff => encode_with(TiffEncoder::new(file), still, &samples),
        StillFormat::Gif => {
            let size = still.frame.format;
            GifEncoder::new(file).encode(
                &samples.data,
                size.width,
                size.height,
                samples.color_type(),
            )
        }
    }
}

fn encode_with(
    mut encoder: impl ImageEncoder,
    still: &Still,
    samples: &Samples,
) -> ImageResult<()> {
    // What the format has no place for is named by `notes`. A gray profile does not fit samples
    // that had to become color.
    if let Some(icc) = &still.icc
        && super::samples::profile_fits_channels(icc, samples.channels)
    {
        let _ = encoder.set_icc_profile(icc.clone());
    }
    if let Some(exif) = &still.exif {
        let _ = encoder.set_exif_metadata(exif.clone());
    }
    let size = still.frame.format;
    encoder.write_image(&samples.data, size.width, size.height, samples.color_type())
}
