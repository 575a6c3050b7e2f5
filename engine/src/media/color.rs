//! Color tags: from ffprobe's names to a matrix, and to ffmpeg's options.

use crate::imaging::frame::{Layout, Matrix};

use super::info::ColorTags;

/// Pictures at least this high are taken for HD when the file does not name its matrix, as
/// players do.
const HD_HEIGHT: u32 = 720;

/// The matrix that turns the samples into RGB; `coded_height` decides where the file is silent.
pub(super) fn matrix_of(tags: &ColorTags, coded_height: u32) -> Matrix {
    match tags.space.as_deref() {
        Some("bt709") => Matrix::Bt709,
        Some("bt2020nc" | "bt2020c") => Matrix::Bt2020,
        Some(_) => Matrix::Bt601,
        None if coded_height >= HD_HEIGHT => Matrix::Bt709,
        None => Matrix::Bt601,
    }
}

/// ffmpeg options that say what the samples mean; the same on the input and on the output side,
/// so that nothing in between converts.
pub(super) fn options(tags: &ColorTags, layout: Layout) -> Vec<String> {
    let mut options = Vec::new();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            options.extend([name.to_owned(), value.to_owned()]);
        }
    };
    add("-color_primaries", tags.primaries.as_deref());
    add("-color_trc", tags.transfer.as_deref().map(transfer_option));
    if matches!(layout, Layout::Yuv { .. } | Layout::Packed { channels: 1 | 2 }) {
        add("-color_range", tags.range.as_deref());
    }
    if matches!(layout, Layout::Yuv { .. }) {
        add("-colorspace", tags.space.as_deref());
        add("-chroma_sample_location", tags.chroma_location.as_deref());
    }
    options
}

/// The option's word for a transfer, where it differs from the name that ffprobe prints.
fn transfer_option(name: &str) -> &str {
    match name {
        "bt470m" => "gamma22",
        "bt470bg" => "gamma28",
        other => other,
    }
}

/// A tag worth keeping: ffprobe also prints words for "not known".
pub(super) fn known(value: Option<String>) -> Option<String> {
    value.filter(|v| !matches!(v.as_str(), "unknown" | "unspecified" | "reserved" | ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(name: &str) -> ColorTags {
        ColorTags { space: Some(name.into()), ..ColorTags::default() }
    }

    #[test]
    fn a_silent_file_is_judged_by_its_height() {
        assert_eq!(matrix_of(&ColorTags::default(), 576), Matrix::Bt601);
        assert_eq!(matrix_of(&ColorTags::default(), 720), Matrix::Bt709);
    }

    #[test]
    fn tags_win_over_height() {
        assert_eq!(matrix_of(&space("bt709"), 100), Matrix::Bt709);
        assert_eq!(matrix_of(&space("smpte170m"), 1080), Matrix::Bt601);
        assert_eq!(matrix_of(&space("bt2020nc"), 100), Matrix::Bt2020);
    }

    #[test]
    fn options_use_the_words_that_ffmpeg_takes() {
        let tags = ColorTags {
            transfer: Some("bt470bg".into()),
            range: Some("pc".into()),
            ..space("bt709")
        };
        let yuv = Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false };
        assert_eq!(
            options(&tags, yuv),
            ["-color_trc", "gamma28", "-color_range", "pc", "-colorspace", "bt709"]
        );
        assert_eq!(options(&tags, Layout::Packed { channels: 3 }), ["-color_trc", "gamma28"]);
        assert_eq!(
            options(&tags, Layout::Packed { channels: 1 }),
            ["-color_trc", "gamma28", "-color_range", "pc"]
        );
    }
}
