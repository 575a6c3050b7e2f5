//! Decides what becomes of everything in the target that is not the picture.

use std::ffi::OsString;

use super::codec;
use super::container::{Container, SubtitlePlan};
use super::info::VideoInfo;
use crate::error::Result;
use crate::provision::FfmpegTools;

/// Bits per second and channel for sound that has to be encoded again: no audible loss.
const AUDIO_BITS_PER_CHANNEL: u32 = 96_000;

/// No encoder takes more than this in all.
const MOST_AUDIO_BITS: u32 = 512_000;

/// What becomes of the streams beside the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPlan {
    /// The sound streams that the output has, in order.
    pub audio: Vec<StreamUse>,
    /// The subtitle streams that the output has, in order.
    pub subtitles: Vec<StreamUse>,
    /// Indices of the attachments that the output has.
    pub attachments: Vec<usize>,
    /// What is left out or encoded again, of the picture, too, in words for the user.
    pub notes: Vec<String>,
}

/// One stream of the target that the output has too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamUse {
    /// Index of the stream in the target.
    pub index: usize,
    /// ffmpeg's encoder for it; nothing when it is copied.
    pub encoder: Option<&'static str>,
    /// Number of channels of a sound stream.
    pub channels: u32,
}

/// Plans the streams of an output in this container.
pub fn plan_streams(target: &VideoInfo, container: Container, skip_audio: bool) -> StreamPlan {
    let mut notes = Vec::new();
    let mut audio = Vec::new();
    for stream in target.audio.iter().filter(|_| !skip_audio) {
        let encoder = if container.holds_audio(&stream.codec) {
            None
        } else {
            let encoder = container.audio_fallback(&stream.codec);
            notes.push(format!(
                "a .{container} file cannot hold {} sound: stream {} is encoded again with {encoder}",
                stream.codec, stream.index
            ));
            Some(encoder)
        };
        audio.push(StreamUse { index: stream.index, encoder, channels: stream.channels });
    }
    let mut subtitles = Vec::new();
    for stream in &target.subtitles {
        let encoder = match container.subtitle(&stream.codec) {
            SubtitlePlan::Copy => None,
            SubtitlePlan::Convert(encoder) => {
                notes.push(format!(
                    "a .{container} file cannot hold {} subtitles: stream {} becomes {encoder}",
                    stream.codec, stream.index
                ));
                Some(encoder)
            }
            SubtitlePlan::LeaveOut => {
                notes.push(format!(
                    "a .{container} file cannot hold {} subtitles: stream {} is left out",
                    stream.codec, stream.index
                ));
                continue;
            }
        };
        subtitles.push(StreamUse { index: stream.index, encoder, channels: 0 });
    }
    let attachments = if container == Container::Mkv {
        target.attachments.clone()
    } else {
        if !target.attachments.is_empty() {
            notes.push(format!("a .{container} file cannot hold attachments: they are left out"));
        }
        Vec::new()
    };
    notes.extend(target.others.iter().map(|what| format!("{what} is left out")));
    StreamPlan { audio, subtitles, attachments, notes }
}

impl StreamPlan {
    /// Checks that this ffmpeg has the encoders that the plan needs.
    pub(super) fn check(&self, tools: &FfmpegTools) -> Result<()> {
        let mut needed: Vec<&str> = self.audio.iter().filter_map(|s| s.encoder).collect();
        needed.extend(self.subtitles.iter().filter_map(|s| s.encoder));
        needed.sort_unstable();
        needed.dedup();
        needed.into_iter().try_for_each(|name| codec::encoder_pixel_formats(tools, name).map(drop))
    }

    /// ffmpeg's options; `input_of` tells which input a stream of the target comes from.
    pub(super) fn options(&self, input_of: impl Fn(usize) -> usize) -> Vec<OsString> {
        let mut options: Vec<String> = Vec::new();
        let from = |index| format!("{}:{index}", input_of(index));
        let mut add = |words: &[String]| options.extend_from_slice(words);
        for (n, stream) in self.audio.iter().enumerate() {
            add(&["-map".into(), from(stream.index)]);
            add(&[format!("-c:a:{n}"), stream.encoder.unwrap_or("copy").into()]);
            let Some(encoder) = stream.encoder else { continue };
            if matches!(encoder, "aac" | "libopus" | "ac3") {
                let bits = AUDIO_BITS_PER_CHANNEL * stream.channels.max(1);
                add(&[format!("-b:a:{n}"), bits.min(MOST_AUDIO_BITS).to_string()]);
            }
            if encoder == "libopus" {
                // It refuses the "side" variants of the surround layouts.
                add(&[
                    format!("-filter:a:{n}"),
                    "aformat=channel_layouts=7.1|5.1|stereo|mono".into(),
                ]);
            }
        }
        for (n, stream) in self.subtitles.iter().enumerate() {
            add(&["-map".into(), from(stream.index)]);
            add(&[format!("-c:s:{n}"), stream.encoder.unwrap_or("copy").into()]);
        }
        for index in &self.attachments {
            add(&["-map".into(), from(*index)]);
        }
        if !self.attachments.is_empty() {
            add(&["-c:t".into(), "copy".into()]);
        }
        options.into_iter().map(OsString::from).collect()
    }
}
