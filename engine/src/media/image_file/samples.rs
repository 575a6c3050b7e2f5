//! Between the image crate's buffers and frames: byte order, bit depth, channels.

use image::{DynamicImage, ExtendedColorType};

use crate::imaging::frame::{Frame, FrameFormat, Layout, Matrix};

/// A packed format of this size.
pub(super) fn packed(width: u32, height: u32, channels: u8, depth: u8) -> FrameFormat {
    FrameFormat {
        width,
        height,
        layout: Layout::Packed { channels },
        depth,
        // Both are ignored for packed layouts.
        matrix: Matrix::Bt709,
        full_range: true,
    }
}

/// A frame with the samples of an image.
pub(super) fn from_image(image: DynamicImage) -> Frame {
    let (width, height) = (image.width(), image.height());
    let eight = |channels, data| Frame::new(packed(width, height, channels, 8), data);
    let sixteen =
        |channels, data: Vec<u16>| Frame::new(packed(width, height, channels, 16), to_bytes(&data));
    match image {
        DynamicImage::ImageLuma8(i) => eight(1, i.into_raw()),
        DynamicImage::ImageLumaA8(i) => eight(2, i.into_raw()),
        DynamicImage::ImageRgb8(i) => eight(3, i.into_raw()),
        DynamicImage::ImageRgba8(i) => eight(4, i.into_raw()),
        DynamicImage::ImageLuma16(i) => sixteen(1, i.into_raw()),
        DynamicImage::ImageLumaA16(i) => sixteen(2, i.into_raw()),
        DynamicImage::ImageRgb16(i) => sixteen(3, i.into_raw()),
        DynamicImage::ImageRgba16(i) => sixteen(4, i.into_raw()),
        // Floating point, and whatever the crate learns later.
        other if other.color().has_alpha() => sixteen(4, other.into_rgba16().into_raw()),
        other => sixteen(3, other.into_rgb16().into_raw()),
    }
}

/// Whether a color profile speaks of samples like these (ICC.1, header bytes 16–19).
///
/// A CMYK file keeps its CMYK profile in the file although its samples arrive as RGB.
pub(super) fn profile_fits(icc: &[u8], format: &FrameFormat) -> bool {
    matches!(format.layout, Layout::Packed { channels } if profile_fits_channels(icc, channels))
}

/// The same, by the number of channels.
pub(super) fn profile_fits_channels(icc: &[u8], channels: u8) -> bool {
    let wanted: &[u8] = if channels <= 2 { b"GRAY" } else { b"RGB " };
    icc.get(16..20) == Some(wanted)
}

/// The samples as 16-bit little-endian bytes.
pub(super) fn to_bytes(samples: &[u16]) -> Vec<u8> {
    samples.iter().flat_map(|s| s.to_le_bytes()).collect()
}

/// The samples of a frame of more than 8 bits.
pub(super) fn from_bytes(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// Samples as an encoder takes them: packed, 8 or 16 bits, the latter in the machine's byte order.
pub(super) struct Samples {
    pub data: Vec<u8>,
    pub channels: u8,
    pub depth: u8,
}

impl Samples {
    /// The samples of a packed frame; depths between 8 and 16 are stretched to 16.
    pub(super) fn of(frame: &Frame) -> Option<Self> {
        let Layout::Packed { channels } = frame.format.layout else { return None };
        if frame.format.depth == 8 {
            return Some(Samples { data: frame.data.clone(), channels, depth: 8 });
        }
        let max = frame.format.max_value();
        let data = from_bytes(&frame.data)
            .flat_map(|s| {
                let wide = (u32::from(s).min(max) * 0xffff + max / 2) / max;
                (wide as u16).to_ne_bytes()
            })
            .collect();
        Some(Samples { data, channels, depth: 16 })
    }

    /// With 8 bits per sample, rounded to the nearest.
    pub(super) fn narrowed(self) -> Self {
        if self.depth == 8 {
            return self;
        }
        let data = self
            .data
            .chunks_exact(2)
            .map(|pair| {
                let wide = u32::from(u16::from_ne_bytes([pair[0], pair[1]]));
                ((wide * 255 + 32_767) / 65_535) as u8
            })
            .collect();
        Samples { data, depth: 8, ..self }
    }

    /// Without alpha.
    pub(super) fn opaque(self) -> Self {
        match self.channels {
            2 => self.regrouped(1, |pixel, out| out.extend_from_slice(pixel[0])),
            4 => self.regrouped(3, |pixel, out| {
                pixel[..3].iter().for_each(|s| out.extend_from_slice(s));
            }),
            _ => self,
        }
    }

    /// With color channels: gray is repeated.
    pub(super) fn colored(self) -> Self {
        match self.channels {
            1 => self.regrouped(3, |pixel, out| {
                (0..3).for_each(|_| out.extend_from_slice(pixel[0]));
            }),
            2 => self.regrouped(4, |pixel, out| {
                (0..3).for_each(|_| out.extend_from_slice(pixel[0]));
                out.extend_from_slice(pixel[1]);
            }),
            _ => self,
        }
    }

    fn regrouped(self, channels: u8, pixel: impl Fn(&[&[u8]], &mut Vec<u8>)) -> Self {
        let bytes = usize::from(self.depth / 8);
        let stride = bytes * usize::from(self.channels);
        let mut data = Vec::with_capacity(self.data.len() / stride * bytes * usize::from(channels));
        for group in self.data.chunks_exact(stride) {
            let samples: [&[u8]; 4] =
                std::array::from_fn(|i| group.get(i * bytes..(i + 1) * bytes).unwrap_or_default());
            pixel(&samples, &mut data);
        }
        Samples { data, channels, depth: self.depth }
    }

    /// The image crate's name for it.
    pub(super) fn color_type(&self) -> ExtendedColorType {
        match (self.channels, self.depth) {
            (1, 8) => ExtendedColorType::L8,
            (2, 8) => ExtendedColorType::La8,
            (3, 8) => ExtendedColorType::Rgb8,
            (1, _) => ExtendedColorType::L16,
            (2, _) => ExtendedColorType::La16,
            (3, _) => ExtendedColorType::Rgb16,
            (_, 8) => ExtendedColorType::Rgba8,
            _ => ExtendedColorType::Rgba16,
        }
    }
}
