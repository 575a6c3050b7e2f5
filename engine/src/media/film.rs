//! A whole video from its frames in one go, for those that are quickly made again.

use std::path::Path;

use tempfile::TempDir;

use crate::error::{Context, Error, Result};
use crate::imaging::frame::Frame;
use crate::interrupt::Interrupt;
use crate::provision::FfmpegTools;

use super::clock::Clock;
use super::encode::{self, EncodeOptions, Job, SegmentEncoder, Setting};
use super::info::VideoInfo;
use super::mux::{self, Segment};
use super::output::Whole;

/// Encodes a film that is one segment. Dropped before [`Encoder::finish`], it leaves nothing.
pub struct Encoder<'a> {
    // In this order they are dropped: first the process, then its file.
    pub(super) segment: SegmentEncoder,
    folder: TempDir,
    clock: Clock,
    /// Whether a frame has set the clock.
    begun: bool,
    tools: &'a FfmpegTools,
    target: &'a VideoInfo,
    output: &'a Path,
    options: &'a EncodeOptions,
    job: Job,
    interrupt: Interrupt,
}

/// The segment's name in its folder.
const SEGMENT: &str = "film.nut";

impl<'a> Encoder<'a> {
    /// Starts encoding frames of `target`'s format, size and rate.
    ///
    /// # Errors
    /// What [`encode::check`] finds; and when the folder of the output is missing or not writable,
    /// or ffmpeg cannot be started.
    pub fn start(
        tools: &'a FfmpegTools,
        target: &'a VideoInfo,
        output: &'a Path,
        options: &'a EncodeOptions,
        interrupt: Interrupt,
    ) -> Result<Self> {
        let job = encode::plan(tools, target, output, options)?;
        let beside = match output.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = tempfile::Builder::new().prefix(".facedeck-").tempdir_in(beside);
        let folder = folder.map_err(|e| {
            Error::usage(format!("cannot write {}", output.display()))
                .because(super::output::reason(&e))
                .hint(format!("check that you may write to {}", beside.display()))
        })?;
        let clock = Clock::new(target, job.container, target.start_pts);
        let setting = Setting { tools, target, job: &job, options, output };
        let file = folder.path().join(SEGMENT);
        let segment = SegmentEncoder::start(&setting, &clock, &file, interrupt.clone())?;
        let begun = false;
        Ok(Encoder {
            segment,
            folder,
            clock,
            begun,
            tools,
            target,
            output,
            options,
            job,
            interrupt,
        })
    }

    /// Hands one frame to the encoder; waits while it has enough to do.
    ///
    /// # Errors
    /// As [`SegmentEncoder::write`].
    pub fn write(&mut self, frame: &Frame) -> Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            self.clock = Clock::new(self.target, self.job.container, frame.pts);
        }
        let tick = self.clock.tick(frame.pts);
        self.segment.write(frame, tick)
    }

    /// Ends the film and syncs the file, which has no name yet.
    ///
    /// # Errors
    /// As [`SegmentEncoder::finish`] and [`mux::join`]; nothing is left behind then.
    pub fn finish(self) -> Result<Whole> {
        let Encoder {
            segment, folder, clock, tools, target, output, options, job, interrupt, ..
        } = self;
        segment.finish()?;
        let setting = Setting { tools, target, job: &job, options, output };
        let only = Segment { file: folder.path().join(SEGMENT), first_tick: 0 };
        let mut only = std::iter::once(Ok(only));
        let beside = folder.path().parent().unwrap_or(Path::new("."));
        let whole = mux::join(&setting, &clock, &mut only, beside, &|_| {}, &interrupt)?;
        folder.close().context(|| format!("cannot clean up beside {}", output.display()))?;
        Ok(whole)
    }
}
