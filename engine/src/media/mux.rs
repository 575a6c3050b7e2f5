//! Makes an output: the picture out of its encoded segments, everything else out of the target,
//! packet by packet.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;

use super::clock::Clock;
use super::container::Container;
use super::encode::Setting;
use super::made::Made;
use super::mux_args::{self, Held};
use super::output::Pending;
use super::pour::{self, Picture, ticks};
use super::process::{self, Running};
use super::{gif, numbered, tool_options};

pub use super::pour::{Segment, packets};

/// Joins segments, in their order, into an output that has no name yet and lies in `folder`, which is
/// on the same file system. `writing` hears under which hidden name it is written.
///
/// # Errors
/// When a segment cannot be read or is another film's; when ffmpeg fails, naming the output and its
/// last words; when the user stops the work. Nothing is left behind then.
pub fn join(
    setting: &Setting<'_>,
    clock: &Clock,
    segments: &mut dyn Iterator<Item = Result<Segment>>,
    folder: &Path,
    writing: &dyn Fn(&Path),
    interrupt: &Interrupt,
) -> Result<Made> {
    let picture = Picture::of(setting, clock, segments, interrupt)?;
    match setting.job.container {
        Container::Gif => gif::write(&picture, clock, folder, writing).map(Made::File),
        Container::Pictures => numbered::write(&picture, folder, writing).map(Made::Pictures),
        _ => {
            let pending = Pending::within(folder, setting.output)?;
            writing(pending.path());
            let last = held(setting, clock, &picture.segments)?;
            let begins = picture.begins as f64 * clock.time_base().as_f64();
            let origin = clock.origin_seconds();
            let args = mux_args::build(setting, origin, begins, last, pending.path());
            picture.pour(args, None, "the muxer")?;
            pending.sync().map(Made::File)
        }
    }
}

/// The last frame of a film that shows it longer than others. Packets of a segment do not tell: every
/// frame lasts until the next one comes, but this.
fn held(setting: &Setting<'_>, clock: &Clock, segments: &[Segment]) -> Result<Option<Held>> {
    let Setting { tools, target, job, .. } = *setting;
    let (Some(shown), Some((segment, before))) = (target.shown, segments.split_last()) else {
        return Ok(None);
    };
    if job.container == Container::Avi || !tool_options::sets_durations(&tools.version) {
        return Ok(None);
    }
    let what = || format!("cannot read the segment {}", segment.file.display());
    let mut reader = pour::open(&segment.file)?;
    let (from, to) = (reader.head().time_base, clock.time_base());
    // Its place among the packets, and when it is shown.
    let (mut place, mut last, mut count) = (0, i64::MIN, 0);
    while let Some(next) = reader.next_packet().context(what)? {
        if next.pts > last {
            (place, last) = (count, next.pts);
        }
        count += 1;
    }
    let tick = segment.first_tick.saturating_add(ticks(last, from, (to.num, to.den)));
    let at = tick as f64 * to.as_f64();
    let lasts = shown - at;
    // Nothing can be told of a film that is one frame: see `Held`.
    if at <= 0.0 || lasts <= HELD / target.fps.as_f64() {
        return Ok(None);
    }
    let mut packet = place;
    for segment in before {
        packet += packets(&segment.file)?;
    }
    Ok(Some(Held { packet, part: lasts / at }))
}

/// The last frame is held when it is shown this many times as long as others.
const HELD: f64 = 1.1;

/// Makes sure that a segment is what it should be: so many frames, all of which can be decoded.
/// Returns the bytes of its file.
///
/// # Errors
/// When it is not, or ffmpeg cannot be run; when the user stops the work.
pub fn check(
    setting: &Setting<'_>,
    file: &Path,
    frames: u64,
    interrupt: &Interrupt,
) -> Result<u64> {
    let damaged = |reason: String| {
        let message = format!("the segment {} is damaged: {reason}", file.display());
        Error::failed(message).hint("the disk may be full or failing; the same command goes on")
    };
    let found = packets(file)?;
    if found != frames {
        return Err(damaged(format!("it holds {found} of {frames} frames")));
    }
    let mut command = process::command(&setting.tools.ffmpeg);
    command.args(tool_options::QUIET).args(["-progress", "pipe:1"]);
    // Nobody looks at the pictures: what smooths them takes a fifth of the time and cannot fail.
    command.args(["-skip_loop_filter", "all"]);
    command.args(["-f", "nut", "-i"]).arg(process::file_url(file));
    command.args(["-map", "0:v:0"]);
    command.args(tool_options::passthrough(&setting.tools.version));
    command.args(["-f", "null", "-"]).stdout(Stdio::piped());
    let mut running = Running::start(command)?;
    let decoded = running.take_stdout().map(|stdout| last_count(BufReader::new(stdout)));
    let (status, words) = running.finish_unless(interrupt)?;
    if !status.success() {
        return Err(damaged(format!("ffmpeg {}", process::ending(status))).because(words.text()));
    }
    match decoded.flatten() {
        Some(count) if count == frames => {}
        count => {
            let count = count.unwrap_or(0);
            return Err(
                damaged(format!("{count} of {frames} frames can be decoded")).because(words.text())
            );
        }
    }
    let about = std::fs::metadata(file);
    Ok(about.context(|| format!("cannot look at the segment {}", file.display()))?.len())
}

/// The last count of frames in ffmpeg's report of its progress.
fn last_count(report: impl BufRead) -> Option<u64> {
    let lines = report.lines().map_while(io::Result::ok);
    lines.filter_map(|line| line.strip_prefix("frame=")?.trim().parse().ok()).last()
}
