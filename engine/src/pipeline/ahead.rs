//! A target that is looked into while networks load.

use std::thread::{self, JoinHandle};

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::media::decode::Decoder;
use crate::provision::FfmpegTools;

use super::request::Request;
use super::target::{self, Target};
use super::video;

/// A target that is being looked into.
pub struct Ahead(JoinHandle<Result<Opened>>);

/// A target that was looked into.
pub(super) struct Opened {
    pub target: Target,
    /// A decoder at the beginning of a film of which nothing is done yet.
    pub decoder: Option<Decoder>,
}

impl Ahead {
    /// Begins to look into the target of this job, which was checked, on a thread of its own: ffprobe
    /// and ffmpeg take their time to start.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn of(request: &Request, tools: &FfmpegTools, interrupt: &Interrupt) -> Result<Ahead> {
        let (request, tools, interrupt) = (request.clone(), tools.clone(), interrupt.clone());
        let look = move || open(&request, &tools, &interrupt);
        let thread = thread::Builder::new().name("open".into()).spawn(look);
        thread.map(Ahead).map_err(|e| Error::failed("cannot start a thread").because(e))
    }

    /// What was found.
    ///
    /// # Errors
    /// As [`open`].
    pub(super) fn wait(self) -> Result<Opened> {
        self.0.join().unwrap_or_else(|_| Err(Error::failed("looking into the target broke")))
    }
}

/// Looks into the target of a job, and begins to decode a film.
///
/// # Errors
/// When the target is no picture or video, or the output's kind does not fit; when ffmpeg cannot be
/// started.
pub(super) fn open(
    request: &Request,
    tools: &FfmpegTools,
    interrupt: &Interrupt,
) -> Result<Opened> {
    let target = target::open(request, tools)?;
    let decoder = match &target {
        Target::Video { info, options, .. } => {
            video::decode_early(request, info, options, tools, interrupt)?
        }
        Target::Still(_) => None,
    };
    Ok(Opened { target, decoder })
}
