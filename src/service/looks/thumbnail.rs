//! A picture, or a frame of a video, small enough to be shown among others; or a part of it.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Map;
use utoipa::IntoParams;

use crate::error::{Error, Result};
use crate::imaging::frame::Frame;
use crate::imaging::picture::Picture;
use crate::imaging::region::Rect;
use crate::imaging::sample::{Shrink, thumbnail as shrink};
use crate::jobs::Origin;
use crate::media::info::{MediaInfo, VideoInfo};
use crate::media::probe::probe;
use crate::media::read_frame_at;
use crate::pipeline::{Engine, check_input};
use crate::service::Core;
use crate::service::fault::{Answer, Fault, FaultKind};

use super::faces;
use super::picture::{ImageFormat, encode};

/// The width when nothing is said about it, in pixels.
const USUAL_WIDTH: u32 = 320;
/// The smallest and the largest that it can be asked for.
const WIDTHS: std::ops::RangeInclusive<u32> = 16..=2048;

/// Which picture, which part of it, and how large.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ThumbnailQuery {
    /// The picture or video: a path on the service's machine, or `upload:ID`.
    pub path: String,
    /// It is shrunk to this width in pixels, and never enlarged. 320 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 16, maximum = 2048)]
    pub width: Option<u32>,
    /// Which frame of a video, from 0; the first one when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
    /// In place of `frame`: the one that is shown at this second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 0.0)]
    pub time: Option<f64>,
    /// The left edge of a part, in pixels of the original. A part is cut to what lies in the
    /// picture; either all of `x`, `y`, `w` and `h` are given or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<u32>,
    /// The top edge of the part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<u32>,
    /// The width of the part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 1)]
    pub w: Option<u32>,
    /// The height of the part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(minimum = 1)]
    pub h: Option<u32>,
}

/// A small picture and what it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Small {
    /// A JPEG.
    pub jpeg: Vec<u8>,
    /// Width and height of the original in pixels.
    pub size: [u32; 2],
    /// The frame; 0 for a picture.
    pub frame: u64,
    /// About the video, where it is one.
    pub video: Option<Film>,
}

/// A video in three numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Film {
    /// How many frames it has, where the file tells; the last few may be an estimate.
    pub frames: Option<u64>,
    /// Frames a second.
    pub fps: f64,
    /// Its length in seconds, where the file tells.
    pub duration: Option<f64>,
}

impl From<&VideoInfo> for Film {
    fn from(video: &VideoInfo) -> Self {
        Film { frames: video.frame_count, fps: video.fps.as_f64(), duration: video.duration }
    }
}

/// A query that makes sense.
struct Wanted {
    width: u32,
    moment: Moment,
    /// Left, top, width, height.
    part: Option<[u32; 4]>,
}

enum Moment {
    Frame(u64),
    Second(f64),
}

/// Makes a small picture. Blocks while the content filter looks; the caller holds a
/// [`super::Turn`].
///
/// # Errors
/// [`FaultKind::Invalid`] for what makes no sense or is not there, [`FaultKind::Refused`] when the
/// content filter refuses the picture, and when the file cannot be read.
pub fn thumbnail(core: &Core, from: &Origin, query: &ThumbnailQuery) -> Answer<Small> {
    let wanted = Wanted::of(query).map_err(|error| Fault::new(FaultKind::Invalid, error))?;
    let file = core.admit(from, "picture", &query.path)?;
    check_input("picture", &file)?;
    faces::guarded(core, from, std::iter::once(file.as_path()))?;
    let profile = core.profile(None, &Map::new(), None)?;
    let note = Arc::new(|text: &str| tracing::info!("{text}"));
    Ok(core
        .engines
        .with(&core.directories, &profile, note, |engine| make(engine, &file, &wanted))?)
}

fn make(engine: &mut Engine, file: &Path, wanted: &Wanted) -> Result<Small> {
    let media = probe(&engine.tools, file)?;
    let index = wanted.moment.frame_of(&media);
    let frame = read_frame_at(&engine.tools, &media, index)?;
    engine.filter.check(&frame, &file.display().to_string())?;
    let small = match wanted.part {
        None => whole(&frame, wanted.width),
        Some(part) => part_of(&frame, part, wanted.width)?,
    };
    Ok(Small {
        jpeg: encode(small, ImageFormat::Jpeg)?,
        size: [frame.format.width, frame.format.height],
        frame: index,
        video: media.video().map(Film::from),
    })
}

impl Moment {
    /// The frame that is shown then.
    fn frame_of(&self, media: &MediaInfo) -> u64 {
        match (self, media.video()) {
            (Moment::Frame(index), _) => *index,
            // The moment at which a frame begins is its own, whatever floating point makes of it.
            (Moment::Second(time), Some(video)) => (time * video.fps.as_f64() + 1e-6) as u64,
            // A picture looks the same at any time.
            (Moment::Second(_), None) => 0,
        }
    }
}

impl Wanted {
    fn of(query: &ThumbnailQuery) -> Result<Self> {
        let width = query.width.unwrap_or(USUAL_WIDTH);
        if !WIDTHS.contains(&width) {
            let (least, most) = (WIDTHS.start(), WIDTHS.end());
            return Err(Error::usage(format!("width: {width} is out of range"))
                .hint(format!("it is {least} to {most} pixels")));
        }
        let moment = match (query.frame, query.time) {
            (Some(_), Some(_)) => {
                return Err(Error::usage("frame and time are both given")
                    .hint("leave one of them out: either says which frame"));
            }
            (_, Some(time)) if !time.is_finite() || time < 0.0 => {
                return Err(Error::usage(format!("time: {time} is no second of a video"))
                    .hint("seconds are counted from 0"));
            }
            (_, Some(time)) => Moment::Second(time),
            (frame, None) => Moment::Frame(frame.unwrap_or(0)),
        };
        let part = match (query.x, query.y, query.w, query.h) {
            (None, None, None, None) => None,
            (Some(x), Some(y), Some(w @ 1..), Some(h @ 1..)) => Some([x, y, w, h]),
            _ => {
                return Err(Error::usage("x, y, w and h do not make a part of a picture")
                    .hint("give all of them, with w and h of at least 1, or none"));
            }
        };
        Ok(Wanted { width, moment, part })
    }
}

/// What the height becomes with the width.
fn height_at(width: usize, size: (usize, usize)) -> usize {
    ((size.1 * width + size.0 / 2) / size.0.max(1)).max(1)
}

/// The whole frame; the large one is never held as RGB.
fn whole(frame: &Frame, width: u32) -> Picture {
    let size = (frame.format.width as usize, frame.format.height as usize);
    let width = (width as usize).min(size.0);
    let height = height_at(width, size);
    let bytes = shrink(frame, width as u32, height as u32, Shrink::Area);
    Picture { width, height, pixels: bytes.as_chunks().0.to_vec() }
}

fn part_of(frame: &Frame, [x, y, w, h]: [u32; 4], width: u32) -> Result<Picture> {
    let (across, down) = (frame.format.width, frame.format.height);
    if x >= across || y >= down {
        return Err(Error::usage(format!("{x},{y} lies outside the picture"))
            .hint(format!("it has {across}×{down} pixels, counted from 0")));
    }
    let (w, h) = (w.min(across - x), h.min(down - y));
    let [x, y, w, h] = [x, y, w, h].map(|v| v as usize);
    let part = Picture::part_of(frame, Rect { x, y, width: w, height: h });
    let width = (width as usize).min(w);
    Ok(part.resized(width, height_at(width, (w, h))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};

    /// Red on the left, blue on the right.
    fn frame(width: u32, height: u32) -> Frame {
        let format = FrameFormat {
            width,
            height,
            layout: Layout::Packed { channels: 3 },
            depth: 8,
            matrix: Matrix::Bt601,
            full_range: true,
        };
        let row = (0..width).flat_map(|x| if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] });
        Frame::new(format, row.collect::<Vec<u8>>().repeat(height as usize))
    }

    #[test]
    fn the_shape_stays_and_nothing_is_enlarged() {
        let size = |picture: Picture| (picture.width, picture.height);
        assert_eq!(size(whole(&frame(400, 300), 100)), (100, 75));
        assert_eq!(size(whole(&frame(40, 30), 100)), (40, 30));
        assert_eq!(size(whole(&frame(2000, 2), 16)), (16, 1));
        let part = part_of(&frame(400, 300), [150, 10, 100, 50], 50).unwrap();
        assert_eq!((part.width, part.height), (50, 25));
        assert_eq!((part.pixels[24], part.pixels[25]), ([255, 0, 0], [0, 0, 255]));
    }

    #[test]
    fn a_part_is_cut_to_the_picture_and_one_beside_it_is_none() {
        let part = part_of(&frame(40, 30), [35, 28, 999, u32::MAX], 2048).unwrap();
        assert_eq!((part.width, part.height), (5, 2));
        for corner in [[40, 0], [0, 30]] {
            let error = part_of(&frame(40, 30), [corner[0], corner[1], 5, 5], 64).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.hint_text().unwrap().contains("40×30"));
        }
    }

    #[test]
    fn queries_that_make_no_sense_are_named() {
        let query = ThumbnailQuery { path: "/a.png".into(), ..ThumbnailQuery::default() };
        assert_eq!(Wanted::of(&query).unwrap().width, USUAL_WIDTH);
        for (query, word) in [
            (ThumbnailQuery { width: Some(15), ..query.clone() }, "width"),
            (ThumbnailQuery { width: Some(2049), ..query.clone() }, "width"),
            (ThumbnailQuery { frame: Some(1), time: Some(1.0), ..query.clone() }, "both"),
            (ThumbnailQuery { time: Some(-1.0), ..query.clone() }, "time"),
            (ThumbnailQuery { time: Some(f64::NAN), ..query.clone() }, "time"),
            (ThumbnailQuery { x: Some(1), ..query.clone() }, "x, y, w and h"),
            (
                ThumbnailQuery { x: Some(1), y: Some(1), w: Some(0), h: Some(1), ..query.clone() },
                "x, y, w and h",
            ),
        ] {
            let error = Wanted::of(&query).err().unwrap();
            assert!(error.message().contains(word), "{}", error.message());
        }
    }
}
