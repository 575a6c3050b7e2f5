//! Finds out what a file is, by its content and never by its name.

use std::path::Path;

use crate::error::{Error, Result};
use crate::imaging::frame::FrameFormat;
use crate::provision::FfmpegTools;

use super::ffprobe::{self, Answer, Stream, seconds};
use super::image_file;
use super::info::{
    AudioInfo, ColorTags, Light, MediaInfo, MediaKind, Rational, SubtitleInfo, VideoInfo,
};
use super::rate::{self, Timing};
use super::{StillFormat, codec, color, light, pixel, process};

/// Largest side of a video, in pixels: that of the largest codec level (H.265 level 6.2) and more.
const MAX_SIDE: u32 = 16_384;

/// Looks at a file.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is no such file or it is a folder;
/// [`crate::error::Kind::Failed`] when it is empty, damaged, or neither a picture nor a video.
pub fn probe(tools: &FfmpegTools, path: &Path) -> Result<MediaInfo> {
    let still = image_file::sniff(path)?;
    if let Some(kind) = still
        && image_file::frames_in(path, kind)? == 1
    {
        return Ok(MediaInfo { path: path.to_owned(), kind: MediaKind::Still });
    }
    // Of the PNGs only animated ones come here.
    let container = if still == Some(StillFormat::Png) { process::APNG } else { "" };
    let answer = ffprobe::ask(tools, path, container).map_err(|e| {
        Error::failed(format!("{} is not a video or picture that can be read", path.display()))
            .because(e)
            .hint("it may be damaged or cut short; try to play it, or get it again")
    })?;
    let mut video = describe(path, &answer, still)?;
    see_alpha(tools, &answer, &mut video);
    see_first_frame(tools, &answer, &mut video);
    Ok(MediaInfo { path: path.to_owned(), kind: MediaKind::Video(video) })
}

fn describe(path: &Path, answer: &Answer, still: Option<StillFormat>) -> Result<VideoInfo> {
    let name = path.display();
    let stream = picture_stream(answer).ok_or_else(|| {
        Error::failed(format!("{name} has no picture: it holds {}", contents(answer)))
            .hint("name a video or an image file as the target")
    })?;
    refuse_strangers(path, answer, stream)?;
    let source_pix_fmt = match (&stream.pix_fmt, stream.width, stream.height) {
        (Some(pix_fmt), 1..=MAX_SIDE, 1..=MAX_SIDE) => pix_fmt.clone(),
        (Some(_), width, height) if width > MAX_SIDE || height > MAX_SIDE => {
            return Err(Error::failed(format!(
                "{name} is too large: {width}×{height} pixels, at most {MAX_SIDE} a side"
            ))
            .hint("scale it down first"));
        }
        _ if still == Some(StillFormat::WebP) => {
            return Err(Error::failed(format!(
                "{name} is an animated WebP, which this ffmpeg cannot decode"
            ))
            .hint("convert it to GIF, APNG or MP4 first"));
        }
        _ => {
            return Err(Error::failed(format!(
                "the pictures of {name} cannot be decoded ({})",
                stream.codec()
            ))
            .hint("it may be damaged or encrypted, or this ffmpeg does not know its codec"));
        }
    };
    let rotation = rotation(stream);
    let transposed = rotation.rem_euclid(180) == 90;
    let pixels = pixel::choose(&source_pix_fmt, transposed);
    let color = color_tags(stream);
    let (width, height) = cropped(stream).ok_or_else(|| {
        Error::failed(format!("{name} has no pixels")).hint("it may be damaged; get it again")
    })?;
    let (shown_width, shown_height) = if transposed { (height, width) } else { (width, height) };
    let sample_aspect = stream.sample_aspect_ratio.as_deref().and_then(Rational::parse);
    let Timing { fps, variable_rate, frame_count, exact, duration, shown } =
        rate::of(stream, &answer.format).ok_or_else(|| {
            Error::failed(format!("{name} does not say how fast its pictures follow each other"))
                .hint("it may be damaged; try to convert it to MP4 first")
        })?;
    let start = seconds(stream.start_time.as_deref()).unwrap_or(0.0);
    let file_start = seconds(answer.format.start_time.as_deref()).unwrap_or(start);
    Ok(VideoInfo {
        path: path.to_owned(),
        container: answer.format.format_name.clone(),
        stream: stream.index,
        codec: stream.codec(),
        decoder: None,
        width: shown_width,
        height: shown_height,
        format: FrameFormat {
            width: shown_width,
            height: shown_height,
            layout: pixels.layout,
            depth: pixels.depth,
            matrix: color::matrix_of(&color, height),
            full_range: pixels.full_range
                || color.range.as_deref() == Some("pc")
                || matches!(pixels.layout, crate::imaging::frame::Layout::Packed { .. }),
        },
        source_pix_fmt,
        pix_fmt: pixels.name,
        time_base: stream
            .time_base
            .as_deref()
            .and_then(Rational::parse)
            .unwrap_or_else(|| fps.inverse()),
        start_pts: stream.start_pts.unwrap_or(0),
        fps,
        variable_rate,
        resampled: false,
        frame_count,
        frame_count_exact: exact,
        duration,
        shown,
        file_start,
        start_offset: (start - file_start).max(0.0),
        rotation,
        sample_aspect_ratio: if transposed {
            sample_aspect.map(Rational::inverse)
        } else {
            sample_aspect
        },
        color: ColorTags {
            range: color.range.or_else(|| pixels.full_range.then(|| "pc".to_owned())),
            ..color
        },
        light: Light::default(),
        upper_field_first: None,
        tags: kept_tags(stream),
        audio: streams(answer, "audio").map(audio).collect(),
        subtitles: streams(answer, "subtitle").map(subtitle).collect(),
        attachments: streams(answer, "attachment").map(|s| s.index).collect(),
        others: others(answer, stream.index),
        chapters: answer.chapters.len(),
    })
}

fn streams<'a>(answer: &'a Answer, kind: &'static str) -> impl Iterator<Item = &'a Stream> {
    answer.streams.iter().filter(move |s| s.codec_type == kind)
}

/// The stream that players show: the default one, else the first. Cover art is none.
fn picture_stream(answer: &Answer) -> Option<&Stream> {
    let pictures =
        || streams(answer, "video").filter(|s| !s.is("attached_pic") && !s.is("timed_thumbnails"));
    pictures().find(|s| s.is("default")).or_else(|| pictures().next())
}

fn contents(answer: &Answer) -> String {
    let mut words: Vec<&str> = answer
        .streams
        .iter()
        .map(|s| match s.codec_type.as_str() {
            "audio" => "sound",
            "subtitle" => "subtitles",
            "video" => "cover art",
            _ => "data",
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() { "nothing".to_owned() } else { words.join(" and ") }
}

/// VP8 and VP9 keep transparency in a second picture, which only libvpx looks at.
fn see_alpha(tools: &FfmpegTools, answer: &Answer, video: &mut VideoInfo) {
    let stream = answer.streams.iter().find(|s| s.index == video.stream);
    let clear = stream.is_some_and(|s| s.tag("alpha_mode") == Some("1"));
    if !clear || video.source_pix_fmt.starts_with("yuva") {
        return;
    }
    let decoder = match video.codec.as_str() {
        "vp8" => Some("libvpx"),
        "vp9" => Some("libvpx-vp9"),
        _ => None,
    };
    // It knows that of no other format.
    let known = decoder.filter(|_| video.source_pix_fmt == "yuv420p");
    match known.filter(|name| codec::has_decoder(tools, name)) {
        Some(decoder) => {
            let pixels = pixel::choose("yuva420p", video.rotation.rem_euclid(180) == 90);
            video.decoder = Some(decoder);
            video.source_pix_fmt = "yuva420p".into();
            video.pix_fmt = pixels.name;
            video.format.layout = pixels.layout;
        }
        None => {
            let message = format!("the transparency of the picture (stream {})", video.stream);
            video.others.push(message);
        }
    }
}

/// What only a decoded frame tells: the order of its fields, which containers repeat wrongly, and the
/// light of a film in high dynamic range, which many leave to the codec.
fn see_first_frame(tools: &FfmpegTools, answer: &Answer, video: &mut VideoInfo) {
    let Some(stream) = answer.streams.iter().find(|s| s.index == video.stream) else { return };
    video.light = light::of(&stream.side_data_list);
    if stream.side_data_list.iter().any(|data| data.side_data_type.contains("DOVI")) {
        video.others.push(format!("the Dolby Vision metadata (stream {})", video.stream));
    }
    let fields = matches!(stream.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt"));
    let bright = matches!(video.color.transfer.as_deref(), Some("smpte2084" | "arib-std-b67"));
    if !fields && !bright {
        return;
    }
    // A frame that cannot be decoded is reported when it is decoded for good.
    let frame = ffprobe::ask_first_frame(tools, &video.path, &video.container, video.stream);
    let Some(frame) = frame.ok().flatten() else { return };
    video.upper_field_first = (frame.interlaced_frame == 1).then_some(frame.top_field_first == 1);
    let within = light::of(&frame.side_data_list);
    video.light.mastering = video.light.mastering.or(within.mastering);
    video.light.content = video.light.content.or(within.content);
    if frame.side_data_list.iter().any(|data| data.side_data_type.contains("SMPTE2094-40")) {
        video.others.push(format!("the HDR10+ metadata (stream {})", video.stream));
    }
}

/// What ffmpeg would show although it is no film: text drawn as pictures, and still pictures in
/// formats that are not read here.
fn refuse_strangers(path: &Path, answer: &Answer, stream: &Stream) -> Result<()> {
    let name = path.display();
    let format = answer.format.format_name.as_str();
    let text = matches!(stream.codec().as_str(), "ansi" | "bintext" | "xbin" | "idf")
        || matches!(format, "tty" | "bin" | "adf" | "idf" | "xbin");
    if text {
        return Err(Error::failed(format!("{name} is text, not a video or picture"))
            .hint("name a video or an image file"));
    }
    let brand = answer.format.tags.get("major_brand").map_or("", |b| b.trim());
    let still = format.ends_with("_pipe")
        || format == "image2"
        || matches!(brand, "avif" | "heic" | "heix" | "heim" | "heis" | "mif1");
    // ffprobe went by the name; the content was looked at before and is none of these.
    let named = stream.width == 0 && StillFormat::from_path(path).is_ok();
    if still && named {
        return Err(Error::failed(format!("{name} is named like a picture, but holds none"))
            .hint("the copy or the download of it may have failed; get the file again"));
    }
    if still {
        let kind = if brand.is_empty() { stream.codec() } else { brand.to_owned() };
        return Err(Error::failed(format!(
            "{name} is a still picture in a format that is not read here ({kind})"
        ))
        .hint("convert it to PNG or JPEG first"));
    }
    Ok(())
}

/// Degrees, a multiple of 90 where the file was made by a camera.
fn rotation(stream: &Stream) -> i32 {
    let matrix = stream.side_data_list.iter().find_map(|data| data.rotation);
    // ffmpeg before 5.0 may have only the tag, which counts the other way round.
    let tag = || stream.tag("rotate").and_then(|t| t.parse::<f64>().ok()).map(|r| -r);
    matrix.or_else(tag).map_or(0, |r| r.round() as i32)
}

/// The size before rotation that newer decoders deliver: less what the container crops.
fn cropped(stream: &Stream) -> Option<(u32, u32)> {
    let crop = stream.side_data_list.iter().find(|d| d.side_data_type == "Frame Cropping");
    let (x, y) = crop.map_or((0, 0), |c| {
        (c.crop_left.saturating_add(c.crop_right), c.crop_top.saturating_add(c.crop_bottom))
    });
    let size = (stream.width.checked_sub(x)?, stream.height.checked_sub(y)?);
    (size.0 > 0 && size.1 > 0).then_some(size)
}

fn color_tags(stream: &Stream) -> ColorTags {
    ColorTags {
        primaries: color::known(stream.color_primaries.clone()),
        transfer: color::known(stream.color_transfer.clone()),
        space: color::known(stream.color_space.clone()),
        range: color::known(stream.color_range.clone()),
        chroma_location: color::known(stream.chroma_location.clone()),
    }
}

/// Tags of the picture stream that are still true of the output.
fn kept_tags(stream: &Stream) -> Vec<(String, String)> {
    ["language", "title", "timecode"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), stream.tag(name)?.to_owned())))
        .collect()
}

fn audio(stream: &Stream) -> AudioInfo {
    AudioInfo {
        index: stream.index,
        codec: stream.codec(),
        channels: stream.channels,
        sample_rate: stream.sample_rate.as_deref().and_then(|r| r.parse().ok()).unwrap_or(0),
        language: stream.language(),
    }
}

fn subtitle(stream: &Stream) -> SubtitleInfo {
    SubtitleInfo { index: stream.index, codec: stream.codec(), language: stream.language() }
}

/// What no output keeps. A timecode track is written anew from the tag.
fn others(answer: &Answer, picture: usize) -> Vec<String> {
    answer
        .streams
        .iter()
        .filter_map(|s| match s.codec_type.as_str() {
            "video" if s.index == picture => None,
            "video" if s.is("attached_pic") => Some(format!("the cover art (stream {})", s.index)),
            "video" => Some(format!("the other picture stream {}", s.index)),
            "data" if s.tag("timecode").is_none() => Some(format!("the data stream {}", s.index)),
            _ => None,
        })
        .collect()
}
