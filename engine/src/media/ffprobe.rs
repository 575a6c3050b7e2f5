//! Runs ffprobe and reads its JSON.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Context, Result};
use crate::provision::FfmpegTools;

use super::process;

/// ffprobe's answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    pub streams: Vec<Stream>,
    #[serde(default)]
    pub chapters: Vec<serde::de::IgnoredAny>,
    #[serde(default)]
    pub format: Format,
}

/// The container.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Format {
    #[serde(default)]
    pub format_name: String,
    pub start_time: Option<String>,
    pub duration: Option<String>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// One stream.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Stream {
    pub index: usize,
    pub codec_name: Option<String>,
    #[serde(default)]
    pub codec_type: String,
    #[serde(default)]
    pub width: u32,
    #[serde(default)]
    pub height: u32,
    pub sample_aspect_ratio: Option<String>,
    pub pix_fmt: Option<String>,
    pub color_range: Option<String>,
    pub color_space: Option<String>,
    pub color_transfer: Option<String>,
    pub color_primaries: Option<String>,
    pub chroma_location: Option<String>,
    pub field_order: Option<String>,
    pub r_frame_rate: Option<String>,
    pub avg_frame_rate: Option<String>,
    pub start_time: Option<String>,
    pub start_pts: Option<i64>,
    pub time_base: Option<String>,
    pub duration: Option<String>,
    pub nb_frames: Option<String>,
    #[serde(default)]
    pub channels: u32,
    pub sample_rate: Option<String>,
    #[serde(default)]
    pub disposition: BTreeMap<String, i64>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    #[serde(default)]
    pub side_data_list: Vec<SideData>,
}

/// What containers say beside the stream itself; only what facedeck looks at.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SideData {
    #[serde(default)]
    pub side_data_type: String,
    pub rotation: Option<f64>,
    #[serde(default)]
    pub crop_top: u32,
    #[serde(default)]
    pub crop_bottom: u32,
    #[serde(default)]
    pub crop_left: u32,
    #[serde(default)]
    pub crop_right: u32,
    pub red_x: Option<String>,
    pub red_y: Option<String>,
    pub green_x: Option<String>,
    pub green_y: Option<String>,
    pub blue_x: Option<String>,
    pub blue_y: Option<String>,
    pub white_point_x: Option<String>,
    pub white_point_y: Option<String>,
    pub min_luminance: Option<String>,
    pub max_luminance: Option<String>,
    pub max_content: Option<u32>,
    pub max_average: Option<u32>,
}

/// A decoded frame.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DecodedFrame {
    /// Whether it is two fields.
    #[serde(default)]
    pub interlaced_frame: u8,
    /// Whether the upper one is shown first.
    #[serde(default)]
    pub top_field_first: u8,
    #[serde(default)]
    pub side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
struct Frames {
    #[serde(default)]
    frames: Vec<DecodedFrame>,
}

impl Stream {
    /// Whether a disposition is set.
    pub(super) fn is(&self, disposition: &str) -> bool {
        self.disposition.get(disposition).is_some_and(|&set| set != 0)
    }

    /// A tag, whatever its case.
    pub(super) fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The stream's language, when it is a real one.
    pub(super) fn language(&self) -> Option<String> {
        self.tag("language").filter(|l| *l != "und").map(str::to_owned)
    }

    /// Its codec's name.
    pub(super) fn codec(&self) -> String {
        self.codec_name.clone().unwrap_or_else(|| "unknown".to_owned())
    }
}

/// A number of seconds, as ffprobe prints it.
pub(super) fn seconds(text: Option<&str>) -> Option<f64> {
    text?.parse().ok().filter(|s: &f64| s.is_finite())
}

/// Asks ffprobe about a file; `container` is ffmpeg's name of its kind where that is known.
///
/// # Errors
/// When ffprobe cannot make sense of it; the cause is what it said.
pub(super) fn ask(tools: &FfmpegTools, path: &Path, container: &str) -> Result<Answer> {
    let mut command = process::command(&tools.ffprobe);
    command
        .args(["-hide_banner", "-loglevel", "error"])
        .args(process::PROTOCOLS)
        .args(process::demuxer(container))
        .args(["-show_format", "-show_streams", "-show_chapters", "-print_format", "json"])
        .arg(process::file_url(path));
    let json = process::capture(command)?;
    serde_json::from_str(&json).context(|| "ffprobe's answer cannot be read".into())
}

/// Packets that are read until a frame comes out: mostly a few, but an edit list may hide many.
const FIRST_PACKETS: [&str; 2] = ["%+#4", "%+#300"];

/// Asks ffprobe about the first frame of a stream; nothing when none can be decoded.
///
/// # Errors
/// When ffprobe cannot make sense of the file.
pub(super) fn ask_first_frame(
    tools: &FfmpegTools,
    path: &Path,
    container: &str,
    stream: usize,
) -> Result<Option<DecodedFrame>> {
    for packets in FIRST_PACKETS {
        let mut command = process::command(&tools.ffprobe);
        command
            .args(["-hide_banner", "-loglevel", "error"])
            .args(process::PROTOCOLS)
            .args(process::demuxer(container))
            .args(["-select_streams", &stream.to_string(), "-read_intervals", packets])
            .args(["-show_frames", "-print_format", "json"])
            .arg(process::file_url(path));
        let json = process::capture(command)?;
        let answer: Frames =
            serde_json::from_str(&json).context(|| "ffprobe's answer cannot be read".into())?;
        if let Some(frame) = answer.frames.into_iter().next() {
            return Ok(Some(frame));
        }
    }
    Ok(None)
}
