//! Encodes the picture of a video, one segment at a time: an ffmpeg that takes raw frames with their
//! timestamps from a pipe. [`super::mux`] joins the segments with everything else.

use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ExitStatus, Stdio};
use std::time::Duration;

use crate::error::{Context, Error, Result};
use crate::imaging::frame::{Frame, FrameFormat};
use crate::interrupt::Interrupt;
use crate::provision::FfmpegTools;

use super::clock::Clock;
use super::codec::{self, DEFAULT_QUALITY, LOSSLESS, PRESETS, VideoEncoder};
use super::container;
use super::decode::PATIENCE;
use super::encode_args;
pub use super::encode_args::Job;
use super::encode_pixels;
use super::info::VideoInfo;
use super::marks::Marks;
use super::nut::{Head, Writer};
use super::patient::Patient;
use super::pixel;
use super::process::{self, Running};
use super::streams::plan_streams;
use super::widen;

/// What the system says when a disk is full.
const FULL_DISK: &str = "No space left on device";

/// ffmpeg 5.1 exits with 0 although it could not write; these are its words then.
const WRITE_FAULTS: [&str; 4] =
    [FULL_DISK, "Error writing trailer", "Error closing file", "av_interleaved_write_frame()"];

/// How to encode.
#[derive(Debug, Clone)]
pub struct EncodeOptions {
    /// The encoder.
    pub encoder: VideoEncoder,
    /// 0..=100, 100 is lossless; see [`VideoEncoder::crf`].
    pub quality: u8,
    /// The encoder's own scale instead of `quality`: 0 is best.
    pub crf: Option<u8>,
    /// One of [`PRESETS`]; the encoder's usual when not given.
    pub preset: Option<String>,
    /// Leaves all sound out.
    pub skip_audio: bool,
    /// Threads of the encoder; it chooses when not given.
    pub threads: Option<usize>,
    /// How long ffmpeg may give no sign of life.
    pub patience: Duration,
}

impl EncodeOptions {
    /// The usual quality with this encoder.
    pub fn new(encoder: VideoEncoder) -> Self {
        EncodeOptions {
            encoder,
            quality: DEFAULT_QUALITY,
            crf: None,
            preset: None,
            skip_audio: false,
            threads: None,
            patience: PATIENCE,
        }
    }

    /// Whether not a bit may be lost.
    pub fn is_lossless(&self) -> bool {
        self.crf.is_none() && self.quality >= LOSSLESS
    }

    fn check(&self) -> Result<()> {
        if self.quality > LOSSLESS {
            return Err(Error::usage(format!("quality {} is not within 0 and 100", self.quality)));
        }
        if let Some(crf) = self.crf
            && crf > self.encoder.max_crf()
        {
            let most = self.encoder.max_crf();
            return Err(Error::usage(format!(
                "CRF {crf} is not within 0 and {most}, the range of {}",
                self.encoder
            )));
        }
        match &self.preset {
            Some(preset) if !PRESETS.contains(&preset.as_str()) => {
                Err(Error::usage(format!("unknown encoder preset '{preset}'"))
                    .hint(format!("the presets are: {}", PRESETS.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

/// Checks that these options can write this output, before any work is done. Returns what gets lost
/// on the way, in words for the user.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for an unknown extension, a pair of container and encoder that
/// cannot be, or an option out of its range; [`crate::error::Kind::Missing`] when this ffmpeg was
/// built without an encoder that is needed; [`crate::error::Kind::Provider`] when it needs a
/// graphics processor that is not here.
pub fn check(
    tools: &FfmpegTools,
    target: &VideoInfo,
    output: &Path,
    options: &EncodeOptions,
) -> Result<Vec<String>> {
    let job = plan(tools, target, output, options)?;
    options.encoder.prove(tools)?;
    Ok(job.streams.notes)
}

/// Decides everything about an output; as [`check`].
///
/// # Errors
/// As [`check`], but for graphics processors that are not here.
pub fn plan(
    tools: &FfmpegTools,
    target: &VideoInfo,
    output: &Path,
    options: &EncodeOptions,
) -> Result<Job> {
    options.check()?;
    let container = container::for_extension(output)?;
    container::check_pair(container, options.encoder)?;
    let mut streams = plan_streams(target, container, options.skip_audio);
    streams.check(tools)?;
    let mut available = options.encoder.pixel_formats(tools)?;
    if !container.holds_alpha() {
        available.retain(|name| !name.starts_with("yuva"));
    }
    let lossless = options.is_lossless();
    let pixels = encode_pixels::choose(options.encoder, &available, &target.format, lossless);
    if pixels.encoder != options.encoder.name() {
        codec::encoder_pixel_formats(tools, pixels.encoder)?;
    }
    let marks = Marks::of(target, options.encoder, &pixels);
    streams.notes.extend(pixels.losses.iter().chain(&marks.losses).cloned());
    Ok(Job { container, streams, pixels, marks })
}

/// What an encoder is started with.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The programs.
    pub tools: &'a FfmpegTools,
    /// The film whose frames come.
    pub target: &'a VideoInfo,
    /// What [`plan`] decided.
    pub job: &'a Job,
    /// How to encode.
    pub options: &'a EncodeOptions,
    /// The output, for messages.
    pub output: &'a Path,
}

/// A running encoder of one segment. Dropped, it ends its ffmpeg; the file is the caller's.
#[derive(Debug)]
pub struct SegmentEncoder {
    pub(super) running: Running,
    pub(super) pipe: Option<Writer<BufWriter<Patient<ChildStdin>>>>,
    file: PathBuf,
    output: PathBuf,
    format: FrameFormat,
    /// What frames are widened to, and where.
    widened: Option<(FrameFormat, Vec<u8>)>,
    written: u64,
    interrupt: Interrupt,
}

impl SegmentEncoder {
    /// Starts encoding frames of the target's format and size into a file; their timestamps are
    /// ticks of the clock.
    ///
    /// # Errors
    /// When ffmpeg cannot be started; when the user stopped the work.
    pub fn start(
        setting: &Setting<'_>,
        clock: &Clock,
        file: &Path,
        interrupt: Interrupt,
    ) -> Result<Self> {
        interrupt.check()?;
        let Setting { tools, target, job, options, output } = *setting;
        let mut command = process::command(&tools.ffmpeg);
        command
            .args(encode_args::build(tools, target, job, options, clock, file))
            .stdin(Stdio::piped());
        let mut running = Running::start(command)?;
        let stdin = running.take_stdin();
        let widened = job.pixels.widen.and_then(|to| widen::widened(&target.format, to));
        let format = widened.unwrap_or(target.format);
        let time_base = clock.time_base();
        let head = Head {
            time_base: (time_base.num, time_base.den),
            tag: pixel::tag(format.layout, format.depth),
            width: format.width,
            height: format.height,
            sample_aspect: target.sample_aspect_ratio.map_or((0, 0), |a| (a.num, a.den)),
            decode_delay: 0,
            codec_data: Vec::new(),
        };
        let mut encoder = SegmentEncoder {
            running,
            pipe: None,
            file: file.to_owned(),
            output: output.to_owned(),
            format: target.format,
            widened: widened.map(|format| (format, Vec::new())),
            written: 0,
            interrupt,
        };
        let started = stdin.map(|stdin| {
            let pipe = Patient::writing(stdin, options.patience, &encoder.interrupt)?;
            Writer::start(BufWriter::new(pipe), &head)
        });
        match started {
            Some(Ok(writer)) => encoder.pipe = Some(writer),
            Some(Err(cause)) => return Err(encoder.died(cause)),
            None => {}
        }
        Ok(encoder)
    }

    /// Hands one frame to the encoder, to be shown at this tick, at least 0 and later than those
    /// before it; waits while the encoder has enough to do.
    ///
    /// # Errors
    /// When the encoder has died (disk full, killed), naming the output and its last words; when
    /// the frame is not of the format that was agreed on; when the user stopped the work.
    pub fn write(&mut self, frame: &Frame, tick: i64) -> Result<()> {
        self.interrupt.check()?;
        if frame.format != self.format || frame.data.len() != self.format.frame_bytes() {
            return Err(Error::failed(format!(
                "cannot write {}: frame {} has another format than the video",
                self.output.display(),
                frame.index
            )));
        }
        let data = match &mut self.widened {
            Some((format, buffer)) => {
                widen::widen(frame, format, buffer);
                buffer.as_slice()
            }
            None => &frame.data,
        };
        let written = match &mut self.pipe {
            Some(pipe) => pipe.write(tick, data),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        };
        if let Err(cause) = written {
            return Err(self.died(cause));
        }
        self.written += 1;
        Ok(())
    }

    /// How many frames it was handed.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Ends the segment: waits for the encoder. The file is whole then, but not synced.
    ///
    /// # Errors
    /// When the encoder failed, naming the output and its last words; when the user stopped the
    /// work.
    pub fn finish(mut self) -> Result<()> {
        self.interrupt.check()?;
        if let Some(pipe) = self.pipe.take()
            && let Err(cause) = pipe.into_inner().into_inner()
        {
            return Err(self.died(cause.into_error()));
        }
        let (status, words) = self.running.finish_unless(&self.interrupt)?;
        let said = words.text();
        if !status.success() {
            return Err(self.ended(status, said));
        }
        if let Some(fault) = write_fault(&said) {
            return Err(self.failure(fault, said));
        }
        let size = std::fs::metadata(&self.file)
            .context(|| format!("cannot look at the written {}", self.output.display()))?
            .len();
        if self.written == 0 || size == 0 {
            return Err(self.failure("wrote nothing", said));
        }
        Ok(())
    }

    /// The reason why the pipe to the encoder broke.
    fn died(&mut self, cause: std::io::Error) -> Error {
        self.pipe = None;
        match cause.kind() {
            ErrorKind::ConnectionAborted => return Error::interrupted(),
            ErrorKind::TimedOut => {
                self.running.kill();
                let message = format!("writing {} has stalled", self.output.display());
                return Error::failed(message)
                    .because(format!("the encoder hangs: {cause}"))
                    .hint("look whether the disk that the output lies on answers");
            }
            _ => {}
        }
        match self.running.finish() {
            Ok((status, words)) if !status.success() => self.ended(status, words.text()),
            Ok((_, words)) => self.failure("ended too early", words.text()),
            Err(_) => {
                Error::failed(format!("cannot write {}", self.output.display())).because(cause)
            }
        }
    }

    fn ended(&self, status: ExitStatus, words: String) -> Error {
        let error = self.failure(&process::ending(status), words);
        match process::killed_hint(status) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn failure(&self, ending: &str, words: String) -> Error {
        let hint = hint_for(&words);
        Error::failed(format!(
            "cannot write {}: the encoder {ending} after {} frames",
            self.output.display(),
            self.written
        ))
        .because(words)
        .hint(hint)
    }
}

/// What of ffmpeg's last words says that it could not write although it ended well.
pub(super) fn write_fault(words: &str) -> Option<&'static str> {
    WRITE_FAULTS.iter().any(|fault| words.contains(fault)).then_some("could not write")
}

/// What to do when ffmpeg could not write, by its last words.
pub(super) fn hint_for(words: &str) -> &'static str {
    if words.contains(FULL_DISK) {
        "make room on the disk, or write the output to another one"
    } else {
        "what ffmpeg said may tell more; try another encoder or container"
    }
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
