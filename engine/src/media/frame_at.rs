//! Goes to one frame, fast and exactly.

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::interrupt::Interrupt;
use crate::provision::FfmpegTools;

use super::decode::{DecodeOptions, Decoder, Place};
use super::frame_times::FrameTimes;
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
    /// Timestamps are those of the file; else they count from where was sought.
    pub own_times: bool,
    /// ffmpeg's filters.
    pub filters: Vec<String>,
}

impl Seek {
    /// How to begin at frame `start`.
    pub(super) fn to(video: &VideoInfo, start: u64) -> Self {
        let fps = video.fps;
        let rate = fps.as_f64();
        let can_seek = seekable(video);
        if video.resampled {
            // The filter counts in ticks of the rate from the start of the file; the seek goes to
            // a tick, so that the ticks after it are the same.
            let first = (video.start_offset * rate).round() as u64 + start;
            let run_up = (UNEVEN_RUN_UP * rate).ceil() as u64;
            return match first.checked_sub(run_up) {
                Some(tick) if start > 0 && tick > 0 && can_seek => Seek {
                    input: Some(tick as f64 / rate),
                    own_times: false,
                    filters: vec![
                        format!("fps=fps={fps}:start_time=0"),
                        format!("trim=start_frame={run_up}"),
                    ],
                },
                _ => Seek {
                    input: None,
                    own_times: true,
                    filters: std::iter::once(format!("fps=fps={fps}")).chain(skip(start)).collect(),
                },
            };
        }
        // Half a frame before it, so that rounded timestamps do not matter.
        let moment = video.start_offset + video.time_of(start) - 0.5 / rate;
        let from = moment - RUN_UP;
        if start == 0 || from <= 0.0 || !can_seek {
            return Seek { input: None, own_times: true, filters: skip(start).collect() };
        }
        let filters = vec![format!("trim=start={RUN_UP}")];
        Seek { input: Some(from), own_times: false, filters }
    }

    /// How to begin at a frame with a known timestamp.
    pub(super) fn to_place(video: &VideoInfo, place: Place) -> Self {
        let run_up = if video.resampled { UNEVEN_RUN_UP } else { RUN_UP };
        let moment = place.pts as f64 * video.time_base.as_f64() - video.file_start;
        let trim = format!("trim=start_pts={}", place.pts);
        let filters = match video.resampled {
            true => vec![format!("fps=fps={}", video.fps), trim],
            false => vec![trim],
        };
        let input = Some(moment - run_up).filter(|from| *from > 0.0 && seekable(video));
        Seek { input, own_times: true, filters }
    }
}

/// Whether ffmpeg can go to a moment of such a file by its index.
fn seekable(video: &VideoInfo) -> bool {
    video.container.split(',').any(|name| matches!(name, "mp4" | "matroska"))
}

fn skip(frames: u64) -> impl Iterator<Item = String> {
    (frames > 0).then(|| format!("trim=start_frame={frames}")).into_iter()
}

/// One frame of a video, by its number; for a still, frame 0 is the picture.
///
/// The number is exact: it is the frame that a decoder from the start would count so.
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
    let options = match place(tools, video, index)? {
        Some(place) => DecodeOptions { place: Some(place), ..options },
        None => options,
    };
    let mut decoder = Decoder::open(tools, video, &options, Interrupt::new())?;
    decoder.next(Vec::new())?.ok_or_else(|| match video.frame_count {
        Some(count) => absent(format!("about {count}")),
        None => absent("fewer".into()),
    })
}

/// Where a frame of an uneven film lies, which only its timestamps tell; nothing where its number
/// says it.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is no such frame; when ffprobe cannot read the file.
fn place(tools: &FfmpegTools, video: &VideoInfo, index: u64) -> Result<Option<Place>> {
    if !video.variable_rate || index == 0 {
        return Ok(None);
    }
    let mut times = FrameTimes::of(tools, video)?;
    let Some(origin) = times.next().transpose()? else { return Ok(None) };
    let nth = usize::try_from(index - 1).unwrap_or(usize::MAX);
    let Some(pts) = times.nth(nth).transpose()? else { return Ok(None) };
    Ok(Some(Place { index, pts, origin }))
}
