//! The command line of a segment's encoder.

use std::ffi::OsString;
use std::path::Path;

use crate::imaging::frame::Layout;
use crate::provision::FfmpegTools;

use super::clock::Clock;
use super::codec::{PRESETS, VideoEncoder};
use super::container::Container;
use super::encode::EncodeOptions;
use super::encode_pixels::EncoderPixels;
use super::info::{ColorTags, Light, Rational, VideoInfo};
use super::marks::Marks;
use super::streams::StreamPlan;
use super::{color, process, tool_options, widen};

/// What was decided about an output.
#[derive(Debug)]
pub struct Job {
    /// What it is written into.
    pub container: Container,
    /// What becomes of everything that is not the picture.
    pub streams: StreamPlan,
    pub(super) pixels: EncoderPixels,
    pub(super) marks: Marks,
}

impl Job {
    /// Whether the picture is transparent, which VP9 keeps beside its packets.
    pub(super) fn has_alpha(&self) -> bool {
        self.pixels.pix_fmt.starts_with("yuva")
    }

    /// ffmpeg's options for what the samples of the output mean.
    pub(super) fn colors(&self, target: &VideoInfo) -> Vec<String> {
        let mut color = target.color.clone();
        if self.pixels.to_yuv {
            color = ColorTags {
                space: Some("bt709".into()),
                range: Some("tv".into()),
                chroma_location: None,
                ..color
            };
        }
        let layout = match self.pixels.pix_fmt.starts_with("yuv") {
            true => Layout::Yuv { shift_x: 0, shift_y: 0, alpha: false },
            false => target.format.layout,
        };
        color::options(&color, layout)
    }
}

/// All of ffmpeg's arguments: frames on standard input, then the file of a segment.
pub(super) fn build(
    tools: &FfmpegTools,
    target: &VideoInfo,
    job: &Job,
    options: &EncodeOptions,
    clock: &Clock,
    file: &Path,
) -> Vec<OsString> {
    let widened = job.pixels.widen.and_then(|to| widen::widened(&target.format, to));
    let mut args = words(&tool_options::QUIET);
    args.extend(words(&color::options(&target.color, widened.unwrap_or(target.format).layout)));
    // What it is was told: nothing is to be found out by reading ahead.
    args.extend(words(&["-probesize", "32", "-analyzeduration", "0"]));
    args.extend(words(&["-f", "nut", "-i", "pipe:0", "-map", "0:v:0"]));
    args.extend(picture(tools, target, job, options, clock));
    args.extend(words(&["-f", "nut", "-y"]));
    if job.has_alpha() {
        // Only then it writes what lies beside packets.
        args.extend(words(&["-syncpoints", "none", "-strict", "experimental"]));
    }
    args.push(process::file_url(file));
    args
}

fn words<S: AsRef<str>>(list: &[S]) -> Vec<OsString> {
    list.iter().map(|word| OsString::from(word.as_ref())).collect()
}

/// The picture stream: filters, encoder, tags.
fn picture(
    tools: &FfmpegTools,
    target: &VideoInfo,
    job: &Job,
    options: &EncodeOptions,
    clock: &Clock,
) -> Vec<OsString> {
    let mut args: Vec<String> = Vec::new();
    let mut filters = Vec::new();
    if job.pixels.to_yuv {
        filters.push(
            "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int"
                .to_owned(),
        );
    }
    if let Some(aspect) = target.sample_aspect_ratio {
        filters.push(format!("setsar={aspect}"));
    }
    filters.extend(job.marks.filter().map(str::to_owned));
    if !filters.is_empty() {
        args.extend(["-filter:v:0".into(), filters.join(",")]);
    }
    args.extend(tool_options::passthrough(&tools.version).map(str::to_owned));
    args.extend(["-enc_time_base".into(), clock.time_base().to_string()]);
    args.extend(["-c:v:0".into(), job.pixels.encoder.into()]);
    args.extend(["-pix_fmt:v:0".into(), job.pixels.pix_fmt.clone()]);
    args.extend(job.colors(target));
    args.extend(encoder_options(options, target.fps, &job.marks.light));
    args.extend(job.marks.options().iter().map(|word| (*word).to_owned()));
    if job.has_alpha() {
        // The encoder refuses transparency otherwise.
        args.extend(["-auto-alt-ref".into(), "0".into()]);
    }
    if job.container == Container::Avi {
        // AVI has no timestamps: frames must be stored in the order in which they are shown.
        args.extend(["-bf".into(), "0".into()]);
    }
    words(&args)
}

/// Quality, speed and threads in the encoder's own words.
///
/// `fps` is told to those that would take the clock's ticks for frames.
fn encoder_options(options: &EncodeOptions, fps: Rational, light: &Light) -> Vec<String> {
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
            let mut own = vec![format!("fps={fps}")];
            own.extend(light.options("mastering-display", "cll"));
            add(&["-x264-params", &own.join(":")]);
        }
        VideoEncoder::Libx265 => {
            // It writes to standard error what it likes unless told so in its own options.
            let mut own = vec!["log-level=error".to_owned(), format!("fps={fps}")];
            if let Some(threads) = &threads {
                own.push(format!("pools={threads}"));
            }
            own.extend(light.options("master-display", "max-cll"));
            if !light.is_empty() {
                // So that whoever comes in later hears of it, too.
                own.push("repeat-headers=1".to_owned());
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
