//! Repeats chroma samples so that fewer pixels share one: 4:2:0 to 4:4:4, 4:4:0 to 4:4:4, 4:1:1 to
//! 4:2:2, without inventing a value; and gives gray pictures chroma that says "no color".
//!
//! H.264 and H.265 cannot express an odd width or height with shared chroma: their cropping
//! counts in chroma samples. So odd sizes are encoded with full chroma; the samples stay the same.
//! ffmpeg's own conversion would interpolate, and take gray for full range.

use crate::imaging::frame::{Frame, FrameFormat, Layout};

/// The format with chroma that is shared by so many pixels, as powers of two; nothing when the
/// frame's own is not shared by more, or it has colors of another kind.
pub(super) fn widened(format: &FrameFormat, shifts: (u8, u8)) -> Option<FrameFormat> {
    let (shift_x, shift_y) = shifts;
    let alpha = match format.layout {
        Layout::Yuv { shift_x: x, shift_y: y, alpha }
            if shift_x <= x && shift_y <= y && shifts != (x, y) =>
        {
            alpha
        }
        Layout::Packed { channels: 1 } => false,
        _ => return None,
    };
    Some(FrameFormat { layout: Layout::Yuv { shift_x, shift_y, alpha }, ..*format })
}

/// Whether chroma is shared along a side with an odd number of pixels.
pub(super) fn is_odd(width: u32, height: u32, shift_x: u8, shift_y: u8) -> bool {
    !width.is_multiple_of(1 << shift_x) || !height.is_multiple_of(1 << shift_y)
}

/// Writes the frame into `out` as one of the format that [`widened`] made of its own.
pub(super) fn widen(frame: &Frame, to: &FrameFormat, out: &mut Vec<u8>) {
    let bytes = frame.format.sample_bytes();
    let own = frame.format.planes();
    let gray = !matches!(frame.format.layout, Layout::Yuv { .. });
    let neutral = (1u16 << (frame.format.depth - 1)).to_le_bytes();
    out.clear();
    for (number, fine) in to.planes().iter().enumerate() {
        if gray && number > 0 {
            for _ in 0..fine.width * fine.height {
                out.extend_from_slice(&neutral[..bytes]);
            }
            continue;
        }
        let plane = &own[number];
        let row_bytes = plane.width * bytes;
        let samples = &frame.data[plane.offset..plane.offset + row_bytes * plane.height];
        // How many of the finer samples one is repeated as.
        let (across, down) = (fine.width.div_ceil(plane.width), fine.height.div_ceil(plane.height));
        if (across, down) == (1, 1) {
            out.extend_from_slice(samples);
            continue;
        }
        for y in 0..fine.height {
            let row = &samples[y / down * row_bytes..][..row_bytes];
            for x in 0..fine.width {
                out.extend_from_slice(&row[x / across * bytes..][..bytes]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::Matrix;

    fn format(layout: Layout, depth: u8) -> FrameFormat {
        FrameFormat { width: 5, height: 3, layout, depth, matrix: Matrix::Bt709, full_range: false }
    }

    fn frame(layout: Layout, depth: u8) -> Frame {
        let format = format(layout, depth);
        Frame::new(format, (0..format.frame_bytes()).map(|i| (i * 7) as u8).collect())
    }

    #[test]
    fn every_pixel_gets_the_chroma_that_it_shared() {
        for depth in [8, 10] {
            for (own, shifts) in [
                ((1, 1), (0, 0)),
                ((1, 0), (0, 0)),
                ((0, 1), (0, 0)),
                ((2, 0), (1, 0)),
                ((2, 2), (1, 1)),
            ] {
                let alpha = own == (1, 1);
                let layout = Layout::Yuv { shift_x: own.0, shift_y: own.1, alpha };
                let frame = frame(layout, depth);
                let finer = widened(&frame.format, shifts).unwrap();
                let mut out = Vec::new();
                widen(&frame, &finer, &mut out);
                let wide = Frame::new(finer, out);
                let (from, to) = (frame.format.planes(), wide.format.planes());
                assert_eq!(to.len(), from.len());
                for plane in 0..to.len() {
                    let shared = if plane == 1 || plane == 2 { own } else { (0, 0) };
                    let finer = if plane == 1 || plane == 2 { shifts } else { (0, 0) };
                    for y in 0..to[plane].height {
                        for x in 0..to[plane].width {
                            let (x0, y0) = (x >> (shared.0 - finer.0), y >> (shared.1 - finer.1));
                            assert_eq!(
                                wide.sample(&to[plane], x, y, 0),
                                frame.sample(&from[plane], x0, y0, 0)
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn gray_gets_no_color() {
        for depth in [8, 10] {
            let frame = frame(Layout::Packed { channels: 1 }, depth);
            let to = widened(&frame.format, (1, 1)).unwrap();
            let mut out = Vec::new();
            widen(&frame, &to, &mut out);
            let wide = Frame::new(to, out);
            let planes = wide.format.planes();
            assert_eq!(wide.data[..frame.data.len()], frame.data);
            for plane in &planes[1..] {
                for y in 0..plane.height {
                    for x in 0..plane.width {
                        assert_eq!(wide.sample(plane, x, y, 0), 1 << (depth - 1));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_shared_by_more_pixels_than_before() {
        let yuv = |shift_x, shift_y| format(Layout::Yuv { shift_x, shift_y, alpha: false }, 8);
        assert_eq!(widened(&yuv(1, 0), (0, 1)), None);
        assert_eq!(widened(&yuv(1, 1), (1, 1)), None);
        assert_eq!(widened(&format(Layout::Packed { channels: 3 }, 8), (0, 0)), None);
    }
}
