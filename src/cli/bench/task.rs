//! What the process that measures is told, and what it tells.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::profiles::Profile;

/// One job that is measured, in a process of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Task {
    /// The photo of who is put in.
    pub source: PathBuf,
    /// The clip.
    pub target: PathBuf,
    /// Where the result goes.
    pub output: PathBuf,
    /// How it is done.
    pub profile: Profile,
    /// The home whose models are used; the user's own when not given.
    pub home: Option<PathBuf>,
    /// The catalog id of the network whose bare runs are measured, too.
    pub network: Option<String>,
}

/// One line of what the process tells on standard output.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Told {
    /// The first frame is swapped and with the encoder.
    First,
    /// The output is whole.
    Done,
    /// All is measured.
    Measured(Measured),
}

/// What one job took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Measured {
    /// Frames of the output.
    pub frames: u64,
    /// Frames with a face.
    pub frames_with_swap: u64,
    /// Wall-clock seconds from the first frame to the finished file.
    pub seconds: f64,
    /// Processor seconds of facedeck itself in them.
    pub own_cpu: f64,
    /// Processor seconds of its ffmpegs.
    pub ffmpeg_cpu: f64,
    /// The most memory that facedeck held, in bytes.
    pub peak_memory: u64,
    /// Bytes that facedeck and its ffmpegs wrote to disks; nothing where the system does not count.
    pub written: Option<u64>,
    /// Size of the output in bytes.
    pub output: u64,
    /// Decode, analyze, process, encode.
    pub stages: Vec<Stage>,
    /// The provider on which the network ran.
    pub provider: String,
    /// Milliseconds of a bare run of the network.
    pub bare_ms: Option<f64>,
}

/// How long one stage was busy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stage {
    /// Its name.
    pub name: String,
    /// Busy milliseconds a frame, all its threads together.
    pub ms_per_frame: f64,
    /// Its threads.
    pub threads: usize,
}

impl Measured {
    /// The share of the time, 0 to 1, that each stage was busy, over all its threads.
    pub fn shares(&self) -> Vec<f64> {
        let all = self.seconds.max(1e-9) * 1e3;
        let busy = |stage: &Stage| stage.ms_per_frame * self.frames as f64;
        let share = |stage: &Stage| (busy(stage) / (all * stage.threads.max(1) as f64)).min(1.0);
        self.stages.iter().map(share).collect()
    }
}
