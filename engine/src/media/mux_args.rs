//! The command line that puts an output together.

use std::ffi::OsString;
use std::path::Path;

use super::clock::Clock;
use super::container::Container;
use super::encode::Setting;
use super::{process, tool_options};

/// Starts nearer to the file's than this, in seconds, are the file's.
const NO_OFFSET: f64 = 0.000_5;

/// Packets that may wait until every stream of the output is set up.
const WAITING_PACKETS: &str = "4096";

/// A part is sought this many seconds before its beginning: streams do not lie in step in the file.
const RUN_UP: f64 = 2.0;

/// Chapters end on whole milliseconds in most containers: a little more than half of one, in
/// seconds.
const CHAPTER_ENDS: f64 = 0.000_6;

/// When the part of a film that is carried over begins and how long it is, in seconds.
struct Part {
    /// Its beginning on the file's own clock, where that is not the film's.
    from: Option<f64>,
    /// Its end on the clock of the output, where that is not the film's.
    length: Option<f64>,
}

/// All of ffmpeg's arguments: packets on standard input, the target, then the hidden file.
pub(super) fn build(setting: &Setting<'_>, clock: &Clock, file: &Path) -> Vec<OsString> {
    let Setting { target, job, options, .. } = *setting;
    let (container, encoder) = (job.container, options.encoder);
    let origin = clock.origin_seconds();
    let mut args: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&tool_options::QUIET);
    let span = target.span.as_ref();
    let from = span.and_then(|span| span.from).map(|_| origin);
    // A file's times are shifted to 0, but not up to it. A part begins with its first frame.
    let late = if from.is_some() { 0.0 } else { origin - target.file_start.max(0.0) };
    let late = if container == Container::Avi { 0.0 } else { late };
    let until = span.and_then(|span| span.until);
    let length = until.map(|pts| pts as f64 * target.time_base.as_f64() - origin + late.max(0.0));
    let part = Part { from, length };
    if late.abs() >= NO_OFFSET {
        add(&["-itsoffset", &format!("{late:.6}")]);
    }
    add(&["-f", "nut", "-i", "pipe:0"]);
    if target.sequence.is_some() {
        // Pictures bring nothing along.
        add(&["-map", "0:v:0", "-c:v:0", "copy"]);
    } else {
        args.extend(carried(setting, &part));
    }
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    if part.from.is_some() {
        add(&["-ss", "0"]);
    }
    if let Some(length) = part.length {
        add(&["-t", &format!("{length:.6}")]);
    }
    add(&["-f", container.muxer(), "-max_muxing_queue_size", WAITING_PACKETS]);
    if container.is_mp4() {
        // Some sound codecs are "experimental" in MP4 to older versions, which copy them well.
        add(&["-movflags", "+faststart", "-strict", "experimental"]);
        if encoder.codec() == "hevc" {
            // The tag that Apple's players want.
            add(&["-tag:v:0", "hvc1"]);
        }
    }
    add(&["-y"]);
    args.push(process::file_url(file));
    args
}

/// The target as an input, and what of it goes into the output.
fn carried(setting: &Setting<'_>, part: &Part) -> Vec<OsString> {
    let Setting { tools, target, job, .. } = *setting;
    let mut args: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&process::PROTOCOLS);
    add(process::demuxer(&target.container));
    if target.file_start < -NO_OFFSET && part.from.is_none() {
        // Versions differ in whether a file that starts below 0 is shifted to 0; this one is not.
        add(&["-copyts"]);
    }
    if let Some(from) = part.from {
        // The file's own times, less that of the first frame. What comes before 0 then is dropped:
        // packets that are copied by ffmpeg itself, samples and chapters by the output's -ss.
        add(&["-copyts", "-noaccurate_seek", "-itsoffset", &format!("{:.6}", -from)]);
        let seek = from - target.file_start - RUN_UP;
        if seek > 0.0 {
            add(&["-ss", &format!("{seek:.6}")]);
        }
    }
    add(&["-i"]);
    args.push(process::file_url(&target.path));
    let chapters = part.from.filter(|_| target.chapters > 0);
    if let Some(from) = chapters {
        // Once more for the chapters alone, a hair later: one that ends where the part begins would
        // be in it, for no time at all.
        let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
        add(&process::PROTOCOLS);
        add(process::demuxer(&target.container));
        add(&["-itsoffset", &format!("{:.6}", -from - CHAPTER_ENDS), "-i"]);
        args.push(process::file_url(&target.path));
    }
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&["-map", "0:v:0", "-c:v:0", "copy"]);
    args.extend(job.streams.options(1));
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    if let Some(length) = part.length
        && tool_options::sets_durations(&tools.version)
    {
        // Those that are encoded again lose their last line to such a filter.
        let copied = job.streams.subtitles.iter().enumerate().filter(|(_, s)| s.encoder.is_none());
        for (n, _) in copied {
            let bounded = format!("setts=duration=min(DURATION\\,{length:.6}/TB-PTS)");
            add(&[&format!("-bsf:s:{n}"), &bounded]);
        }
    }
    let chapters = if chapters.is_some() { "2" } else { "1" };
    add(&["-map_metadata", "1", "-map_chapters", chapters]);
    for (name, value) in &target.tags {
        add(&["-metadata:s:v:0", &format!("{name}={value}")]);
    }
    args
}
