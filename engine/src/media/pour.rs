//! Packets of an output's segments, one after the other, into an ffmpeg.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Context, Error, Result};
use crate::interrupt::Interrupt;

use super::clock::Clock;
use super::encode::{self, Setting};
use super::nut::{self, Head, PacketHead, Reader, Writer};
use super::patient::Patient;
use super::process::{self, Running};

/// An encoded segment.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its file.
    pub file: PathBuf,
    /// The tick of its first frame, on the clock of the film.
    pub first_tick: i64,
}

/// The first frame is among the first so many packets.
const REORDERED: usize = 64;

/// The picture of an output, in segments. It can be poured more than once.
pub(super) struct Picture<'a> {
    pub setting: &'a Setting<'a>,
    pub segments: Vec<Segment>,
    /// The time of its first frame in the packets, in ticks of the film's clock: where frames lean
    /// on later ones, ffmpeg shifts them, since NUT knows no times below 0.
    pub begins: i64,
    head: Head,
    interrupt: &'a Interrupt,
}

impl<'a> Picture<'a> {
    /// Of these segments, in their order.
    ///
    /// # Errors
    /// When there are none, or the first cannot be read; when the user stopped the work.
    pub(super) fn of(
        setting: &'a Setting<'a>,
        clock: &Clock,
        segments: &mut dyn Iterator<Item = Result<Segment>>,
        interrupt: &'a Interrupt,
    ) -> Result<Self> {
        interrupt.check()?;
        let segments = segments.collect::<Result<Vec<_>>>()?;
        let first = segments.first().ok_or_else(|| Error::failed("there is nothing to join"))?;
        let time_base = clock.time_base();
        let mut reader = open(&first.file)?;
        let from = reader.head().time_base;
        let head = Head { time_base: (time_base.num, time_base.den), ..reader.head().clone() };
        let what = || format!("cannot read the segment {}", first.file.display());
        let mut earliest = i64::MAX;
        // A group of frames that lean on each other is shorter, whatever the encoder.
        for _ in 0..REORDERED {
            let Some(packet) = reader.next_packet().context(what)? else { break };
            earliest = earliest.min(packet.pts);
        }
        let begins = if earliest == i64::MAX { 0 } else { ticks(earliest, from, head.time_base) };
        Ok(Picture { setting, segments, begins, head, interrupt })
    }

    /// Runs ffmpeg with these arguments, in `folder` where one is given, and the packets on its
    /// standard input. `who` does what it does, for messages. Returns the last frame's tick.
    ///
    /// # Errors
    /// When a segment cannot be read or is another film's; when ffmpeg fails, naming the output and
    /// its last words; when the user stops the work.
    pub(super) fn pour(
        &self,
        args: Vec<OsString>,
        folder: Option<&Path>,
        who: &str,
    ) -> Result<i64> {
        let Setting { tools, output, options, .. } = *self.setting;
        let mut command = match folder {
            None => process::command(&tools.ffmpeg),
            Some(folder) => within(folder, &tools.ffmpeg)?,
        };
        command.args(args).stdin(Stdio::piped());
        let mut running = Running::start(command)?;
        let stdin = running.take_stdin();
        let mut last = 0;
        let copy = || -> Result<(), Fault> {
            let pipe = stdin.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
            let pipe = Patient::writing(pipe, options.patience, self.interrupt)?;
            let mut pipe = Writer::start(BufWriter::new(pipe), &self.head)?;
            let fps = self.setting.target.fps;
            pipe.rate((fps.num, fps.den))?;
            let mut packet = Vec::new();
            for segment in &self.segments {
                last = last.max(self.copy(segment, &mut pipe, &mut packet)?);
            }
            pipe.into_inner().into_inner().map(drop).map_err(|e| Fault::Pipe(e.into_error()))
        };
        let copied = copy();
        let failed = copied.is_err();
        match copied {
            Err(Fault::Own(error)) => return Err(error),
            Err(Fault::Pipe(cause)) if cause.kind() == io::ErrorKind::TimedOut => {
                return Err(Error::failed(format!("writing {} has stalled", output.display()))
                    .because(format!("{who} hangs: {cause}"))
                    .hint("look whether the disks of the target and of the output answer"));
            }
            _ => {}
        }
        let (status, words) = running.finish_unless(self.interrupt)?;
        let said = words.text();
        let failure = |ending: &str| {
            let hint = encode::hint_for(&said);
            Error::failed(format!("cannot write {}: {who} {ending}", output.display()))
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
        Ok(last)
    }

    /// Copies a segment; returns the tick of the frame that is shown last.
    fn copy(
        &self,
        segment: &Segment,
        pipe: &mut Writer<impl Write>,
        packet: &mut Vec<u8>,
    ) -> Result<i64, Fault> {
        let what = || format!("cannot read the segment {}", segment.file.display());
        let mut reader = open(&segment.file)?;
        let (own, head) = (reader.head(), &self.head);
        let same = (&own.tag, own.width, own.height, &own.codec_data)
            == (&head.tag, head.width, head.height, &head.codec_data);
        if !same {
            let message = format!("{}: it was encoded in another way than the first", what());
            return Err(Error::failed(message)
                .hint("ffmpeg may have been changed meanwhile: begin anew with --restart")
                .into());
        }
        let from = own.time_base;
        let mut last = segment.first_tick;
        while let Some(next) = reader.next_packet().context(what)? {
            self.interrupt.check()?;
            packet.resize(next.size, 0);
            reader.read(packet).context(what)?;
            let tick = segment.first_tick.saturating_add(ticks(next.pts, from, head.time_base));
            if next.side_data {
                nut::mend(packet).context(what)?;
            }
            pipe.copy(&PacketHead { pts: tick, ..next }, packet)?;
            last = last.max(tick);
        }
        Ok(last)
    }
}

/// A time of a segment in ticks of the film, whose clock ticks slower, so nothing is lost.
pub(super) fn ticks(pts: i64, from: (u32, u32), to: (u32, u32)) -> i64 {
    let up = i128::from(from.0) * i128::from(to.1);
    let down = (i128::from(from.1) * i128::from(to.0)).max(1);
    i64::try_from(i128::from(pts) * up / down).unwrap_or(i64::MAX)
}

/// ffmpeg, to be run in a folder.
fn within(folder: &Path, ffmpeg: &Path) -> Result<Command> {
    // A path is taken from where facedeck runs.
    let ffmpeg = match ffmpeg.components().count() {
        0 | 1 => ffmpeg.to_owned(),
        _ => std::path::absolute(ffmpeg).context(|| "cannot find the current folder".into())?,
    };
    let mut command = process::command(&ffmpeg);
    command.current_dir(folder);
    Ok(command)
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

pub(super) fn open(file: &Path) -> Result<Reader<BufReader<File>>> {
    File::open(file)
        .and_then(|file| Reader::open(BufReader::new(file)))
        .context(|| format!("cannot read the segment {}", file.display()))
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
