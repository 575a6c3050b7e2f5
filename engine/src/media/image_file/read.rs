//! Reads an image file.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageResult, Limits,
};

use crate::error::{Error, Result};
use crate::imaging::frame::FrameFormat;

use super::{MAX_BYTES, MAX_SIDE, Still, StillFormat, exif, jpeg_end, samples};

/// Enough of a file to know its format.
const MAGIC_BYTES: u64 = 64;

/// The image format by the first bytes of the file; nothing when it is none that is read here.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is no such file, [`crate::error::Kind::Failed`] when it
/// is empty or cannot be read.
pub fn sniff(path: &Path) -> Result<Option<StillFormat>> {
    let mut magic = Vec::new();
    open(path)?
        .take(MAGIC_BYTES)
        .read_to_end(&mut magic)
        .map_err(|e| Error::failed(format!("cannot read {}", path.display())).because(e))?;
    if magic.is_empty() {
        return Err(Error::failed(format!("{} is empty", path.display()))
            .hint("the copy or the download of it may have failed; get the file again"));
    }
    Ok(match image::guess_format(&magic) {
        Ok(ImageFormat::Png) => Some(StillFormat::Png),
        Ok(ImageFormat::Jpeg) => Some(StillFormat::Jpeg),
        Ok(ImageFormat::WebP) => Some(StillFormat::WebP),
        Ok(ImageFormat::Bmp) => Some(StillFormat::Bmp),
        Ok(ImageFormat::Tiff) => Some(StillFormat::Tiff),
        Ok(ImageFormat::Gif) => Some(StillFormat::Gif),
        _ => None,
    })
}

/// Whether an image file holds one frame (1) or more (2); it does not count on.
///
/// # Errors
/// When the file cannot be read.
pub fn frames_in(path: &Path, kind: StillFormat) -> Result<usize> {
    let file = BufReader::new(open(path)?);
    let count = || -> ImageResult<usize> {
        Ok(match kind {
            StillFormat::Gif => {
                let mut decoder = GifDecoder::new(file)?;
                decoder.set_limits(limits())?;
                decoder.into_frames().take(2).take_while(|f| f.is_ok()).count().max(1)
            }
            StillFormat::WebP => 1 + usize::from(WebPDecoder::new(file)?.has_animation()),
            StillFormat::Png => {
                let decoder = PngDecoder::with_limits(file, limits())?;
                if !decoder.is_apng()? {
                    return Ok(1);
                }
                decoder.apng()?.into_frames().take(2).take_while(|f| f.is_ok()).count().max(1)
            }
            _ => 1,
        })
    };
    count().map_err(|e| explain(path, e))
}

/// Reads a picture and turns it upright. 8 and 16 bit samples stay as they are; palettes become
/// colors, fewer than 8 bits become 8, floating point becomes 16.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is no such file; [`crate::error::Kind::Failed`] when it
/// is empty, damaged, of an unknown format, or beyond [`MAX_SIDE`] or [`MAX_BYTES`].
pub fn read(path: &Path) -> Result<Still> {
    let Some(kind) = sniff(path)? else {
        return Err(Error::failed(format!(
            "{} is not a picture in a known format",
            path.display()
        ))
        .hint("PNG, JPEG, WebP, BMP, TIFF and GIF are read; convert it to one of them"));
    };
    if kind == StillFormat::Jpeg
        && !jpeg_end::is_whole(BufReader::new(open(path)?))
            .map_err(|e| Error::failed(format!("cannot read {}", path.display())).because(e))?
    {
        return Err(Error::failed(format!("{} is cut short", path.display()))
            .hint("the copy or the download of it may have failed; get the file again"));
    }
    let file = BufReader::new(open(path)?);
    decode(file, kind).map_err(|e| explain(path, e))?.finish(path, kind)
}

/// The size and the samples of a picture as [`read`] would give them, by its header alone.
///
/// # Errors
/// As [`read`].
pub fn look(path: &Path) -> Result<FrameFormat> {
    let Some(kind) = sniff(path)? else {
        return Err(Error::failed(format!("{} is not a picture that can be read", path.display())));
    };
    let file = BufReader::new(open(path)?);
    let shape = || match kind {
        StillFormat::Png => shape(PngDecoder::with_limits(file, limits())?),
        StillFormat::Jpeg => shape(JpegDecoder::new(file)?),
        StillFormat::WebP => shape(WebPDecoder::new(file)?),
        StillFormat::Bmp => shape(BmpDecoder::new(file)?),
        StillFormat::Tiff => shape(TiffDecoder::new(file)?),
        StillFormat::Gif => shape(GifDecoder::new(file)?),
    };
    shape().map_err(|e| explain(path, e))
}

fn shape(mut decoder: impl ImageDecoder) -> ImageResult<FrameFormat> {
    let (width, height) = decoder.dimensions();
    limits().check_dimensions(width, height)?;
    let turned = matches!(
        decoder.orientation().unwrap_or(Orientation::NoTransforms),
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = if turned { (height, width) } else { (width, height) };
    let color = decoder.color_type();
    let depth = if color.bytes_per_pixel() > color.channel_count() { 16 } else { 8 };
    // Floating point has color at least; see `samples::from_image`.
    Ok(samples::packed(width, height, color.channel_count(), depth))
}

/// What a decoder gives.
struct Decoded {
    image: DynamicImage,
    icc: Option<Vec<u8>>,
    exif: Option<Vec<u8>>,
}

impl Decoded {
    fn finish(self, path: &Path, kind: StillFormat) -> Result<Still> {
        let (width, height) = (self.image.width(), self.image.height());
        if width == 0 || height == 0 {
            return Err(Error::failed(format!("{} has no pixels", path.display())));
        }
        let frame = samples::from_image(self.image);
        let icc = self.icc.filter(|icc| samples::profile_fits(icc, &frame.format));
        Ok(Still { frame, icc, exif: self.exif, kind })
    }
}

fn decode<R: Read + Seek + std::io::BufRead>(file: R, kind: StillFormat) -> ImageResult<Decoded> {
    match kind {
        StillFormat::Png => decode_with(PngDecoder::with_limits(file, limits())?),
        StillFormat::Jpeg => decode_with(JpegDecoder::new(file)?),
        StillFormat::WebP => decode_with(WebPDecoder::new(file)?),
        StillFormat::Bmp => decode_with(BmpDecoder::new(file)?),
        StillFormat::Tiff => decode_with(TiffDecoder::new(file)?),
        StillFormat::Gif => decode_with(GifDecoder::new(file)?),
    }
}

fn decode_with(mut decoder: impl ImageDecoder) -> ImageResult<Decoded> {
    let mut limits = limits();
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height)?;
    limits.reserve(decoder.total_bytes())?;
    // Damaged metadata is no reason to refuse a picture that can be seen. It is read before the
    // limits are set: the TIFF decoder forgets its profile with them.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let icc = decoder.icc_profile().unwrap_or_default();
    let exif = decoder.exif_metadata().unwrap_or_default().and_then(exif::clean);
    decoder.set_limits(limits)?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(Decoded { image, icc, exif })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

/// Opens a file that the user named.
fn open(path: &Path) -> Result<File> {
    let missing = |why: &str| Error::usage(format!("{} {why}", path.display()));
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => {
            return Err(missing("is a folder, not a file").hint("name a file inside it"));
        }
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(missing("does not exist").hint("check the spelling of the path"));
        }
        Err(e) => return Err(missing("cannot be looked at").because(e)),
    }
    File::open(path).map_err(|e| {
        missing("cannot be opened").because(e).hint("check that you may read the file")
    })
}

fn explain(path: &Path, error: ImageError) -> Error {
    let name = path.display();
    match &error {
        ImageError::Limits(limit)
            if !matches!(limit.kind(), LimitErrorKind::Unsupported { .. }) =>
        {
            Error::failed(format!(
                "{name} is too large: a picture may have {MAX_SIDE} pixels a side and take {} MiB",
                MAX_BYTES >> 20
            ))
            .because(error)
            .hint("make it smaller first")
        }
        ImageError::Unsupported(_) => Error::failed(format!("cannot read {name}"))
            .because(error)
            .hint("save it as a plain PNG or JPEG"),
        _ => Error::failed(format!("{name} is damaged"))
            .because(error)
            .hint("the copy or the download of it may have failed; get the file again"),
    }
}
