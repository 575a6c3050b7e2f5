//! How much memory a job takes, and how it is cut to fit under `--max-memory`.
//!
//! Everything that grows is known before the work begins: the models, the frames that are on their
//! way, and what a thread needs for one frame. The constants are upper bounds of what was measured
//! at 720p and 1080p with the embedded networks, InSwapper and buffalo_l (x86-64 Linux, glibc).

use crate::error::{Error, Result};

/// The program, ONNX Runtime and the embedded networks, in bytes.
const FIXED: u64 = 190 << 20;

/// What a thread needs to work on one frame, in frames.
const THREAD_FRAMES: u64 = 16;

/// What a network holds, in percent of its file: its graph and its weights packed for the processor
/// while it is loaded, what its layers pass on when it runs, and the runtime's reserve.
const LOADING: u64 = 220;

/// Stages beside those that process: each holds one frame, and the last one also the frame before.
const STAGES: u64 = 4;

/// Frames that may wait between two stages.
const WAITING: usize = 2;

/// How a video is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Threads that process frames.
    pub threads: usize,
    /// Frames that may wait between two stages.
    pub waiting: usize,
}

impl Plan {
    /// Frame buffers that go round: every stage holds at most what it works on.
    pub fn buffers(&self) -> usize {
        STAGES as usize + self.threads + 3 * self.waiting
    }

    /// The most that the job will take, in bytes, with frames and models of this many bytes.
    pub fn bytes(&self, frame: u64, models: u64) -> u64 {
        let frames = self.buffers() as u64 + self.threads as u64 * THREAD_FRAMES;
        FIXED + models * LOADING / 100 + frames * frame
    }

    /// The plan with this many threads, or as many as fit under `most` bytes.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] that names the least that would work.
    pub fn within(most: Option<u64>, threads: usize, frame: u64, models: u64) -> Result<Self> {
        let threads = threads.max(1);
        let Some(most) = most else { return Ok(Plan { threads, waiting: WAITING }) };
        (1..=threads)
            .rev()
            .flat_map(|threads| [WAITING, 1].map(|waiting| Plan { threads, waiting }))
            .find(|plan| plan.bytes(frame, models) <= most)
            .ok_or_else(|| {
                let least = Plan { threads: 1, waiting: 1 }.bytes(frame, models);
                Error::usage(format!(
                    "this job does not fit in {} of memory: its models and frames need {}",
                    gigabytes(most),
                    gigabytes(least)
                ))
                .hint(format!("give at least --max-memory {}", round_up(least)))
            })
    }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.2} GB", bytes as f64 / 1e9)
}

/// Gigabytes with two digits that are surely enough.
fn round_up(bytes: u64) -> f64 {
    (bytes as f64 / 1e7).ceil() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of a 1080p frame with chroma at half size.
    const FRAME: u64 = 1920 * 1080 * 3 / 2;

    #[test]
    fn without_a_limit_every_thread_works() {
        let plan = Plan::within(None, 8, FRAME, 0).unwrap();
        assert_eq!((plan.threads, plan.waiting, plan.buffers()), (8, 2, 18));
    }

    #[test]
    fn a_limit_takes_threads_away_until_the_job_fits() {
        let most = 500_000_000;
        let plan = Plan::within(Some(most), 16, FRAME, 0).unwrap();
        assert!(plan.threads < 16 && plan.threads > 1, "{plan:?}");
        assert!(plan.bytes(FRAME, 0) <= most);
        let more = Plan { threads: plan.threads + 1, waiting: 1 };
        assert!(more.bytes(FRAME, 0) > most);
    }

    #[test]
    fn what_cannot_fit_names_the_least_and_the_least_works() {
        let error = Plan::within(Some(100_000_000), 4, FRAME, 554_253_681).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let hint = error.hint_text().unwrap();
        let least: f64 = hint.rsplit(' ').next().unwrap().parse().unwrap();
        let within = |most: f64| Plan::within(Some(most as u64), 4, FRAME, 554_253_681);
        let plan = within(least * 1e9).unwrap();
        assert_eq!(plan.threads, 1);
        assert!(plan.bytes(FRAME, 554_253_681) as f64 <= least * 1e9);
        // It is rounded up by 10 MB at most.
        assert!(within((least - 0.011) * 1e9).is_err());
    }
}
