//! Repeats chroma samples so that none is shared: 4:2:0 to 4:4:4 without inventing a value.
//!
//! H.264 and H.265 cannot express an odd width or height with shared chroma: their cropping
//! counts in chroma samples. So odd sizes are encoded with full chroma; the samples stay the same.

use crate::imaging::frame::{Frame, FrameFormat, Layout};

/// The format that [`widen`] makes; nothing when there is no chroma to repeat.
pub(super) fn widened(format: &FrameFormat) -> Option<FrameFormat> {
    match format.layout {
        Layout::Yuv { shift_x, shift_y, alpha } if shift_x > 0 || shift_y > 0 => {
            Some(FrameFormat { layout: Layout::Yuv { shift_x: 0, shift_y: 0, alpha }, ..*format })
        }
        _ => None,
    }
}

/// Whether chroma is shared along a side with an odd number of pixels.
pub(super) fn is_odd(width: u32, height: u32, shift_x: u8, shift_y: u8) -> bool {
    !width.is_multiple_of(1 << shift_x) || !height.is_multiple_of(1 << shift_y)
}

/// Writes the frame with its chroma repeated into `out`.
pub(super) fn widen(frame: &Frame, out: &mut Vec<u8>) {
    let Layout::Yuv { shift_x, shift_y, .. } = frame.format.layout else { return };
    let bytes = frame.format.sample_bytes();
    let (width, height) = (frame.format.width as usize, frame.format.height as usize);
    out.clear();
    for (number, plane) in frame.format.planes().iter().enumerate() {
        let row_bytes = plane.width * bytes;
        let samples = &frame.data[plane.offset..plane.offset + row_bytes * plane.height];
        if number == 0 || number == 3 {
            out.extend_from_slice(samples);
            continue;
        }
        for y in 0..height {
            let row = &samples[(y >> shift_y) * row_bytes..][..row_bytes];
            for x in 0..width {
                out.extend_from_slice(&row[(x >> shift_x) * bytes..][..bytes]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::Matrix;

    #[test]
    fn every_pixel_gets_the_chroma_that_it_shared() {
        for depth in [8, 10] {
            let format = FrameFormat {
                width: 5,
                height: 3,
                layout: Layout::Yuv { shift_x: 1, shift_y: 1, alpha: true },
                depth,
                matrix: Matrix::Bt709,
                full_range: false,
            };
            let data = (0..format.frame_bytes()).map(|i| (i * 7) as u8).collect();
            let frame = Frame::new(format, data);
            let mut out = Vec::new();
            widen(&frame, &mut out);
            let wide = Frame::new(widened(&format).unwrap(), out);
            let (from, to) = (format.planes(), wide.format.planes());
            for plane in 0..4 {
                let shift = usize::from(plane == 1 || plane == 2);
                for y in 0..3 {
                    for x in 0..5 {
                        assert_eq!(
                            wide.sample(&to[plane], x, y, 0),
                            frame.sample(&from[plane], x >> shift, y >> shift, 0)
                        );
                    }
                }
            }
        }
    }
}
