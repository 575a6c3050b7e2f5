//! The command line of the muxer: everything that makes up an output goes in with its own clock, and
//! must come out in step.

use std::ffi::OsString;
use std::path::Path;

use super::container::Container;
use super::encode::Setting;
use super::info::{AudioInfo, VideoInfo};
use super::{opus, process, tool_options};

/// Starts nearer to the file's than this, in seconds, are the file's.
const NO_OFFSET: f64 = 0.000_5;

/// Packets that may wait until every stream of the output is set up.
const WAITING_PACKETS: &str = "4096";

/// A part is sought this many seconds before its beginning: streams do not lie in step in the file.
const RUN_UP: f64 = 2.0;

/// Chapters end on whole milliseconds in most containers: a little more than half of one, in
/// seconds.
const CHAPTER_ENDS: f64 = 0.000_6;

/// The last frame of a film that shows it longer than others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Held {
    /// The number of its packet, in the order in which they are stored.
    pub packet: u64,
    /// How long it is shown, as a part of the time from the first frame to it: versions of ffmpeg
    /// differ in the ticks that they tell a filter of packets, so they cannot be named.
    pub part: f64,
}

/// All of ffmpeg's arguments: packets on standard input, the target, then the hidden file. The first
/// frame is at `origin`, in seconds of the target, and at `begins`, in seconds of the packets.
pub(super) fn build(
    setting: &Setting<'_>,
    origin: f64,
    begins: f64,
    last: Option<Held>,
    file: &Path,
) -> Vec<OsString> {
    let Setting { target, tools, job, options, .. } = *setting;
    let (container, encoder) = (job.container, options.encoder);
    let mut args: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&tool_options::QUIET);
    // Everything begins at 0, which is where the target begins: what lies before it would be cut off
    // in MP4.
    let span = target.span.as_ref();
    let from = span.and_then(|span| span.from).map(|_| origin);
    let until = span.and_then(|span| span.until);
    // A part begins with its first frame.
    let late = from.map_or(origin - target.file_start, |_| 0.0);
    let least = match container {
        // It has no timestamps: a first frame that comes later is shown from the beginning, and for
        // longer. That it comes one frame later is only how AVI tells of frames that lean on others.
        Container::Avi => 1.5 / target.fps.as_f64(),
        _ => NO_OFFSET,
    };
    let late = if late.abs() >= least { late } else { 0.0 };
    // Where ffmpeg takes times as they are, the packets do not begin at 0 by themselves. Those of a part
    // must not be moved before 0, where everything is cut off: in MP4 they are moved afterwards, and
    // elsewhere all the rest comes later.
    let moved =
        from.is_some() && container.is_mp4() && tool_options::sets_durations(&tools.version);
    let as_they_are = target.sequence.is_none() && takes_times_as_they_are(target, from);
    let (shift, wait) = match from {
        Some(_) if moved => (late, 0.0),
        Some(_) => (late, begins),
        None if as_they_are => (late - begins, 0.0),
        None => (late, 0.0),
    };
    // The end of the part on the clock of the output.
    let length = until.map(|pts| pts as f64 * target.time_base.as_f64() - origin + late + wait);
    if shift != 0.0 {
        add(&["-itsoffset", &format!("{shift:.6}")]);
    }
    add(&["-f", "nut", "-i", "pipe:0"]);
    let delay = match container {
        Container::Mkv | Container::Webm => opus::lost_delay(tools, target),
        _ => None,
    };
    let chapters = from.filter(|_| target.chapters > 0);
    // Pictures bring nothing along.
    if target.sequence.is_none() {
        add_target(setting, from, wait, &mut args);
        if let Some(delay) = delay {
            add_target(setting, from, wait + delay, &mut args);
        }
        if chapters.is_some() {
            // Once more for the chapters alone, a hair later: one that ends where the part begins
            // would be in it, for no time at all.
            add_target(setting, from, -CHAPTER_ENDS, &mut args);
        }
    }
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&["-map", "0:v:0", "-c:v:0", "copy"]);
    // Segments hold the tags that the codec has a word for, containers more.
    add(&job.colors(target).iter().map(String::as_str).collect::<Vec<_>>());
    let mut packets = Vec::new();
    if let Some(Held { packet, part }) = last {
        let longer = format!("if(eq(N\\,{packet})\\,(PTS-STARTPTS)*{part:.9}\\,DURATION)");
        packets.push(format!("setts=duration={longer}"));
    }
    if moved && begins > 0.0 {
        packets.push(format!("setts=pts=PTS-{begins:.9}/TB:dts=DTS-{begins:.9}/TB"));
    }
    if !packets.is_empty() {
        add(&["-bsf:v:0", &packets.join(",")]);
    }
    if job.has_alpha() {
        add(&["-metadata:s:v:0", "alpha_mode=1"]);
    }
    args.extend(job.streams.options(|index| {
        let of = |stream: &&AudioInfo| stream.index == index;
        let is_opus = target.audio.iter().find(of).is_some_and(|stream| stream.codec == "opus");
        if is_opus && delay.is_some() { 2 } else { 1 }
    }));
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    if hides(setting) && tool_options::drops_packets(&tools.version) {
        // Nobody else knows of edit lists: what they hide would be heard. A block before the
        // beginning stays, which decoders need to get going.
        for (n, stream) in job.streams.audio.iter().enumerate() {
            if stream.encoder.is_none() {
                add(&[&format!("-bsf:a:{n}"), "noise=drop=lt(pts+2*d\\,0)"]);
            }
        }
    }
    if let Some(length) = length.filter(|_| tool_options::sets_durations(&tools.version)) {
        // Those that are encoded again lose their last line to such a filter.
        let copied = job.streams.subtitles.iter().enumerate().filter(|(_, s)| s.encoder.is_none());
        for (n, _) in copied {
            let bounded = format!("setts=duration=min(DURATION\\,{length:.6}/TB-PTS)");
            add(&[&format!("-bsf:s:{n}"), &bounded]);
        }
    }
    if target.sequence.is_none() {
        let last = 1 + usize::from(delay.is_some());
        let chapters = if chapters.is_some() { last + 1 } else { 1 };
        add(&["-map_metadata", "1", "-map_chapters", &chapters.to_string()]);
    }
    if from.is_some() {
        add(&["-ss", "0"]);
    }
    if let Some(length) = length {
        add(&["-t", &format!("{length:.6}")]);
    }
    for (name, value) in &target.tags {
        add(&["-metadata:s:v:0", &format!("{name}={value}")]);
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

/// The target as an input whose streams are late by so many seconds; of a part that begins at `from`
/// on the file's own clock, they are late by so much from there.
fn add_target(setting: &Setting<'_>, from: Option<f64>, late: f64, args: &mut Vec<OsString>) {
    let target = setting.target;
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&process::PROTOCOLS);
    add(process::demuxer(&target.container));
    let mut late = late;
    if let Some(from) = from {
        // The file's own times, less that of the first frame. What comes before 0 then is dropped:
        // packets that are copied by ffmpeg itself, samples and chapters by the output's -ss.
        add(&["-copyts", "-noaccurate_seek"]);
        late -= from;
        let seek = from - target.file_start - RUN_UP;
        if seek > 0.0 {
            add(&["-ss", &format!("{seek:.6}")]);
        }
    } else if takes_times_as_they_are(target, from) {
        // Versions differ in whether a file that starts below 0 is shifted to 0: then it is done
        // here.
        add(&["-copyts"]);
        late -= target.file_start;
    }
    if late.abs() >= NO_OFFSET {
        add(&["-itsoffset", &format!("{late:.6}")]);
    }
    add(&["-i"]);
    args.push(process::file_url(&target.path));
}

/// Whether ffmpeg is told not to let every input begin at 0, which is said for all of them at once.
fn takes_times_as_they_are(target: &VideoInfo, from: Option<f64>) -> bool {
    from.is_some() || target.file_start < -NO_OFFSET
}

/// Whether an edit list of the target may hide sound that the output would let out.
fn hides(setting: &Setting<'_>) -> bool {
    let edits = setting.target.container.split(',').any(|name| name == "mp4");
    edits && !setting.job.container.is_mp4()
}
