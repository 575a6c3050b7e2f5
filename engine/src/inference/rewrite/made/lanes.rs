//! How many sessions of a network are worth running side by side.
//!
//! Threads that share one run wait for each other at the end of every layer, and for those among them
//! that ffmpeg keeps from the processor. Sessions that do a run each, on fewer threads, do not; they
//! hold what is between the layers once more, though, and share the caches.

use std::thread;
use std::time::{Duration, Instant};

use super::Made;
use super::example::Example;
use crate::error::{Error, Result};
use crate::inference::session::Session;
use crate::inference::settings::Settings;

/// Twice as many may take this much of the time: where they are as fast with nothing beside them, they
/// are faster beside ffmpeg.
const WORTH: f64 = 1.02;
/// More than so many would take more memory than their speed is worth.
const MOST: usize = 4;
/// So often each of them runs, after one run that does not count.
const ROUNDS: u32 = 3;

/// How many do most on these threads together.
///
/// # Errors
/// When the network cannot be loaded or run.
pub(super) fn measure(model: &str, made: &Made, settings: &Settings) -> Result<usize> {
    let first = Session::of_made(model, made, settings)?;
    let (Some(example), Some(beside)) = (Example::of(&first), first.beside()) else {
        return Ok(1);
    };
    let mut lanes = vec![first];
    let (mut best, mut least) = (1, time(&mut lanes, &example)?);
    while best * 2 <= settings.threads.min(MOST) {
        let count = best * 2;
        lanes.truncate(1);
        for _ in 1..count {
            lanes.push(beside.another(count)?);
        }
        let took = time(&mut lanes, &example)?;
        tracing::debug!(count, ?took, alone = ?least, "sessions of {model} side by side");
        if took.as_secs_f64() > WORTH * least.as_secs_f64() {
            break;
        }
        (best, least) = (count, took);
    }
    Ok(best)
}

/// The time that a run takes when all of them run at once, divided by their number.
fn time(lanes: &mut [Session], example: &Example) -> Result<Duration> {
    for session in &mut *lanes {
        session.run_inputs(&example.inputs())?;
    }
    let runs = ROUNDS * lanes.len() as u32;
    let start = Instant::now();
    thread::scope(|scope| {
        let run = |session: &mut Session| -> Result<()> {
            (0..ROUNDS).try_for_each(|_| session.run_inputs(&example.inputs()).map(drop))
        };
        let running: Vec<_> =
            lanes.iter_mut().map(|session| scope.spawn(move || run(session))).collect();
        let broke = || Error::failed("a run of the network broke");
        running.into_iter().try_for_each(|one| one.join().map_err(|_| broke())?)
    })?;
    Ok(start.elapsed() / runs)
}
