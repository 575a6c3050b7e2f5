//! Which pixel format the encoder is asked for.

use crate::imaging::frame::{FrameFormat, Layout};

use super::codec::VideoEncoder;
use super::{pixel, widen};

/// What goes into the encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EncoderPixels {
    /// ffmpeg's encoder: x264 is two, one for YUV and one for RGB.
    pub encoder: &'static str,
    /// ffmpeg's name of the format that it is asked for.
    pub pix_fmt: String,
    /// The frames' chroma is repeated before they are handed over; see [`widen`].
    pub widen: bool,
    /// RGB becomes YUV on the way.
    pub to_yuv: bool,
}

/// The frame's own format when the encoder has it, else the nearest that loses least.
pub(super) fn choose(
    encoder: VideoEncoder,
    available: &[String],
    format: &FrameFormat,
    lossless: bool,
) -> EncoderPixels {
    let has = |name: &str| available.iter().any(|a| a == name);
    // An odd size cannot share chroma, except in VP9.
    let odd = |shift_x, shift_y| {
        encoder != VideoEncoder::LibvpxVp9
            && widen::is_odd(format.width, format.height, shift_x, shift_y)
    };
    let plain = |pix_fmt: String, widen| EncoderPixels {
        encoder: encoder.name(),
        pix_fmt,
        widen,
        to_yuv: false,
    };
    let own = pixel::name_of(format.layout, format.depth);
    match format.layout {
        Layout::Yuv { shift_x, shift_y, alpha } => {
            let odd = odd(shift_x, shift_y);
            if has(&own) && !odd {
                return plain(own, false);
            }
            if (shift_x, shift_y, format.depth) == (1, 1, 10) && !odd && has("p010le") {
                // The same samples with chroma interleaved, which is what graphics processors take.
                return plain("p010le".into(), false);
            }
            let samplings: &[(u8, u8)] = match (shift_x, shift_y) {
                _ if odd => &[(0, 0)],
                (1, 1) | (2, 2) => &[(1, 1), (1, 0), (0, 0)],
                (1, 0) | (2, 0) => &[(1, 0), (0, 0), (1, 1)],
                (0, 1) => &[(0, 1), (0, 0), (1, 1)],
                _ => &[(0, 0), (1, 0), (1, 1)],
            };
            let name = nearest(samplings, depths(format.depth), alpha, has);
            plain(name.unwrap_or_else(|| "yuv420p".into()), odd)
        }
        Layout::Packed { channels: 1 | 2 } => {
            let gray = |depth| pixel::name_of(Layout::Packed { channels: 1 }, depth);
            match depths(format.depth).into_iter().map(gray).find(|name| has(name)) {
                Some(name) => plain(name, false),
                None => {
                    let name = nearest(&[(1, 1)], depths(format.depth), false, has);
                    plain(name.unwrap_or_else(|| "yuv420p".into()), false)
                }
            }
        }
        Layout::Packed { .. } if lossless && format.depth == 8 && !encoder.is_hardware() => {
            if encoder == VideoEncoder::Libx264 {
                // RGB has an encoder of its own there.
                EncoderPixels { encoder: "libx264rgb", ..plain("rgb24".into(), false) }
            } else {
                plain("gbrp".into(), false)
            }
        }
        Layout::Packed { .. } => {
            let sampling = if lossless || odd(1, 1) { (0, 0) } else { (1, 1) };
            let wanted = if format.depth > 8 {
                vec![if lossless { 12 } else { 10 }, 10, 8]
            } else {
                vec![8]
            };
            let name = nearest(&[sampling], wanted, false, has);
            EncoderPixels { to_yuv: true, ..plain(name.unwrap_or_else(|| "yuv420p".into()), false) }
        }
    }
}

/// ffmpeg's encoder for segments that are drawn into something else in the end; every ffmpeg has it.
pub(super) const LOSSLESS: &str = "ffv1";

/// The format in which that encoder keeps every sample, odd sizes and transparency included.
pub(super) fn without_loss(available: &[String], format: &FrameFormat) -> EncoderPixels {
    let packed = match (format.layout, format.depth) {
        (Layout::Packed { channels: 3 }, 8) => Some("bgr0"),
        (Layout::Packed { channels: 2 | 4 }, 8) => Some("bgra"),
        (Layout::Packed { channels: 3 }, _) => Some("rgb48le"),
        (Layout::Packed { channels: 2 | 4 }, _) => Some("rgba64le"),
        _ => None,
    };
    match packed {
        Some(name) => EncoderPixels {
            encoder: LOSSLESS,
            pix_fmt: name.to_owned(),
            widen: false,
            to_yuv: false,
        },
        // VP9 takes odd sizes as they are, too.
        None => EncoderPixels {
            encoder: LOSSLESS,
            ..choose(VideoEncoder::LibvpxVp9, available, format, true)
        },
    }
}

/// The depths to try: its own, then deeper ones that lose nothing, then shallower ones.
fn depths(depth: u8) -> Vec<u8> {
    let all = [8, 9, 10, 12, 14, 16];
    let deeper = all.into_iter().filter(|&d| d > depth);
    let shallower = all.into_iter().rev().filter(|&d| d < depth);
    std::iter::once(depth).chain(deeper).chain(shallower).collect()
}

fn nearest(
    samplings: &[(u8, u8)],
    depths: Vec<u8>,
    alpha: bool,
    has: impl Fn(&str) -> bool,
) -> Option<String> {
    let alphas: &[bool] = if alpha { &[true, false] } else { &[false] };
    alphas
        .iter()
        .flat_map(|&alpha| samplings.iter().map(move |&(x, y)| (alpha, x, y)))
        .flat_map(|(alpha, shift_x, shift_y)| {
            let layout = Layout::Yuv { shift_x, shift_y, alpha };
            depths.iter().map(move |&depth| pixel::name_of(layout, depth))
        })
        .find(|name| has(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::Matrix;

    const X264: &str = "yuv420p yuvj420p yuv422p yuv444p nv12 yuv420p10le yuv422p10le \
                        yuv444p10le gray gray10le";
    const VP9: &str = "yuv420p yuva420p yuv422p yuv440p yuv444p yuv420p10le yuv420p12le gbrp";

    fn pick(
        encoder: VideoEncoder,
        layout: Layout,
        depth: u8,
        width: u32,
        lossless: bool,
    ) -> EncoderPixels {
        let list = if encoder == VideoEncoder::LibvpxVp9 { VP9 } else { X264 };
        let available: Vec<String> = list.split_whitespace().map(str::to_owned).collect();
        let format = FrameFormat {
            width,
            height: 48,
            layout,
            depth,
            matrix: Matrix::Bt709,
            full_range: false,
        };
        choose(encoder, &available, &format, lossless)
    }

    fn yuv(shift_x: u8, shift_y: u8, alpha: bool) -> Layout {
        Layout::Yuv { shift_x, shift_y, alpha }
    }

    #[test]
    fn the_own_format_wins() {
        use VideoEncoder::{LibvpxVp9, Libx264};
        assert_eq!(pick(Libx264, yuv(1, 0, false), 10, 64, false).pix_fmt, "yuv422p10le");
        assert_eq!(pick(LibvpxVp9, yuv(1, 1, true), 8, 64, false).pix_fmt, "yuva420p");
        assert_eq!(pick(Libx264, Layout::Packed { channels: 1 }, 8, 64, false).pix_fmt, "gray");
    }

    #[test]
    fn else_the_nearest() {
        use VideoEncoder::{LibvpxVp9, Libx264};
        assert_eq!(pick(Libx264, yuv(0, 1, false), 8, 64, false).pix_fmt, "yuv444p");
        assert_eq!(pick(Libx264, yuv(1, 1, true), 8, 64, false).pix_fmt, "yuv420p");
        assert_eq!(pick(Libx264, yuv(1, 1, false), 12, 64, false).pix_fmt, "yuv420p10le");
        assert_eq!(pick(LibvpxVp9, yuv(2, 0, false), 8, 64, false).pix_fmt, "yuv422p");
        assert_eq!(
            pick(LibvpxVp9, Layout::Packed { channels: 1 }, 8, 64, false).pix_fmt,
            "yuv420p"
        );
    }

    #[test]
    fn graphics_processors_take_ten_bits_with_interleaved_chroma() {
        let available: Vec<String> =
            ["yuv420p", "nv12", "p010le", "yuv444p"].map(str::to_owned).to_vec();
        let format = FrameFormat {
            width: 64,
            height: 48,
            layout: yuv(1, 1, false),
            depth: 10,
            matrix: Matrix::Bt709,
            full_range: false,
        };
        let picked = choose(VideoEncoder::HevcNvenc, &available, &format, false);
        assert_eq!((picked.pix_fmt.as_str(), picked.widen), ("p010le", false));
    }

    #[test]
    fn odd_sizes_get_full_chroma_except_in_vp9() {
        use VideoEncoder::{LibvpxVp9, Libx264};
        let odd = pick(Libx264, yuv(1, 1, false), 8, 33, false);
        assert_eq!((odd.pix_fmt.as_str(), odd.widen), ("yuv444p", true));
        let odd = pick(LibvpxVp9, yuv(1, 1, false), 8, 33, false);
        assert_eq!((odd.pix_fmt.as_str(), odd.widen), ("yuv420p", false));
    }

    #[test]
    fn rgb_stays_rgb_only_without_loss() {
        use VideoEncoder::{LibvpxVp9, Libx264};
        let rgb = Layout::Packed { channels: 3 };
        let lossless = pick(Libx264, rgb, 8, 64, true);
        assert_eq!((lossless.encoder, lossless.pix_fmt.as_str()), ("libx264rgb", "rgb24"));
        assert_eq!(pick(LibvpxVp9, rgb, 8, 64, true).pix_fmt, "gbrp");
        let lossy = pick(Libx264, rgb, 8, 64, false);
        assert_eq!((lossy.pix_fmt.as_str(), lossy.to_yuv), ("yuv420p", true));
        assert_eq!(pick(Libx264, rgb, 16, 64, false).pix_fmt, "yuv420p10le");
    }
}
