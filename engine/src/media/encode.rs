//! Encodes a video: one ffmpeg that takes raw frames from a pipe and everything else from the
//! target, and writes a file that gets its name only when it is whole.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ExitStatus, Stdio};

use crate::error::{Context, Error, Result};
use crate::imaging::frame::{Frame, FrameFormat};
use crate::interrupt::Interrupt;
use crate::provision::FfmpegTools;

use super::codec::{self, DEFAULT_QUALITY, LOSSLESS, PRESETS, VideoEncoder};
use super::container;
use super::encode_args::{self, Job};
use super::encode_pixels;
use super::info::VideoInfo;
use super::output::{Pending, Whole};
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

/// A running encoder. Dropped before [`Encoder::finish`], it ends its ffmpeg and removes what was
/// written.
#[derive(Debug)]
pub struct Encoder {
    // In this order they are dropped: first the process, then the file.
    running: Running,
    stdin: Option<ChildStdin>,
    pending: Pending,
    output: PathBuf,
    format: FrameFormat,
    widened: Option<Vec<u8>>,
    written: u64,
    interrupt: Interrupt,
}

/// Checks that these options can write this output, before any work is done.
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
) -> Result<()> {
    plan(tools, target, output, options)?;
    options.encoder.prove(tools)
}

fn plan(
    tools: &FfmpegTools,
    target: &VideoInfo,
    output: &Path,
    options: &EncodeOptions,
) -> Result<Job> {
    options.check()?;
    let container = container::for_extension(output)?;
    container::check_pair(container, options.encoder)?;
    let streams = plan_streams(target, container, options.skip_audio);
    streams.check(tools)?;
    let available = options.encoder.pixel_formats(tools)?;
    let lossless = options.is_lossless();
    let pixels = encode_pixels::choose(options.encoder, &available, &target.format, lossless);
    if pixels.encoder != options.encoder.name() {
        codec::encoder_pixel_formats(tools, pixels.encoder)?;
    }
    Ok(Job { container, streams, pixels })
}

impl Encoder {
    /// Starts encoding frames of `target`'s format, size and rate.
    ///
    /// # Errors
    /// What [`check`] finds; and when the folder of the output is missing or not writable, or
    /// ffmpeg cannot be started.
    pub fn start(
        tools: &FfmpegTools,
        target: &VideoInfo,
        output: &Path,
        options: &EncodeOptions,
        interrupt: Interrupt,
    ) -> Result<Self> {
        interrupt.check()?;
        let job = plan(tools, target, output, options)?;
        let pending = Pending::beside(output)?;
        let mut command = process::command(&tools.ffmpeg);
        command
            .args(encode_args::build(tools, target, &job, options, pending.path()))
            .stdin(Stdio::piped());
        let mut running = Running::start(command)?;
        let stdin = running.take_stdin();
        Ok(Encoder {
            running,
            stdin,
            pending,
            output: output.to_owned(),
            format: target.format,
            widened: job.pixels.widen.then(Vec::new),
            written: 0,
            interrupt,
        })
    }

    /// The hidden file that is written.
    pub fn hidden(&self) -> &Path {
        self.pending.path()
    }

    /// Hands one frame to the encoder; waits while it has enough to do.
    ///
    /// # Errors
    /// When the encoder has died (disk full, killed), naming the output and its last words; when
    /// the frame is not of the format that was agreed on; when the user stopped the work.
    pub fn write(&mut self, frame: &Frame) -> Result<()> {
        self.interrupt.check()?;
        if frame.format != self.format || frame.data.len() != self.format.frame_bytes() {
            return Err(Error::failed(format!(
                "cannot write {}: frame {} has another format than the video",
                self.output.display(),
                frame.index
            )));
        }
        let data = match &mut self.widened {
            Some(buffer) => {
                widen::widen(frame, buffer);
                buffer.as_slice()
            }
            None => &frame.data,
        };
        let written = match &mut self.stdin {
            Some(stdin) => stdin.write_all(data),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        };
        if let Err(cause) = written {
            return Err(self.died(cause));
        }
        self.written += 1;
        Ok(())
    }

    /// Ends the film: waits for the encoder and syncs the file, which has no name yet.
    ///
    /// # Errors
    /// When the encoder failed, naming the output and its last words; when the user stopped the
    /// work. Nothing is left behind then.
    pub fn finish(mut self) -> Result<Whole> {
        self.interrupt.check()?;
        self.stdin = None;
        let (status, words) = self.running.finish_unless(&self.interrupt)?;
        let said = words.text();
        if !status.success() {
            return Err(self.ended(status, said));
        }
        if WRITE_FAULTS.iter().any(|fault| said.contains(fault)) {
            return Err(self.failure("could not write", said));
        }
        let size = std::fs::metadata(self.pending.path())
            .context(|| format!("cannot look at the written {}", self.output.display()))?
            .len();
        if self.written == 0 || size == 0 {
            return Err(self.failure("wrote nothing", said));
        }
        self.pending.sync()
    }

    /// The reason why the pipe to the encoder broke.
    fn died(&mut self, cause: std::io::Error) -> Error {
        self.stdin = None;
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
        let hint = if words.contains(FULL_DISK) {
            "make room on the disk, or write the output to another one"
        } else {
            "what ffmpeg said may tell more; try another encoder or container"
        };
        Error::failed(format!(
            "cannot write {}: the encoder {ending} after {} frames",
            self.output.display(),
            self.written
        ))
        .because(words)
        .hint(hint)
    }
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
