//! Goes to one frame, fast and exactly.

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::interrupt::Interrupt;
use crate::provision::FfmpegTools;

use super::decode::{DecodeOptions, Decoder};
use super::image_file;
use super::info::{MediaInfo, MediaKind, VideoInfo};

/// Decoding begins this many seconds before the frame: pictures that lean on a keyframe after them
/// cannot be decoded from that keyframe on.
const RUN_UP: f64 = 2.0;

/// The same for uneven rates, where the picture that is on display at a moment may have begun long
/// before it.
const UNEVEN_RUN_UP: f64 = 10.0;

/// How to begin at a frame: a seek in the file, then filters that drop what comes before it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Seek {
    /// Seconds from the start of the file to seek to.
    pub input: Option<f64>,
    /// ffmpeg's filters.
    pub filters: Vec<String>,
}

impl Seek {
    /// How to begin at frame `start`.
    pub(super) fn to(video: &VideoInfo, start: u64) -> Self {
        let fps = video.fps;
        let rate = fps.as_f64();
        let can_seek = video.container.split(',').any(|name| matches!(name, "mp4" | "matroska"));
        if video.variable_rate {
            // The filter counts in ticks of the rate from the start of the file; the seek goes to
            // a tick, so that the ticks after it are the same.
            let first = (video.start_offset * rate).round() as u64 + start;
            let run_up = (UNEVEN_RUN_UP * rate).ceil() as u64;
            return match first.checked_sub(run_up) {
                Some(tick) if start > 0 && tick > 0 && can_seek => Seek {
                    input: Some(tick as f64 / rate),
                    filters: vec![
                        format!("fps=fps={fps}:start_time=0"),
                        format!("trim=start_frame={run_up}"),
                    ],
                },
                _ => Seek {
                    input: None,
                    filters: std::iter::once(format!("fps=fps={fps}")).chain(skip(start)).collect(),
                },
            };
        }
        // Half a frame before it, so that rounded timestamps do not matter.
        let moment = video.start_offset + video.time_of(start) - 0.5 / rate;
        let from = moment - RUN_UP;
        if start == 0 || from <= 0.0 || !can_seek {
            return Seek { input: None, filters: skip(start).collect() };
        }
        Seek { input: Some(from), filters: vec![format!("trim=start={RUN_UP}")] }
    }
}

fn skip(frames: u64) -> impl Iterator<Item = String> {
    (frames > 0).then(|| format!("trim=start_frame={frames}")).into_iter()
}

/// One frame of a video, by its number; for a still, frame 0 is the picture.
///
/// The number is exact: it is the frame that a decoder from the start would count so. (In films
/// with uneven rates whose picture stands still for more than 10 s, a later one may come.)
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is no such frame; [`crate::error::Kind::Failed`] when it
/// cannot be decoded.
pub fn read_frame_at(tools: &FfmpegTools, media: &MediaInfo, index: u64) -> Result<Frame> {
    let name = media.path.display();
    let absent = |frames: String| {
        Error::usage(format!("{name} has no frame {index}: it has {frames}"))
            .hint("frames are counted from 0")
    };
    let video = match &media.kind {
        MediaKind::Still if index == 0 => return Ok(image_file::read(&media.path)?.frame),
        MediaKind::Still => return Err(absent("one".into())),
        MediaKind::Video(video) => video,
    };
    if let Some(count) = video.frame_count
        && video.frame_count_exact
        && index >= count
    {
        return Err(absent(format!("{count}")));
    }
    let options = DecodeOptions { start: index, count: Some(1), ..DecodeOptions::default() };
    let mut decoder = Decoder::open(tools, video, &options, Interrupt::new())?;
    decoder.next(Vec::new())?.ok_or_else(|| match video.frame_count {
        Some(count) => absent(format!("about {count}")),
        None => absent("fewer".into()),
    })
}
