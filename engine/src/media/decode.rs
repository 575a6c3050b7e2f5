//! Decodes a video: whole frames out of a pipe, in the file's own pixel format.

use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::process::{ChildStdout, Stdio};

use crate::error::{Context, Error, Result};
use crate::imaging::frame::{Frame, FrameFormat};
use crate::interrupt::Interrupt;
use crate::provision::FfmpegTools;

use super::frame_at::Seek;
use super::info::{Rational, VideoInfo};
use super::process::{self, Running};
use super::tool_options;

pub use super::frame_at::read_frame_at;

/// A file that counts its frames may deliver this many fewer: the first pictures of a film that was
/// cut out of a longer one often cannot be decoded.
const LOST_FRAMES: u64 = 3;

/// … or this part of them, whichever is more.
const LOST_PART: u64 = 50;

/// What to decode.
#[derive(Debug, Clone, Default)]
pub struct DecodeOptions {
    /// Threads of the decoder; it chooses when not given.
    pub threads: Option<usize>,
    /// The first frame to deliver.
    pub start: u64,
    /// How many frames to deliver; all when not given.
    pub count: Option<u64>,
}

/// A running decoder. Dropped, it ends its ffmpeg.
///
/// Evenly spaced frames come as they are in the file, each once, whatever their timestamps say;
/// unevenly spaced ones are repeated or left out so that they fit `fps` and sound stays in step.
/// Rotation that the file asks for is applied.
#[derive(Debug)]
pub struct Decoder {
    path: PathBuf,
    format: FrameFormat,
    fps: Rational,
    running: Running,
    stdout: Option<ChildStdout>,
    next: u64,
    delivered: u64,
    /// How many frames the whole file must have, where it counts them and all are asked for.
    promised: Option<u64>,
    interrupt: Interrupt,
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
        let mut command = process::command(&tools.ffmpeg);
        command.args(arguments(tools, video, options)).stdout(Stdio::piped());
        let mut running = Running::start(command)?;
        let stdout = running.take_stdout();
        let whole = options.start == 0 && options.count.is_none();
        Ok(Decoder {
            path: video.path.clone(),
            format: video.format,
            fps: video.fps,
            running,
            stdout,
            next: options.start,
            delivered: 0,
            promised: video.frame_count.filter(|_| whole && video.frame_count_exact),
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
        let Some(stdout) = &mut self.stdout else { return Ok(None) };
        let wanted = self.format.frame_bytes();
        // Not cleared first: a reused buffer is overwritten, not zeroed.
        buffer.resize(wanted, 0);
        let path = &self.path;
        let got = fill(stdout, &mut buffer)
            .context(|| format!("cannot read the decoded {}", path.display()))?;
        if got < wanted {
            self.end(got > 0)?;
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        self.delivered += 1;
        let time = index as f64 * f64::from(self.fps.den) / f64::from(self.fps.num);
        Ok(Some(Frame { format: self.format, data: buffer, index, time }))
    }

    /// Decides whether the end is the end of the film.
    fn end(&mut self, partial: bool) -> Result<()> {
        // Closed first, so that ffmpeg cannot wait for a reader.
        self.stdout = None;
        let (status, words) = self.running.finish()?;
        self.interrupt.check()?;
        let hint = process::killed_hint(status)
            .unwrap_or("the file may be damaged or cut short; get it again or repair it first");
        let fault = |reason: String| {
            let good = match self.next.checked_sub(1) {
                Some(last) if self.delivered > 0 => format!("the last good frame is {last}"),
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

/// Reads until the buffer is full or the pipe has ended.
fn fill(pipe: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match pipe.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

fn arguments(tools: &FfmpegTools, video: &VideoInfo, options: &DecodeOptions) -> Vec<OsString> {
    let seek = Seek::to(video, options.start);
    let mut args: Vec<OsString> = Vec::new();
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&tool_options::QUIET);
    if let Some(threads) = options.threads {
        add(&["-threads", &threads.to_string()]);
    }
    if let Some(seconds) = seek.input {
        add(&["-ss", &format!("{seconds:.6}")]);
    }
    add(&process::PROTOCOLS);
    add(process::demuxer(&video.container));
    add(&["-i"]);
    args.push(process::file_url(&video.path));
    let mut add = |words: &[&str]| args.extend(words.iter().map(OsString::from));
    add(&["-map", &format!("0:{}", video.stream)]);
    if !seek.filters.is_empty() {
        add(&["-vf", &seek.filters.join(",")]);
    }
    if let Some(count) = options.count {
        add(&["-frames:v", &count.to_string()]);
    }
    add(&tool_options::passthrough(&tools.version));
    add(&["-pix_fmt", &video.pix_fmt, "-f", "rawvideo", "pipe:1"]);
    args
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
