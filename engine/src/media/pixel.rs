//! Which pixel format the decoder is asked for, and how its buffer is laid out.
//!
//! Planar YUV, gray and interleaved RGB stay as they are. Formats that only order the same samples
//! differently (nv12, bgr0, gbrp, big-endian) are asked for in the order that [`Layout`] knows;
//! anything else becomes the nearest format that loses nothing.

use crate::imaging::frame::Layout;

/// A pixel format that the decoder can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pixels {
    /// ffmpeg's name.
    pub name: String,
    /// Planes and channels.
    pub layout: Layout,
    /// Bits per sample.
    pub depth: u8,
    /// The name itself says full range (yuvj).
    pub full_range: bool,
}

/// The format to ask for when the file's is `source`.
///
/// `transposed`: the decoder turns the picture by 90°, which ffmpeg can do only where chroma is
/// subsampled alike in both directions; the others are asked for without subsampling.
pub(super) fn choose(source: &str, transposed: bool) -> Pixels {
    let chosen = planar(source)
        .or_else(|| planar(reordered(source)?))
        .or_else(|| gray(source))
        .unwrap_or_else(|| rgb(source));
    match chosen.layout {
        Layout::Yuv { shift_x, shift_y, alpha } if transposed && shift_x != shift_y => {
            yuv(0, 0, alpha, chosen.depth, chosen.full_range)
        }
        _ => chosen,
    }
}

/// ffmpeg's name of a format, as [`choose`] would give it.
pub(super) fn name_of(layout: Layout, depth: u8) -> String {
    match layout {
        Layout::Yuv { shift_x, shift_y, alpha } => yuv(shift_x, shift_y, alpha, depth, false).name,
        Layout::Packed { channels } => packed(channels, depth).name,
    }
}

/// Parses `yuv[j|a]NNNp[BITS][le|be]`.
fn planar(name: &str) -> Option<Pixels> {
    let rest = name.strip_prefix("yuv")?;
    let (alpha, rest) = strip(rest, 'a');
    let (full_range, rest) = strip(rest, 'j');
    let (shift_x, shift_y) = match rest.get(..3)? {
        "420" => (1, 1),
        "422" => (1, 0),
        "444" => (0, 0),
        "440" => (0, 1),
        "411" => (2, 0),
        "410" => (2, 2),
        _ => return None,
    };
    let bits = rest[3..].strip_prefix('p')?.trim_end_matches("le").trim_end_matches("be");
    let depth = if bits.is_empty() { 8 } else { bits.parse().ok()? };
    // ffmpeg has no name for raw frames of deeper 4:4:0 (see `tag`): its chroma is repeated.
    let shift_y = if shift_x == 0 && depth > 8 { 0 } else { shift_y };
    (8..=16).contains(&depth).then(|| yuv(shift_x, shift_y, alpha, depth, full_range))
}

/// The four letters by which ffmpeg knows raw frames of a format (`libavcodec/raw.c`).
pub(super) fn tag(layout: Layout, depth: u8) -> Vec<u8> {
    let chroma = |shift_x, shift_y| match (shift_x, shift_y) {
        (1, 1) => 11,
        (1, 0) => 10,
        _ => 0,
    };
    match (layout, depth) {
        (Layout::Yuv { shift_x, shift_y, alpha: false }, 8) => match (shift_x, shift_y) {
            (1, 1) => b"I420",
            (1, 0) => b"Y42B",
            (0, 1) => b"440P",
            (2, 0) => b"Y41B",
            (2, 2) => b"YUV9",
            _ => b"444P",
        }
        .to_vec(),
        (Layout::Yuv { shift_x, shift_y, alpha }, depth) => {
            vec![b'Y', if alpha { b'4' } else { b'3' }, chroma(shift_x, shift_y), depth]
        }
        (Layout::Packed { channels: 1 }, 8) => b"Y800".to_vec(),
        (Layout::Packed { channels: 1 }, depth) => vec![b'Y', b'1', 0, depth],
        (Layout::Packed { channels: 2 }, depth) => vec![b'Y', b'2', 0, depth],
        (Layout::Packed { channels: 3 }, depth) => vec![b'R', b'G', b'B', 3 * depth],
        (Layout::Packed { .. }, 8) => b"RGBA".to_vec(),
        (Layout::Packed { .. }, _) => b"RBA@".to_vec(),
    }
}

fn strip(text: &str, letter: char) -> (bool, &str) {
    text.strip_prefix(letter).map_or((false, text), |rest| (true, rest))
}

fn yuv(shift_x: u8, shift_y: u8, alpha: bool, depth: u8, full_range: bool) -> Pixels {
    let subsampling = match (shift_x, shift_y) {
        (1, 1) => "420",
        (1, 0) => "422",
        (0, 1) => "440",
        (2, 0) => "411",
        (2, 2) => "410",
        _ => "444",
    };
    let kind = if alpha {
        "a"
    } else if full_range {
        "j"
    } else {
        ""
    };
    let bits = if depth > 8 { format!("{depth}le") } else { String::new() };
    Pixels {
        name: format!("yuv{kind}{subsampling}p{bits}"),
        layout: Layout::Yuv { shift_x, shift_y, alpha },
        depth,
        full_range,
    }
}

/// The planar format with the same samples as a semi-planar or interleaved YUV format.
fn reordered(name: &str) -> Option<&'static str> {
    let name = name.trim_end_matches("le").trim_end_matches("be");
    Some(match name {
        "nv12" | "nv21" => "yuv420p",
        "nv16" | "yuyv422" | "uyvy422" | "yvyu422" => "yuv422p",
        "nv24" | "nv42" | "vuyx" | "vyu444" => "yuv444p",
        "uyyvyy411" => "yuv411p",
        "nv20" | "p210" | "y210" => "yuv422p10",
        "p010" => "yuv420p10",
        "p012" => "yuv420p12",
        "p016" => "yuv420p16",
        "p212" | "y212" => "yuv422p12",
        "p216" | "y216" => "yuv422p16",
        "p410" | "xv30" | "v30x" => "yuv444p10",
        "p412" | "xv36" => "yuv444p12",
        "p416" | "xv48" => "yuv444p16",
        "vuya" | "ayuv" | "uyva" => "yuva444p",
        "ayuv64" => "yuva444p16",
        _ => return None,
    })
}

fn gray(name: &str) -> Option<Pixels> {
    let plain = name.trim_end_matches("le").trim_end_matches("be");
    Some(match plain {
        "gray" | "monow" | "monob" => packed(1, 8),
        "grayf32" | "grayf16" | "gray32" => packed(1, 16),
        "ya8" | "gray8a" => packed(2, 8),
        // Raw frames of it have no name of their own: see `tag`.
        "ya16" | "yaf16" | "yaf32" => packed(4, 16),
        _ => {
            let depth = plain.strip_prefix("gray")?.parse().ok()?;
            (9..=16).contains(&depth).then(|| packed(1, depth))?
        }
    })
}

fn packed(channels: u8, depth: u8) -> Pixels {
    let name = match (channels, depth) {
        (1, 8) => "gray".into(),
        (1, depth) => format!("gray{depth}le"),
        (2, _) => "ya8".into(),
        (3, 8) => "rgb24".into(),
        (3, _) => "rgb48le".into(),
        (_, 8) => "rgba".into(),
        _ => "rgba64le".into(),
    };
    Pixels { name, layout: Layout::Packed { channels }, depth, full_range: false }
}

/// Everything else is some kind of RGB; what is not known at all gets the widest.
fn rgb(name: &str) -> Pixels {
    let plain = name.trim_end_matches("le").trim_end_matches("be");
    match plain {
        "rgb24" | "bgr24" | "0rgb" | "rgb0" | "0bgr" | "bgr0" | "gbrp" | "rgb565" | "bgr565"
        | "rgb555" | "bgr555" | "rgb444" | "bgr444" | "rgb8" | "bgr8" | "rgb4" | "bgr4"
        | "rgb4_byte" | "bgr4_byte" | "bayer_bggr8" | "bayer_rggb8" | "bayer_gbrg8"
        | "bayer_grbg8" => packed(3, 8),
        "rgba" | "bgra" | "argb" | "abgr" | "gbrap" | "pal8" => packed(4, 8),
        _ if plain.starts_with("gbrap")
            || plain.starts_with("rgba")
            || plain.starts_with("bgra") =>
        {
            packed(4, 16)
        }
        _ => packed(3, 16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(source: &str) -> String {
        choose(source, false).name
    }

    #[test]
    fn planar_formats_stay_as_they_are() {
        for kept in [
            "yuv420p",
            "yuvj420p",
            "yuv422p",
            "yuvj422p",
            "yuv444p",
            "yuv440p",
            "yuv411p",
            "yuv420p9le",
            "yuv420p10le",
            "yuv422p12le",
            "yuv444p14le",
            "yuv444p16le",
            "yuva420p",
            "yuva444p10le",
            "gray",
            "gray10le",
            "gray12le",
            "gray16le",
            "rgb24",
            "rgba",
            "ya8",
            "rgb48le",
            "rgba64le",
        ] {
            assert_eq!(name(kept), kept);
        }
    }

    #[test]
    fn other_orders_of_the_same_samples_are_asked_for_in_ours() {
        for (source, wanted) in [
            ("nv12", "yuv420p"),
            ("p010le", "yuv420p10le"),
            ("yuv420p10be", "yuv420p10le"),
            ("yuyv422", "yuv422p"),
            ("gbrp", "rgb24"),
            ("gbrp10le", "rgb48le"),
            ("gbrap12le", "rgba64le"),
            ("bgra", "rgba"),
            ("pal8", "rgba"),
            ("gray16be", "gray16le"),
            ("monob", "gray"),
            ("something_new", "rgb48le"),
        ] {
            assert_eq!(name(source), wanted, "{source}");
        }
    }

    #[test]
    fn layout_and_depth_follow_the_name() {
        let pixels = choose("yuv422p10le", false);
        assert_eq!(pixels.depth, 10);
        assert_eq!(pixels.layout, Layout::Yuv { shift_x: 1, shift_y: 0, alpha: false });
        assert_eq!(name_of(pixels.layout, 10), "yuv422p10le");
        assert!(choose("yuvj420p", false).full_range);
        assert_eq!(name_of(Layout::Packed { channels: 1 }, 12), "gray12le");
    }

    #[test]
    fn turned_pictures_lose_no_chroma() {
        assert_eq!(choose("yuv422p", true).name, "yuv444p");
        assert_eq!(choose("yuv420p", true).name, "yuv420p");
    }
}
