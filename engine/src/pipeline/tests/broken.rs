//! Stages that fail or break: their job ends with an error, and nothing else does.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::error::Error;

use super::*;

/// Longer than there are buffers, so that everybody waits for a frame that is lost.
const FRAMES: u32 = 24;
/// The frame that fails.
const BAD: u64 = 5;

/// Breaks while it prepares a frame.
struct Brittle;

impl Processor for Brittle {
    fn name(&self) -> &'static str {
        "brittle"
    }

    fn prepare(&mut self, frame: &Frame, _: &[Chosen]) -> Result<Box<dyn Work>> {
        assert!(frame.index < BAD, "frame {BAD} is brittle");
        let work = FakeWork(Arc::new(|_| Ok(1)), Arc::default());
        Ok(Box::new(work))
    }
}

/// The error of a job that must come to its end.
fn error_of(job: impl FnOnce() -> Result<Summary> + Send) -> Error {
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || drop(tell.send(job())));
        let result = told.recv_timeout(Duration::from_secs(300));
        // A job that hangs would hang the test as well.
        let Ok(result) = result else { std::process::abort() };
        result.unwrap_err()
    })
}

#[test]
fn a_stage_that_breaks_fails_its_job_and_the_engine_serves_the_next() {
    let mut engine = engine(&Profile::default());
    let film = Film::new(96, FRAMES);
    let interrupt = Interrupt::new();
    let watch = Watch::default();

    let mut breaks = Fake::new(|frame| {
        assert!(frame.index != BAD, "boom at {}", frame.index);
        Ok(1)
    });
    let error = error_of(|| film.run(&mut engine, &mut breaks, &watch, &interrupt));
    assert_eq!(error.message(), "the process stage broke: boom at 5");
    assert!(error.exit_code() == 1 && error.hint_text().is_some());
    assert_eq!(film.clips.names(), ["in.mkv"]);

    let error = error_of(|| film.run(&mut engine, &mut Brittle, &watch, &interrupt));
    assert_eq!(error.message(), "the analyze stage broke: frame 5 is brittle");
    assert_eq!(film.clips.names(), ["in.mkv"]);

    let complain = |done| assert!(done < BAD, "the observer fell over");
    let clumsy = Watch { at_progress: Some(&complain), ..Watch::default() };
    let error = error_of(|| film.run(&mut engine, &mut Fake::honest(), &clumsy, &interrupt));
    assert_eq!(error.message(), "the encode stage broke: the observer fell over");
    assert_eq!(film.clips.names(), ["in.mkv"]);

    let summary = film.run(&mut engine, &mut Fake::honest(), &watch, &interrupt).unwrap();
    assert_eq!(summary.frames, u64::from(FRAMES));
}

#[test]
fn one_worker_that_fails_ends_the_job() {
    let mut engine = engine(&Profile::default());
    let film = Film::new(96, FRAMES);
    let mut fails = Fake::new(|frame| match frame.index {
        BAD => Err(Error::failed("no memory for frame 5")),
        _ => Ok(1),
    });
    let interrupt = Interrupt::new();
    let error = error_of(|| film.run(&mut engine, &mut fails, &Watch::default(), &interrupt));
    assert_eq!(error.message(), "no memory for frame 5");
    assert_eq!(film.clips.names(), ["in.mkv"]);
}
