//! Makes the file of an output: the picture out of its encoded segments, everything else out of the
//! target, packet by packet.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;

use super::clock::Clock;
use super::container::Container;
use super::encode::{self, Setting};
use super::mux_args::{self, Held};
use super::nut::{self, Head, PacketHead, Reader, Writer};
use super::output::{Pending, Whole};
use super::patient::Patient;
use super::process::{self, Running};
use super::tool_options;

/// An encoded segment.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its file.
    pub file: PathBuf,
    /// The tick of its first frame, on the clock of the film.
    pub first_tick: i64,
}

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
) -> Result<Whole> {
    interrupt.check()?;
    let Setting { tools, output, .. } = *setting;
    let segments = segments.collect::<Result<Vec<Segment>>>()?;
    let [first, ..] = segments.as_slice() else {
        return Err(Error::failed("there is nothing to join"));
    };
    let time_base = clock.time_base();
    let head = Head { time_base: (time_base.num, time_base.den), ..head_of(&first.file)? };
    let pending = Pending::within(folder, output)?;
    writing(pending.path());
    let mut command = process::command(&tools.ffmpeg);
    let last = held(setting, clock, &segments)?;
    let args = mux_args::build(setting, clock.origin_seconds(), last, pending.path());
    command.args(args).stdin(Stdio::piped());
    let mut running = Running::start(command)?;
    let stdin = running.take_stdin();
    let copy = || -> Result<(), Fault> {
        let pipe = stdin.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        let pipe = Patient::writing(pipe, setting.options.patience, interrupt)?;
        let mut pipe = Writer::start(BufWriter::new(pipe), &head)?;
        let mut packet = Vec::new();
        for segment in &segments {
            copy_segment(segment, &head, &mut pipe, &mut packet, interrupt)?;
        }
        pipe.into_inner().into_inner().map(drop).map_err(|e| Fault::Pipe(e.into_error()))
    };
    let copied = copy();
    let failed = copied.is_err();
    match copied {
        Err(Fault::Own(error)) => return Err(error),
        Err(Fault::Pipe(cause)) if cause.kind() == io::ErrorKind::TimedOut => {
            return Err(Error::failed(format!("writing {} has stalled", output.display()))
                .because(format!("the muxer hangs: {cause}"))
                .hint("look whether the disks of the target and of the output answer"));
        }
        _ => {}
    }
    let (status, words) = running.finish_unless(interrupt)?;
    let said = words.text();
    let failure = |ending: &str| {
        let hint = encode::hint_for(&said);
        Error::failed(format!("cannot write {}: the muxer {ending}", output.display()))
            .because(said.clone())
            .hint(process::killed_hint(status).unwrap_or(hint))
    };
    if !status.success() {
        return Err(failure(&process::ending(status)));
    }
    if let Some(fault) = encode::write_fault(&said) {
        return Err(failure(fault));
    }
    if failed {
        return Err(failure("ended too early"));
    }
    pending.sync()
}

/// Why copying ended.
enum Fault {
    /// ffmpeg takes no more, or hangs.
    Pipe(io::Error),
    /// Anything else.
    Own(Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Pipe(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Own(error)
    }
}

fn open(file: &Path) -> Result<Reader<BufReader<File>>> {
    File::open(file)
        .and_then(|file| Reader::open(BufReader::new(file)))
        .context(|| format!("cannot read the segment {}", file.display()))
}

fn head_of(file: &Path) -> Result<Head> {
    Ok(open(file)?.head().clone())
}

/// How many packets a segment holds, read to its end.
///
/// # Errors
/// When it cannot be read or is damaged.
pub fn packets(file: &Path) -> Result<u64> {
    let mut reader = open(file)?;
    let mut packets = 0;
    let what = || format!("cannot read the segment {}", file.display());
    while reader.next_packet().context(what)?.is_some() {
        packets += 1;
    }
    Ok(packets)
}

fn copy_segment(
    segment: &Segment,
    head: &Head,
    pipe: &mut Writer<impl Write>,
    packet: &mut Vec<u8>,
    interrupt: &Interrupt,
) -> Result<(), Fault> {
    let what = || format!("cannot read the segment {}", segment.file.display());
    let mut reader = open(&segment.file)?;
    let own = reader.head();
    let same = (&own.tag, own.width, own.height, &own.codec_data)
        == (&head.tag, head.width, head.height, &head.codec_data);
    if !same {
        let message = format!("{}: it was encoded in another way than the first", what());
        return Err(Error::failed(message)
            .hint("ffmpeg may have been changed meanwhile: begin anew with --restart")
            .into());
    }
    let from = own.time_base;
    while let Some(next) = reader.next_packet().context(what)? {
        interrupt.check()?;
        packet.resize(next.size, 0);
        reader.read(packet).context(what)?;
        let tick = segment.first_tick.saturating_add(ticks(next.pts, from, head.time_base));
        if next.side_data {
            nut::mend(packet).context(what)?;
        }
        pipe.copy(&PacketHead { pts: tick, ..next }, packet)?;
    }
    Ok(())
}

/// A time of a segment in ticks of the film, whose clock ticks slower, so nothing is lost.
fn ticks(pts: i64, from: (u32, u32), to: (u32, u32)) -> i64 {
    let up = i128::from(from.0) * i128::from(to.1);
    let down = (i128::from(from.1) * i128::from(to.0)).max(1);
    i64::try_from(i128::from(pts) * up / down).unwrap_or(i64::MAX)
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
    let mut reader = open(&segment.file)?;
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
    command.args(tool_options::QUIET).args(["-progress", "pipe:1", "-f", "nut", "-i"]);
    command.arg(process::file_url(file));
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
