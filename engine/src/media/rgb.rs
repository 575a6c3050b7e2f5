//! From a film's samples to the RGB of pictures.

use crate::imaging::frame::{Layout, Matrix};

use super::info::VideoInfo;

/// How carefully samples are converted.
const FINE: &str = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";

/// The filter that turns the frames of a film into RGB of this format, by the film's own matrix and
/// range.
pub(super) fn filter(film: &VideoInfo, pix_fmt: &str) -> String {
    match film.format.layout {
        Layout::Yuv { .. } => format!("scale={}:{FINE},format={pix_fmt}", matrix_in(film)),
        Layout::Packed { .. } => format!("format={pix_fmt}"),
    }
}

/// The filter that turns the frames of a film into what JPEG holds: BT.601 over the full range.
pub(super) fn jpeg_filter(film: &VideoInfo, pix_fmt: &str) -> String {
    let from = match film.format.layout {
        Layout::Yuv { .. } => format!("{}:", matrix_in(film)),
        Layout::Packed { .. } => String::new(),
    };
    format!("scale={from}out_color_matrix=bt601:out_range=pc:{FINE},format={pix_fmt}")
}

/// What the filter `scale` is told about its input.
fn matrix_in(film: &VideoInfo) -> String {
    let matrix = match film.format.matrix {
        Matrix::Bt601 => "bt601",
        Matrix::Bt709 => "bt709",
        Matrix::Bt2020 => "bt2020",
    };
    let range = if film.format.full_range { "pc" } else { "tv" };
    format!("in_color_matrix={matrix}:in_range={range}")
}
