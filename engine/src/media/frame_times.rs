//! When each frame of a film is shown, in order, without decoding any.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{BufRead, BufReader, Lines};
use std::process::{ChildStdout, Stdio};

use crate::error::{Context, Error, Result};
use crate::provision::FfmpegTools;

use super::info::VideoInfo;
use super::process::{self, Running};

/// Packets that may come before one that is shown earlier: no codec reorders over more.
const WINDOW: usize = 64;

/// The timestamps of a film's frames, the earliest first, in ticks of the film. Dropped, it ends
/// its ffprobe.
pub(super) struct FrameTimes {
    lines: Lines<BufReader<ChildStdout>>,
    early: BinaryHeap<Reverse<i64>>,
    running: Running,
    ended: bool,
}

impl FrameTimes {
    /// Begins to read the packets of a film.
    ///
    /// # Errors
    /// When ffprobe cannot be started.
    pub(super) fn of(tools: &FfmpegTools, video: &VideoInfo) -> Result<Self> {
        let mut command = process::command(&tools.ffprobe);
        command.args(["-hide_banner", "-loglevel", "error"]);
        command.args(process::PROTOCOLS).args(process::demuxer(&video.container));
        command.args(["-select_streams", &video.stream.to_string()]);
        command.args(["-show_entries", "packet=pts,flags", "-print_format", "csv=print_section=0"]);
        command.arg(process::file_url(&video.path)).stdout(Stdio::piped());
        let mut running = Running::start(command)?;
        let stdout = running
            .take_stdout()
            .ok_or_else(|| Error::failed(format!("cannot read {}", video.path.display())))?;
        let lines = BufReader::new(stdout).lines();
        Ok(FrameTimes { lines, early: BinaryHeap::with_capacity(WINDOW), running, ended: false })
    }

    /// The next packet that is shown; nothing at the end.
    fn packet(&mut self) -> Result<Option<i64>> {
        for line in self.lines.by_ref() {
            let line = line.context(|| "cannot read what ffprobe says".into())?;
            let (pts, flags) = line.split_once(',').unwrap_or((&line, ""));
            // Packets that an edit list hides are only there to be decoded.
            if let (Ok(pts), false) = (pts.parse(), flags.contains('D')) {
                return Ok(Some(pts));
            }
        }
        self.ended = true;
        let (status, words) = self.running.finish()?;
        if status.success() {
            return Ok(None);
        }
        Err(Error::failed(format!("ffprobe {}", process::ending(status))).because(words.text()))
    }
}

impl Iterator for FrameTimes {
    type Item = Result<i64>;

    fn next(&mut self) -> Option<Result<i64>> {
        while !self.ended && self.early.len() < WINDOW {
            match self.packet() {
                Ok(pts) => self.early.extend(pts.map(Reverse)),
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        self.early.pop().map(|Reverse(pts)| Ok(pts))
    }
}
