//! A frame in the decoder's own pixel format.
//!
//! The samples stay exactly as they were read: one contiguous buffer, plane after plane, rows
//! without padding, 16-bit samples little-endian. Nothing converts a whole frame; see
//! [`super::region`] for how a face is sampled out of it and blended back.

/// Luma/chroma matrix of a YUV frame (ITU-T H.273 matrix coefficients).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matrix {
    /// BT.601 (SD).
    Bt601,
    /// BT.709 (HD).
    Bt709,
    /// BT.2020 non-constant luminance (UHD).
    Bt2020,
}

impl Matrix {
    /// The luma weights (kr, kb); kg is 1 − kr − kb. Source: ITU-T H.273, table 4.
    pub fn weights(self) -> (f32, f32) {
        match self {
            Matrix::Bt601 => (0.299, 0.114),
            Matrix::Bt709 => (0.2126, 0.0722),
            Matrix::Bt2020 => (0.2627, 0.0593),
        }
    }
}

/// How samples are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Planes Y, U, V (and A); chroma is subsampled by `1 << shift_x` and `1 << shift_y`.
    Yuv {
        /// log2 of the horizontal chroma subsampling.
        shift_x: u8,
        /// log2 of the vertical chroma subsampling.
        shift_y: u8,
        /// A full-size alpha plane follows V.
        alpha: bool,
    },
    /// One plane of interleaved samples: 1 = gray, 2 = gray and alpha, 3 = RGB, 4 = RGBA.
    Packed {
        /// Samples per pixel, 1..=4.
        channels: u8,
    },
}

/// Everything that says how a frame's buffer is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameFormat {
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
    /// Planes and channels.
    pub layout: Layout,
    /// Significant bits per sample, 8..=16. More than 8 are stored in two bytes.
    pub depth: u8,
    /// Matrix of YUV samples; ignored for packed layouts.
    pub matrix: Matrix,
    /// Full range (0..=max) instead of limited ("TV") range; always true for packed layouts.
    pub full_range: bool,
}

/// One plane of a frame: where it lies in the buffer and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaneInfo {
    /// Byte offset in the buffer.
    pub offset: usize,
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Interleaved samples per pixel.
    pub channels: usize,
}

impl FrameFormat {
    /// Bytes of one sample: 1 or 2.
    pub fn sample_bytes(&self) -> usize {
        if self.depth > 8 { 2 } else { 1 }
    }

    /// The largest sample value, e.g. 255 or 1023.
    pub fn max_value(&self) -> u32 {
        (1u32 << self.depth) - 1
    }

    /// The planes in buffer order.
    pub fn planes(&self) -> Vec<PlaneInfo> {
        let (width, height) = (self.width as usize, self.height as usize);
        let sizes: Vec<(usize, usize, usize)> = match self.layout {
            Layout::Packed { channels } => vec![(width, height, channels as usize)],
            Layout::Yuv { shift_x, shift_y, alpha } => {
                // Chroma sizes round up, as ffmpeg's do.
                let cw = (width + (1 << shift_x) - 1) >> shift_x;
                let ch = (height + (1 << shift_y) - 1) >> shift_y;
                let mut sizes = vec![(width, height, 1), (cw, ch, 1), (cw, ch, 1)];
                if alpha {
                    sizes.push((width, height, 1));
                }
                sizes
            }
        };
        let mut offset = 0;
        sizes
            .into_iter()
            .map(|(width, height, channels)| {
                let plane = PlaneInfo { offset, width, height, channels };
                offset += width * height * channels * self.sample_bytes();
                plane
            })
            .collect()
    }

    /// Bytes of a whole frame.
    pub fn frame_bytes(&self) -> usize {
        self.planes()
            .last()
            .map_or(0, |p| p.offset + p.width * p.height * p.channels * self.sample_bytes())
    }
}

/// A picture with its place in time.
#[derive(Debug, Clone)]
pub struct Frame {
    /// How `data` is to be read.
    pub format: FrameFormat,
    /// The samples, `format.frame_bytes()` long.
    pub data: Vec<u8>,
    /// 0-based index in decoding order of display.
    pub index: u64,
    /// Timestamp in ticks of the film's time base, as the file has it.
    pub pts: i64,
    /// Presentation time in seconds from the first frame.
    pub time: f64,
}

impl Frame {
    /// A still with these samples.
    ///
    /// # Panics
    /// When `data` is not `format.frame_bytes()` long: that is a bug in the caller.
    pub fn new(format: FrameFormat, data: Vec<u8>) -> Self {
        assert_eq!(data.len(), format.frame_bytes(), "frame buffer of the wrong size");
        Frame { format, data, index: 0, pts: 0, time: 0.0 }
    }

    /// The sample at a position of a plane, as stored.
    pub fn sample(&self, plane: &PlaneInfo, x: usize, y: usize, channel: usize) -> u32 {
        let i = (y * plane.width + x) * plane.channels + channel;
        if self.format.sample_bytes() == 1 {
            u32::from(self.data[plane.offset + i])
        } else {
            let at = plane.offset + 2 * i;
            u32::from(u16::from_le_bytes([self.data[at], self.data[at + 1]]))
        }
    }

    /// Overwrites one sample.
    pub fn set_sample(
        &mut self,
        plane: &PlaneInfo,
        x: usize,
        y: usize,
        channel: usize,
        value: u32,
    ) {
        let i = (y * plane.width + x) * plane.channels + channel;
        if self.format.sample_bytes() == 1 {
            self.data[plane.offset + i] = value as u8;
        } else {
            let at = plane.offset + 2 * i;
            self.data[at..at + 2].copy_from_slice(&(value as u16).to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yuv(width: u32, height: u32, shift_x: u8, shift_y: u8, depth: u8) -> FrameFormat {
        FrameFormat {
            width,
            height,
            layout: Layout::Yuv { shift_x, shift_y, alpha: false },
            depth,
            matrix: Matrix::Bt709,
            full_range: false,
        }
    }

    #[test]
    fn odd_sizes_round_chroma_up() {
        let format = yuv(5, 3, 1, 1, 8);
        let planes = format.planes();
        assert_eq!((planes[1].width, planes[1].height), (3, 2));
        assert_eq!(format.frame_bytes(), 15 + 6 + 6);
    }

    #[test]
    fn ten_bits_take_two_bytes() {
        let format = yuv(4, 2, 1, 0, 10);
        assert_eq!(format.frame_bytes(), 2 * (8 + 4 + 4));
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        let plane = format.planes()[2];
        frame.set_sample(&plane, 1, 1, 0, 1023);
        assert_eq!(frame.sample(&plane, 1, 1, 0), 1023);
        assert_eq!(frame.data.iter().filter(|&&b| b != 0).count(), 2);
    }
}
