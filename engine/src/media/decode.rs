//! Decodes a video: whole frames out of a pipe, in the file's own pixel format, with their
//! timestamps.

use std::ffi::OsString;
use std::io::{BufReader, ErrorKind};
use std::path::PathBuf;
use std::process::{ChildStdout, Stdio};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::imaging::frame::{Frame, FrameFormat};
use crate::interrupt::Interrupt;
use crate::provision::FfmpegTools;

use super::frame_at::Seek;
use super::info::{Rational, VideoInfo};
use super::nut::Reader;
use super::patient::Patient;
use super::pixel;
use super::process::{self, Running};
use super::sequence::Pictures;
use super::tool_options;

pub use super::frame_at::read_frame_at;

/// A file that counts its frames may deliver this many fewer: the first pictures of a film that was
/// cut out of a longer one often cannot be decoded.
const LOST_FRAMES: u64 = 3;

/// … or this part of them, whichever is more.
const LOST_PART: u64 = 50;

/// Seconds by which timestamps are later in the pipe than in the file: there they may not be below
/// 0, and files that were cut may begin that long before.
const AHEAD: f64 = 10_000.0;

/// How long a child that gives no sign of life is waited for, unless the user says otherwise: a disk
/// that was asleep, or a network that comes back, takes less.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A frame of a film by its timestamp, which is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Its number.
    pub index: u64,
    /// Its timestamp in ticks of the film.
    pub pts: i64,
    /// The timestamp of the film's first frame.
    pub origin: i64,
}

/// What to decode.
#[derive(Debug, Clone)]
pub struct DecodeOptions {
    /// Threads of the decoder; it chooses when not given.
    pub threads: Option<usize>,
    /// The first frame to deliver.
    pub start: u64,
    /// The same by its timestamp, which is found wherever it lies; `start` does not count then.
    pub place: Option<Place>,
    /// How many frames to deliver; all when not given.
    pub count: Option<u64>,
    /// How long ffmpeg may give no sign of life.
    pub patience: Duration,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        DecodeOptions { threads: None, start: 0, place: None, count: None, patience: PATIENCE }
    }
}

/// A running decoder. Dropped, it ends its ffmpeg.
///
/// Frames come as they are in the file, each once, with the timestamps that they have there, unless
/// the film is to be resampled. Of a film that was cut only the part comes, and its first frame has
/// the number 0. Rotation that the file asks for is applied.
pub struct Decoder {
    path: PathBuf,
    format: FrameFormat,
    time_base: Rational,
    /// The timestamp of the film's first frame, once it is known.
    origin: Option<i64>,
    /// The number in the film of the frame that has the number 0 here.
    begins_at: u64,
    /// Nothing for pictures, which are read here.
    running: Option<Running>,
    pipe: Pipe,
    next: u64,
    delivered: u64,
    /// How many frames the whole file must have, where it counts them and all are asked for.
    promised: Option<u64>,
    interrupt: Interrupt,
}

type Source = Patient<ChildStdout>;

/// The frames on their way.
enum Pipe {
    /// Nothing was read yet.
    Fresh(Option<Source>),
    /// The headers were read.
    Open(Box<Reader<BufReader<Source>>>),
    /// Pictures, which come from no pipe.
    Pictures(Pictures),
    /// It has ended.
    Closed,
}

impl Decoder {
    /// Starts decoding.
    ///
    /// # Errors
    /// When ffmpeg cannot be started. That it cannot decode the file shows in [`Decoder::next`].
    pub fn open(
        tools: &FfmpegTools,
        video: &VideoInfo,
        options: &DecodeOptions,
        interrupt: Interrupt,
    ) -> Result<Self> {
        interrupt.check()?;
        let place = options.place;
        let (running, pipe) = if let Some(pictures) = &video.sequence {
            let begins = video.span.as_ref().and_then(|span| span.from).unwrap_or(0);
            let first = place.map_or(begins, |place| place.pts).max(0).unsigned_abs();
            let first = if place.is_some() { first } else { first + options.start };
            (None, Pipe::Pictures(Pictures::of(pictures, video, first, options.count)))
        } else {
            let mut command = process::command(&tools.ffmpeg);
            command.args(arguments(tools, video, options)).stdout(Stdio::piped());
            let mut running = Running::start(command)?;
            let stdout = running.take_stdout();
            let pipe = stdout.map(|pipe| Patient::reading(pipe, options.patience, &interrupt));
            (Some(running), Pipe::Fresh(pipe))
        };
        let counted = options.start == 0 && place.is_none() && options.count.is_none();
        let first = place.map_or(options.start, |place| place.index);
        let origin = match place {
            Some(place) => Some(place.origin),
            // Frames that are sought by their number have the times of a seek, not of the file.
            None => (options.start > 0).then_some(video.start_pts),
        };
        Ok(Decoder {
            path: video.path.clone(),
            format: video.format,
            time_base: video.time_base,
            begins_at: video.begins_at().0,
            origin,
            running,
            pipe,
            next: first,
            delivered: 0,
            promised: video.frame_count.filter(|_| counted && video.frame_count_exact),
            interrupt,
        })
    }

    /// The next frame, in `buffer`, which is best one that a frame was in before; nothing at the
    /// end of the film.
    ///
    /// Single damaged pictures are no error: ffmpeg conceals them, as players do. A file that ends
    /// before its time is one: ffmpeg failed or was killed, a frame is incomplete, a demuxer said
    /// that the file is cut short, or clearly fewer frames came than the container counts.
    ///
    /// # Errors
    /// The above, naming the file and the last good frame; and when the user stopped the work.
    pub fn next(&mut self, mut buffer: Vec<u8>) -> Result<Option<Frame>> {
        self.interrupt.check()?;
        if let Pipe::Fresh(stdout) = &mut self.pipe {
            let Some(stdout) = stdout.take() else { return Ok(None) };
            match Reader::open(BufReader::new(stdout)) {
                Ok(reader) => {
                    if reader.head().tag != pixel::tag(self.format.layout, self.format.depth) {
                        return Err(self.strange("frames in another pixel format"));
                    }
                    self.pipe = Pipe::Open(Box::new(reader));
                }
                Err(e) if e.kind() == ErrorKind::UnexpectedEof => {
                    self.end(false)?;
                    return Ok(None);
                }
                Err(e) => return self.broken(&e),
            }
        }
        let (reader, reader_base) = match &mut self.pipe {
            Pipe::Open(reader) => {
                let time_base = reader.head().time_base;
                (reader, time_base)
            }
            Pipe::Pictures(pictures) => {
                let frame = pictures.next()?;
                return Ok(frame.map(|frame| self.number(frame)));
            }
            _ => return Ok(None),
        };
        let head = match reader.next_packet() {
            Ok(Some(head)) => head,
            Ok(None) => {
                self.end(false)?;
                return Ok(None);
            }
            Err(e) => return self.broken(&e),
        };
        if head.size != self.format.frame_bytes() {
            return Err(self.strange("frames of another size"));
        }
        // Not cleared first: a reused buffer is overwritten, not zeroed.
        buffer.resize(head.size, 0);
        if let Err(e) = reader.read(&mut buffer) {
            return self.broken(&e);
        }
        let pts = in_ticks(head.pts, reader_base, self.time_base) - ahead(self.time_base);
        let frame = Frame { format: self.format, data: buffer, index: 0, pts, time: 0.0 };
        Ok(Some(self.number(frame)))
    }

    /// Gives a frame its number, and its time from the first one on.
    fn number(&mut self, frame: Frame) -> Frame {
        let origin = *self.origin.get_or_insert(frame.pts);
        let index = self.next;
        self.next += 1;
        self.delivered += 1;
        let time = (frame.pts - origin) as f64 * self.time_base.as_f64();
        Frame { index, time, ..frame }
    }

    /// The number of the frame that comes next.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// The number that a frame has in the film.
    fn in_film(&self, index: u64) -> u64 {
        self.begins_at.saturating_add(index)
    }

    /// The timestamp of the film's first frame; nothing before one was decoded.
    pub fn origin(&self) -> Option<i64> {
        self.origin
    }

    /// The pipe ended within a frame, or what came through it is none.
    fn broken(&mut self, error: &std::io::Error) -> Result<Option<Frame>> {
        match error.kind() {
            ErrorKind::UnexpectedEof => self.end(true)?,
            ErrorKind::ConnectionAborted => self.interrupt.check()?,
            ErrorKind::TimedOut => return Err(self.stalled(error)),
            _ => {}
        }
        Err(self.strange(&error.to_string()))
    }

    fn kill(&mut self) {
        if let Some(running) = &mut self.running {
            running.kill();
        }
    }

    /// ffmpeg hangs.
    fn stalled(&mut self, error: &std::io::Error) -> Error {
        self.pipe = Pipe::Closed;
        self.kill();
        let message = format!(
            "decoding {} has stalled at frame {}",
            self.path.display(),
            self.in_film(self.next)
        );
        Error::failed(message)
            .because(format!("ffmpeg hangs: {error}"))
            .hint("look whether the disk or the network that the file lies on answers")
    }

    /// ffmpeg sends what it was not asked for.
    fn strange(&mut self, what: &str) -> Error {
        self.pipe = Pipe::Closed;
        self.kill();
        Error::failed(format!("cannot decode {}: ffmpeg sends {what}", self.path.display()))
            .hint("this version of ffmpeg may not fit; see what facedeck doctor says of it")
    }

    /// Decides whether the end is the end of the film.
    fn end(&mut self, partial: bool) -> Result<()> {
        // Closed first, so that ffmpeg cannot wait for a reader.
        self.pipe = Pipe::Closed;
        let Some(running) = &mut self.running else { return Ok(()) };
        let (status, words) = running.finish()?;
        self.interrupt.check()?;
        let hint = process::killed_hint(status)
            .unwrap_or("the file may be damaged or cut short; get it again or repair it first");
        let fault = |reason: String| {
            let good = match self.next.checked_sub(1) {
                Some(last) if self.delivered > 0 => {
                    format!("the last good frame is {}", self.in_film(last))
                }
                _ => "no frame could be decoded".to_owned(),
            };
            Err(Error::failed(format!("cannot decode {}: {reason} ({good})", self.path.display()))
                .because(words.text())
                .hint(hint))
        };
        if !status.success() {
            return fault(format!("ffmpeg {}", process::ending(status)));
        }
        if partial {
            return fault("ffmpeg ended within a frame".into());
        }
        if words.truncated {
            return fault("the file is cut short".into());
        }
        if let Some(promised) = self.promised
            && self.delivered + LOST_FRAMES.max(promised / LOST_PART) < promised
        {
            return fault(format!(
                "only {} of its {promised} frames could be decoded",
                self.delivered
            ));
        }
        if self.delivered == 0 && self.promised.is_some() {
            return fault("it holds no frames".into());
        }
        Ok(())
    }
}

/// A timestamp of the pipe in ticks of the film. ffmpeg writes with a clock that ticks a whole number
/// of times as fast, so nothing is lost.
fn in_ticks(pts: i64, (num, den): (u32, u32), to: Rational) -> i64 {
    let scaled = i128::from(pts) * i128::from(num) * i128::from(to.den);
    let ticks = scaled.div_euclid(i128::from(den) * i128::from(to.num.max(1)));
    i64::try_from(ticks).unwrap_or(i64::MAX / 4)
}

/// Ticks by which timestamps are later in the pipe.
fn ahead(time_base: Rational) -> i64 {
    (AHEAD / time_base.as_f64()).round() as i64
}

fn arguments(tools: &FfmpegTools, video: &VideoInfo, options: &DecodeOptions) -> Vec<OsString> {
    let span = video.span.as_ref();
    let begins = span.and_then(|span| Some(span.from? - span.slack));
    let seek = match (options.place, begins) {
        (Some(place), _) => Seek::to_place(video, place),
        (None, Some(pts)) if options.start == 0 => {
            Seek::to_place(video, Place { index: 0, pts, origin: pts })
        }
        _ => Seek::to(video, options.start),
    };
    let mut args: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&tool_options::QUIET);
    if let Some(threads) = options.threads {
        add(&["-threads", &threads.to_string()]);
    }
    if let Some(seconds) = seek.input {
        add(&["-ss", &format!("{seconds:.6}")]);
    }
    if seek.own_times {
        add(&["-copyts"]);
    }
    add(&process::PROTOCOLS);
    add(process::demuxer(&video.container));
    if let Some(decoder) = video.decoder {
        add(&["-c:v", decoder]);
    }
    add(&["-i"]);
    args.push(process::file_url(&video.path));
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&["-map", &format!("0:{}", video.stream), "-map_chapters", "-1"]);
    let mut filters = seek.filters;
    if let Some((span, until)) = span.and_then(|span| Some((span, span.until?))) {
        // ffmpeg reads no further then.
        filters.push(format!("trim=end_pts={}", until - span.slack));
    }
    filters.push(format!("setpts=PTS+{}", ahead(video.time_base)));
    add(&["-vf", &filters.join(",")]);
    if let Some(count) = options.count {
        add(&["-frames:v", &count.to_string()]);
    }
    add(&tool_options::passthrough(&tools.version));
    // Each frame keeps its own tick: the encoder's clock would be the frame rate.
    add(&["-enc_time_base", &video.time_base.to_string()]);
    add(&["-c:v", "rawvideo", "-pix_fmt", &video.pix_fmt, "-f", "nut", "pipe:1"]);
    args
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
