//! What a job did, in numbers.

use serde::Serialize;

/// How long one stage was busy.
#[derive(Debug, Clone, Serialize)]
pub struct StageTime {
    /// Its name.
    pub stage: &'static str,
    /// Busy milliseconds a frame (all its threads together).
    pub ms_per_frame: f64,
    /// Threads that work in it.
    pub threads: usize,
}

/// How busy one stage is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageShare {
    /// Its name.
    pub stage: &'static str,
    /// Its share of the time, 0 to 1; over all its threads, so that 1 is all of them all the time.
    pub busy: f64,
}

/// The result of a job.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The file that was written.
    pub output: String,
    /// Frames written.
    pub frames: u64,
    /// Of these, those that an earlier run had made.
    pub frames_before: u64,
    /// Frames in which a face was swapped.
    pub frames_with_swap: u64,
    /// Frames without one, as ranges from the first to the last; at most 200 ranges.
    pub frames_without_swap: Vec<[u64; 2]>,
    /// Faces swapped, over all frames.
    pub faces_swapped: u64,
    /// Frames that the content filter looked at.
    pub frames_screened: u64,
    /// Wall-clock seconds from the first frame to the finished file, without those in which the work
    /// was held.
    pub seconds: f64,
    /// Processor seconds of facedeck itself, and of the ffmpegs it ran; other jobs that the same
    /// process works on at the time are counted too.
    pub cpu_seconds: (f64, f64),
    /// Peak memory of the facedeck process in bytes.
    pub peak_memory: u64,
    /// Where the time went.
    pub stages: Vec<StageTime>,
}

impl Summary {
    /// Frames a second, end to end, of those that were made now.
    pub fn fps(&self) -> f64 {
        self.frames.saturating_sub(self.frames_before) as f64 / self.seconds.max(1e-9)
    }
}
