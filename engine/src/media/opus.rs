//! Opus in Matroska, as ffmpeg before 6.0 writes it.
//!
//! An Opus stream begins with samples that are not to be heard. Matroska's blocks are late by as
//! much, which the header says; older versions write the header and forget to make the blocks late,
//! so that the sound is early: by 6.5 ms each time that a film passes through.

use serde::Deserialize;

use crate::provision::FfmpegTools;

use super::info::VideoInfo;
use super::{process, tool_options};

/// Opus counts these samples at this rate, whatever the sound's own (RFC 7845, 4.2).
const RATE: f64 = 48_000.0;

/// Where the count lies in the header (RFC 7845, 5.1).
const PRE_SKIP: std::ops::Range<usize> = 10..12;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    codec_name: String,
    #[serde(default)]
    extradata: String,
}

/// By how many seconds this ffmpeg would write the Opus streams of a film too early into Matroska;
/// nothing when there are none, or it does it well.
pub(super) fn lost_delay(tools: &FfmpegTools, target: &VideoInfo) -> Option<f64> {
    let has = target.audio.iter().any(|stream| stream.codec == "opus");
    if !has || !tool_options::forgets_opus_delay(&tools.version) {
        return None;
    }
    let mut command = process::command(&tools.ffprobe);
    command.args(["-hide_banner", "-loglevel", "error"]).args(process::PROTOCOLS);
    command.args(process::demuxer(&target.container)).args(["-select_streams", "a"]);
    command.args(["-show_data", "-show_entries", "stream=codec_name,extradata"]);
    command.args(["-print_format", "json"]).arg(process::file_url(&target.path));
    // Without an answer it is written as it always was.
    let answer: Answer = serde_json::from_str(&process::capture(command).ok()?).ok()?;
    let opus = answer.streams.iter().find(|stream| stream.codec_name == "opus")?;
    let header = bytes(&opus.extradata);
    let skip = header.get(PRE_SKIP).filter(|_| header.starts_with(b"OpusHead"))?;
    let samples = u16::from_le_bytes([skip[0], skip[1]]);
    (samples > 0).then(|| f64::from(samples) / RATE)
}

/// The bytes of what ffprobe prints as a dump: lines of an address, digits in groups, and letters.
fn bytes(dump: &str) -> Vec<u8> {
    let lines = dump.lines().filter_map(|line| line.split_once(": "));
    let digits = lines.map(|(_, rest)| rest.split("  ").next().unwrap_or(""));
    let digits: Vec<u8> = digits.flat_map(str::bytes).filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks_exact(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_read() {
        let dump = "\n00000000: 4f70 7573 4865 6164 0101 3801 80bb 0000  OpusHead..8.....\n\
                    00000010: 0000 00                                  ...\n";
        let header = bytes(dump);
        assert!(header.starts_with(b"OpusHead"));
        assert_eq!((header.len(), header.get(PRE_SKIP)), (19, Some(&[0x38, 0x01][..])));
        assert!(bytes("nothing of the kind").is_empty());
    }
}
