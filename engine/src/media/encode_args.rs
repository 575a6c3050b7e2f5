//! The encoder's command line.

use std::ffi::OsString;
use std::path::Path;

use crate::imaging::frame::FrameFormat;
use crate::provision::FfmpegTools;

use super::codec::{PRESETS, VideoEncoder};
use super::container::Container;
use super::encode::EncodeOptions;
use super::encode_pixels::EncoderPixels;
use super::info::{ColorTags, VideoInfo};
use super::streams::StreamPlan;
use super::{color, pixel, process, tool_options, widen};

/// A video that starts later than its file keeps its start to this part of a second or better.
const OFFSET_STEPS: u64 = 50_000;

/// Starts nearer to the file's than this, in seconds, are the file's.
const NO_OFFSET: f64 = 0.000_5;

/// Packets that may wait until every stream of the output is set up.
const WAITING_PACKETS: &str = "4096";

/// What was decided about an output.
#[derive(Debug)]
pub(super) struct Job {
    pub container: Container,
    pub streams: StreamPlan,
    pub pixels: EncoderPixels,
}

/// All of ffmpeg's arguments: raw frames on standard input, the target, then `file`.
pub(super) fn build(
    tools: &FfmpegTools,
    target: &VideoInfo,
    job: &Job,
    options: &EncodeOptions,
    file: &Path,
) -> Vec<OsString> {
    let widened = widen::widened(&target.format).filter(|_| job.pixels.widen);
    let mut args = words(&tool_options::QUIET);
    args.extend(raw_input(target, &widened.unwrap_or(target.format)));
    args.extend(words(&process::PROTOCOLS));
    args.extend(words(process::demuxer(&target.container)));
    if target.file_start < -NO_OFFSET {
        // Versions differ in whether a file that starts below 0 is shifted to 0; this one is not.
        args.push("-copyts".into());
    }
    args.push("-i".into());
    args.push(process::file_url(&target.path));
    args.extend(words(&["-map", "0:v:0"]));
    args.extend(job.streams.options(1));
    args.extend(words(&["-map_metadata", "1", "-map_chapters", "1"]));
    args.extend(picture(tools, target, job, options));
    args.extend(muxer(job.container, options.encoder));
    args.push("-y".into());
    args.push(process::file_url(file));
    args
}

fn words<S: AsRef<str>>(list: &[S]) -> Vec<OsString> {
    list.iter().map(|word| OsString::from(word.as_ref())).collect()
}

/// What the bytes on standard input are.
fn raw_input(target: &VideoInfo, format: &FrameFormat) -> Vec<OsString> {
    let mut args = words(&["-f", "rawvideo", "-pixel_format"]);
    args.extend(words(&[
        pixel::name_of(format.layout, format.depth),
        "-video_size".into(),
        format!("{}x{}", format.width, format.height),
        "-framerate".into(),
        target.fps.to_string(),
    ]));
    args.extend(words(&color::options(&target.color, format.layout)));
    args.extend(words(&["-i", "pipe:0"]));
    args
}

/// The picture stream: filters, encoder, tags.
fn picture(
    tools: &FfmpegTools,
    target: &VideoInfo,
    job: &Job,
    options: &EncodeOptions,
) -> Vec<OsString> {
    let mut args: Vec<String> = Vec::new();
    let mut filters = Vec::new();
    let mut color = target.color.clone();
    if job.pixels.to_yuv {
        filters.push(
            "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int"
                .to_owned(),
        );
        color = ColorTags {
            space: Some("bt709".into()),
            range: Some("tv".into()),
            chroma_location: None,
            ..color
        };
    }
    if let Some(aspect) = target.sample_aspect_ratio {
        filters.push(format!("setsar={aspect}"));
    }
    let late = target.start_offset + target.file_start.min(0.0);
    if late.abs() >= NO_OFFSET && job.container != Container::Avi {
        let (filter, time_base) = delay(target, late);
        filters.push(filter);
        args.extend(["-enc_time_base".into(), time_base]);
    }
    if !filters.is_empty() {
        args.extend(["-filter:v:0".into(), filters.join(",")]);
    }
    args.extend(tool_options::passthrough(&tools.version).map(str::to_owned));
    args.extend(["-c:v:0".into(), job.pixels.encoder.into()]);
    args.extend(["-pix_fmt:v:0".into(), job.pixels.pix_fmt.clone()]);
    let yuv_out = job.pixels.pix_fmt.starts_with("yuv");
    if yuv_out {
        let layout = crate::imaging::frame::Layout::Yuv { shift_x: 0, shift_y: 0, alpha: false };
        args.extend(color::options(&color, layout));
    } else {
        args.extend(color::options(&color, target.format.layout));
    }
    args.extend(encoder_options(options));
    if job.pixels.pix_fmt.starts_with("yuva") {
        // The encoder refuses transparency otherwise.
        args.extend(["-auto-alt-ref".into(), "0".into()]);
    }
    if job.container == Container::Avi {
        // AVI has no timestamps: frames must be stored in the order in which they are shown.
        args.extend(["-bf".into(), "0".into()]);
    }
    for (name, value) in &target.tags {
        args.extend(["-metadata:s:v:0".into(), format!("{name}={value}")]);
    }
    words(&args)
}

/// A filter that delays the picture to its place in the file, and the fine clock that it needs: a
/// whole number of ticks per frame, so that the frames stay evenly spaced.
fn delay(target: &VideoInfo, seconds: f64) -> (String, String) {
    let fps = target.fps;
    let per_frame = (OFFSET_STEPS * u64::from(fps.den)).div_ceil(u64::from(fps.num)).max(1);
    let ticks = u64::from(fps.num) * per_frame;
    let offset = (seconds * ticks as f64 / f64::from(fps.den)).round();
    let time_base = format!("{}/{ticks}", fps.den);
    (format!("settb={time_base},setpts=PTS+({offset})"), time_base)
}

/// Quality, speed and threads in the encoder's own words.
fn encoder_options(options: &EncodeOptions) -> Vec<String> {
    let encoder = options.encoder;
    let crf = options.crf.unwrap_or_else(|| encoder.crf(options.quality)).to_string();
    let lossless = options.is_lossless();
    let by_crf = ["-crf", &crf];
    let mut args: Vec<String> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(|word| (*word).to_owned()));
    let threads = options.threads.map(|n| n.to_string());
    if let Some(threads) = &threads {
        add(&["-threads:v:0", threads]);
    }
    match encoder {
        VideoEncoder::Libx264 => {
            add(if lossless { &["-qp", "0"] } else { &by_crf });
        }
        VideoEncoder::Libx265 => {
            // It writes to standard error what it likes unless told so in its own options.
            let mut own = vec!["log-level=error".to_owned()];
            if let Some(threads) = &threads {
                own.push(format!("pools={threads}"));
            }
            if lossless {
                own.push("lossless=1".to_owned());
            } else {
                add(&by_crf);
            }
            add(&["-x265-params", &own.join(":")]);
        }
        VideoEncoder::LibvpxVp9 => {
            add(&["-b:v", "0", "-row-mt", "1"]);
            add(if lossless { &["-lossless", "1"] } else { &by_crf });
            let (deadline, speed) = vp9_speed(options.preset.as_deref());
            add(&["-deadline", deadline, "-cpu-used", speed]);
        }
        VideoEncoder::H264Nvenc | VideoEncoder::HevcNvenc => {
            add(&["-preset", nvenc_preset(options.preset.as_deref())]);
            if lossless {
                add(&["-tune", "lossless"]);
            } else {
                add(&["-rc", "vbr", "-cq", &crf, "-b:v", "0"]);
            }
        }
    }
    let software = matches!(encoder, VideoEncoder::Libx264 | VideoEncoder::Libx265);
    if let (Some(preset), true) = (&options.preset, software) {
        add(&["-preset", preset]);
    }
    args
}

/// x264's preset names in NVENC's words, p1 (fastest) to p7.
fn nvenc_preset(preset: Option<&str>) -> &'static str {
    match preset.and_then(|name| PRESETS.iter().position(|p| *p == name)) {
        Some(0 | 1) => "p1",
        Some(2) => "p2",
        Some(3 | 4) => "p3",
        Some(6) => "p5",
        Some(7) => "p6",
        Some(8 | 9) => "p7",
        _ => "p4",
    }
}

/// x264's preset names in the words of libvpx: -deadline and -cpu-used.
fn vp9_speed(preset: Option<&str>) -> (&'static str, &'static str) {
    let place = preset.and_then(|name| PRESETS.iter().position(|p| *p == name));
    match place {
        Some(0) => ("realtime", "8"),
        Some(1) => ("realtime", "6"),
        Some(2) => ("good", "5"),
        Some(3) => ("good", "4"),
        Some(4) => ("good", "3"),
        Some(6 | 7) => ("good", "1"),
        Some(8 | 9) => ("good", "0"),
        _ => ("good", "2"),
    }
}

fn muxer(container: Container, encoder: VideoEncoder) -> Vec<OsString> {
    let mut args = vec!["-f", container.muxer(), "-max_muxing_queue_size", WAITING_PACKETS];
    if container.is_mp4() {
        // Some sound codecs are "experimental" in MP4 to older versions, which copy them well.
        args.extend(["-movflags", "+faststart", "-strict", "experimental"]);
        if encoder.codec() == "hevc" {
            // The tag that Apple's players want.
            args.extend(["-tag:v:0", "hvc1"]);
        }
    }
    words(&args)
}
