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
    /// The frames' chroma is repeated before they are handed over until so many pixels share it, as
    /// powers of two; see [`widen`].
    pub widen: Option<(u8, u8)>,
    /// RGB becomes YUV on the way.
    pub to_yuv: bool,
    /// What of the frames the format cannot hold, in words for the user.
    pub losses: Vec<String>,
}

/// A format that an encoder has.
struct Near {
    name: String,
    shifts: (u8, u8),
    depth: u8,
    alpha: bool,
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
    let plain = |pix_fmt: String| EncoderPixels {
        encoder: encoder.name(),
        pix_fmt,
        widen: None,
        to_yuv: false,
        losses: Vec::new(),
    };
    let own = pixel::name_of(format.layout, format.depth);
    match format.layout {
        Layout::Yuv { shift_x, shift_y, alpha } => {
            let odd = odd(shift_x, shift_y);
            if has(&own) && !odd {
                return plain(own);
            }
            if (shift_x, shift_y, format.depth) == (1, 1, 10) && !odd && !alpha && has("p010le") {
                // The same samples with chroma interleaved, which is what graphics processors take.
                return plain("p010le".into());
            }
            let samplings: &[(u8, u8)] = match (shift_x, shift_y) {
                _ if odd => &[(0, 0)],
                (1, 1) => &[(1, 1), (1, 0), (0, 0)],
                (2, 2) => &[(1, 1), (1, 0), (0, 0)],
                (1, 0) | (2, 0) => &[(1, 0), (0, 0), (1, 1)],
                (0, 1) => &[(0, 1), (0, 0), (1, 1)],
                _ => &[(0, 0), (1, 0), (1, 1)],
            };
            let near = nearest(samplings, depths(format.depth), alpha, has);
            let mut losses = losses(encoder, format, alpha, &near);
            let widen = Some(near.shifts).filter(|to| widen::widened(format, *to).is_some());
            if widen.is_none() && near.shifts != (shift_x, shift_y) {
                losses.push(format!("{encoder} cannot hold so fine a chroma: it becomes coarser"));
            }
            EncoderPixels { widen, losses, ..plain(near.name) }
        }
        Layout::Packed { channels: channels @ (1 | 2) } => {
            let gray = |depth| pixel::name_of(Layout::Packed { channels: 1 }, depth);
            let depths = depths(format.depth);
            let gray = depths.iter().map(|depth| (gray(*depth), *depth)).find(|(n, _)| has(n));
            let near = match gray {
                Some((name, depth)) => Near { name, shifts: (0, 0), depth, alpha: false },
                None => {
                    let sampling = if odd(1, 1) { (0, 0) } else { (1, 1) };
                    nearest(&[sampling], depths, channels == 2, has)
                }
            };
            let widen = Some(near.shifts)
                .filter(|to| near.name.starts_with("yuv") && widen::widened(format, *to).is_some());
            let losses = losses(encoder, format, channels == 2, &near);
            EncoderPixels { widen, losses, ..plain(near.name) }
        }
        Layout::Packed { channels } => {
            let alpha = channels == 4;
            let deep = if format.depth > 8 { &["gbrp12le", "gbrp10le"][..] } else { &[] };
            let planar = deep.iter().chain(&["gbrp"]).find(|name| has(name));
            let rgb = |pix_fmt: &str, depth| {
                let name = pix_fmt.to_owned();
                let near = Near { name, shifts: (0, 0), depth, alpha: false };
                let losses = losses(encoder, format, alpha, &near);
                EncoderPixels { losses, ..plain(near.name) }
            };
            if lossless && encoder == VideoEncoder::Libx264 && format.depth == 8 {
                // RGB has an encoder of its own there.
                return EncoderPixels { encoder: "libx264rgb", ..rgb("rgb24", 8) };
            }
            if let Some(name) = planar.filter(|_| lossless && !encoder.is_hardware()) {
                let depth = match *name {
                    "gbrp12le" => 12,
                    "gbrp10le" => 10,
                    _ => 8,
                };
                return rgb(name, depth);
            }
            let sampling = if lossless || odd(1, 1) { (0, 0) } else { (1, 1) };
            let wanted = match (format.depth > 8, lossless) {
                (true, true) => vec![12, 10, 8],
                (true, false) => vec![10, 8],
                (false, _) => vec![8],
            };
            let near = nearest(&[sampling], wanted, alpha, has);
            let mut losses = losses(encoder, format, alpha, &near);
            if lossless {
                losses.push(format!("{encoder} cannot hold RGB without loss here: it becomes YUV"));
            }
            EncoderPixels { to_yuv: true, losses, ..plain(near.name) }
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
            widen: None,
            to_yuv: false,
            losses: Vec::new(),
        },
        // VP9 takes odd sizes as they are, too.
        None => {
            let like = VideoEncoder::LibvpxVp9;
            let near = choose(like, available, format, true);
            let losses = near.losses.iter().map(|loss| loss.replace(like.name(), LOSSLESS));
            EncoderPixels { encoder: LOSSLESS, losses: losses.collect(), ..near }
        }
    }
}

/// The depths to try: its own, then deeper ones that lose nothing, then shallower ones.
fn depths(depth: u8) -> Vec<u8> {
    let all = [8, 9, 10, 12, 14, 16];
    let deeper = all.into_iter().filter(|&d| d > depth);
    let shallower = all.into_iter().rev().filter(|&d| d < depth);
    std::iter::once(depth).chain(deeper).chain(shallower).collect()
}

/// What of the frames a format cannot hold.
fn losses(encoder: VideoEncoder, format: &FrameFormat, alpha: bool, near: &Near) -> Vec<String> {
    let mut losses = Vec::new();
    if alpha && !near.alpha {
        losses.push(format!(
            "video from {encoder} cannot hold transparency here: what is transparent will not be"
        ));
    }
    let full = matches!(format.layout, Layout::Packed { channels } if channels > 2);
    // Of deep RGB nobody knows how many of the 16 bits there are.
    if near.depth < format.depth && !full {
        let (has, depth) = (near.depth, format.depth);
        losses.push(format!("{encoder} cannot hold {depth} bits of a sample here: {has} are kept"));
    }
    losses
}

fn nearest(
    samplings: &[(u8, u8)],
    depths: Vec<u8>,
    alpha: bool,
    has: impl Fn(&str) -> bool,
) -> Near {
    let alphas: &[bool] = if alpha { &[true, false] } else { &[false] };
    alphas
        .iter()
        .flat_map(|&alpha| samplings.iter().map(move |&shifts| (alpha, shifts)))
        .flat_map(|(alpha, shifts)| {
            let (shift_x, shift_y) = shifts;
            let layout = Layout::Yuv { shift_x, shift_y, alpha };
            let near =
                move |&depth| Near { name: pixel::name_of(layout, depth), shifts, depth, alpha };
            depths.iter().map(near)
        })
        .find(|near| has(&near.name))
        // Every encoder has it.
        .unwrap_or_else(|| Near { name: "yuv420p".into(), shifts: (1, 1), depth: 8, alpha: false })
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
        let upright = pick(Libx264, yuv(0, 1, false), 8, 64, false);
        assert_eq!((upright.pix_fmt.as_str(), upright.widen), ("yuv444p", Some((0, 0))));
        assert!(upright.losses.is_empty(), "{:?}", upright.losses);
        let opaque = pick(Libx264, yuv(1, 1, true), 8, 64, false);
        assert_eq!((opaque.pix_fmt.as_str(), opaque.widen), ("yuv420p", None));
        assert!(opaque.losses[0].contains("transparency"), "{:?}", opaque.losses);
        let shallow = pick(Libx264, yuv(1, 1, false), 12, 64, false);
        assert_eq!(shallow.pix_fmt, "yuv420p10le");
        assert!(shallow.losses[0].contains("12 bits"), "{:?}", shallow.losses);
        assert_eq!(pick(LibvpxVp9, yuv(2, 0, false), 8, 64, false).pix_fmt, "yuv422p");
        let gray = pick(LibvpxVp9, Layout::Packed { channels: 1 }, 8, 64, false);
        assert_eq!((gray.pix_fmt.as_str(), gray.widen), ("yuv420p", Some((1, 1))));
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
        assert_eq!((picked.pix_fmt.as_str(), picked.widen), ("p010le", None));
    }

    #[test]
    fn odd_sizes_get_full_chroma_except_in_vp9() {
        use VideoEncoder::{LibvpxVp9, Libx264};
        let odd = pick(Libx264, yuv(1, 1, false), 8, 33, false);
        assert_eq!((odd.pix_fmt.as_str(), odd.widen), ("yuv444p", Some((0, 0))));
        let odd = pick(LibvpxVp9, yuv(1, 1, false), 8, 33, false);
        assert_eq!((odd.pix_fmt.as_str(), odd.widen), ("yuv420p", None));
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
        assert!(lossy.losses.is_empty(), "{:?}", lossy.losses);
        let clear = pick(LibvpxVp9, Layout::Packed { channels: 4 }, 8, 64, false);
        assert_eq!((clear.pix_fmt.as_str(), clear.to_yuv), ("yuva420p", true));
        assert_eq!(pick(Libx264, rgb, 16, 64, false).pix_fmt, "yuv420p10le");
    }
}
