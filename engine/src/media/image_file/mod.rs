//! Image files: read into a frame without loss, write from one, keep profile and metadata.

mod exif;
mod jpeg_end;
mod read;
mod samples;
mod srgb;
mod write;

use std::fmt;
use std::path::Path;

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;

pub use read::{frames_in, look, read, sniff};
pub use srgb::to_srgb;
pub(crate) use write::write_hidden;
pub use write::{DEFAULT_JPEG_QUALITY, notes, write};

/// The longest side of a picture that is read, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// The most memory that reading a picture may take, in bytes.
pub const MAX_BYTES: u64 = 1 << 30;

/// A picture out of a file, upright.
#[derive(Debug, Clone)]
pub struct Still {
    /// The samples: packed, 8 or 16 bits.
    pub frame: Frame,
    /// The color profile, when the file carries one that fits the samples.
    pub icc: Option<Vec<u8>>,
    /// The EXIF block as a TIFF structure; its orientation is already applied and reset to 1.
    pub exif: Option<Vec<u8>>,
    /// The format of the file it came from.
    pub kind: StillFormat,
}

/// An image file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillFormat {
    /// PNG: 8 and 16 bits, gray and color, with and without alpha.
    Png,
    /// JPEG: 8 bits, gray and color.
    Jpeg,
    /// WebP: 8 bits; written without loss.
    WebP,
    /// Windows bitmap: 8 bits.
    Bmp,
    /// TIFF: 8 and 16 bits.
    Tiff,
    /// GIF: at most 256 colors.
    Gif,
}

impl StillFormat {
    /// Every format, in the order in which they are offered.
    pub const ALL: [StillFormat; 6] = [
        StillFormat::Png,
        StillFormat::Jpeg,
        StillFormat::WebP,
        StillFormat::Bmp,
        StillFormat::Tiff,
        StillFormat::Gif,
    ];

    /// The usual extensions, without the dot; the first is the preferred one.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            StillFormat::Png => &["png"],
            StillFormat::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            StillFormat::WebP => &["webp"],
            StillFormat::Bmp => &["bmp", "dib"],
            StillFormat::Tiff => &["tiff", "tif"],
            StillFormat::Gif => &["gif"],
        }
    }

    /// The format for an output's name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the extension is missing or not a known one.
    pub fn from_path(path: &Path) -> Result<Self> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_lowercase();
        StillFormat::ALL
            .into_iter()
            .find(|format| format.extensions().contains(&extension.as_str()))
            .ok_or_else(|| {
                let known: Vec<String> =
                    StillFormat::ALL.iter().map(|f| format!(".{}", f.extensions()[0])).collect();
                let reason = if extension.is_empty() {
                    "its name has no extension".to_owned()
                } else {
                    format!("'.{extension}' is not a known image format")
                };
                Error::usage(format!("cannot write {}: {reason}", path.display()))
                    .hint(format!("a picture's name ends in one of {}", known.join(", ")))
            })
    }
}

impl fmt::Display for StillFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StillFormat::Png => "PNG",
            StillFormat::Jpeg => "JPEG",
            StillFormat::WebP => "WebP",
            StillFormat::Bmp => "BMP",
            StillFormat::Tiff => "TIFF",
            StillFormat::Gif => "GIF",
        })
    }
}

#[cfg(test)]
mod tests;
