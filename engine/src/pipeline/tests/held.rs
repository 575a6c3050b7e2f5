//! Work that is held makes no frames, loses none, and can be stopped.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::*;

const DEADLINE: Duration = Duration::from_secs(300);
/// More than can be on their way at a time.
const FRAMES: u32 = 30;
/// The frame at which the work is held.
const AT: u64 = 10;

fn wait_until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < DEADLINE, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Ends held work when a test fails, which would wait for it for ever.
struct Stop<'a>(&'a Interrupt);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.set();
    }
}

#[test]
fn a_film_that_was_held_has_the_same_frames() {
    let mut engine = engine(&Profile::default());
    let plain = Film::new(96, FRAMES);
    let unheld = Interrupt::new();
    plain.run(&mut engine, &mut Fake::honest(), &Watch::default(), &unheld).unwrap();

    let film = Film::new(96, FRAMES);
    let interrupt = Interrupt::new();
    let watch = Watch::default();
    let mut fake = Fake::honest();
    let (change, hold) = (Arc::clone(&fake.deed), interrupt.clone());
    let prepared = Arc::clone(&fake.prepared);
    fake.deed = Arc::new(move |frame| {
        if frame.index == AT {
            // Two frames more are ready and would be taken.
            let ready = AT + THREADS as u64 + 2;
            wait_until("nothing waits", || prepared.load(Ordering::SeqCst) >= ready);
            hold.hold();
        } else if frame.index > AT {
            wait_until("it is never held", || hold.held_for() > Duration::ZERO);
        }
        change(frame)
    });
    let applied = Arc::clone(&fake.applied);
    let begun = Instant::now();
    let (tell, told) = mpsc::channel();
    let (summary, held) = thread::scope(|scope| {
        let _stop = Stop(&interrupt);
        scope.spawn(|| drop(tell.send(film.run(&mut engine, &mut fake, &watch, &interrupt))));
        wait_until("it is never held", || interrupt.is_held());
        // What was begun is finished.
        thread::sleep(Duration::from_millis(300));
        let (settled, done) = (applied.load(Ordering::SeqCst), watch.done());
        assert!(told.recv_timeout(Duration::from_millis(1000)).is_err(), "it went on");
        assert_eq!(applied.load(Ordering::SeqCst), settled, "frames were made while held");
        assert_eq!(watch.done(), done, "frames were written while held");
        // The others each had one in their hands.
        assert!(settled <= AT + THREADS as u64, "{settled}");
        assert!(film.work().is_dir() && !film.request.output.exists());
        let held = interrupt.held_for();
        interrupt.release();
        (told.recv_timeout(DEADLINE).expect("it does not go on").unwrap(), held)
    });
    assert_eq!(summary.frames, u64::from(FRAMES));
    assert!(film.written() == plain.written(), "the frames differ");
    assert!(held > Duration::from_secs(1));
    // The time in which it was held is nobody's work.
    let least = (begun.elapsed() - held).as_secs_f64();
    assert!(summary.seconds < least, "{} s of {least}", summary.seconds);
    let busy = summary.stages.iter().map(|s| s.ms_per_frame * f64::from(FRAMES) / 1e3);
    assert!(busy.sum::<f64>() < summary.seconds * (3 + THREADS) as f64, "{:?}", summary.stages);
}

#[test]
fn held_at_the_end_it_gets_no_name_before_it_is_released() {
    let mut engine = engine(&Profile::default());
    let film = Film::new(96, 5);
    let interrupt = Interrupt::new();
    let hold = |done| {
        if done == 5 {
            interrupt.hold();
        }
    };
    let watch = Watch { at_progress: Some(&hold), ..Watch::default() };
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let _stop = Stop(&interrupt);
        scope.spawn(|| {
            drop(tell.send(film.run(&mut engine, &mut Fake::honest(), &watch, &interrupt)))
        });
        wait_until("it is never held", || interrupt.is_held());
        assert!(told.recv_timeout(Duration::from_millis(500)).is_err(), "it went on");
        assert!(!film.request.output.exists());
        assert!(!watch.heard().contains(&"publishing".to_owned()));
        interrupt.release();
        told.recv_timeout(DEADLINE).expect("it does not go on").unwrap();
    });
    assert_eq!(film.written().len(), 5);
}

#[test]
fn held_work_that_is_stopped_leaves_nothing() {
    let mut engine = engine(&Profile::default());
    let film = Film::new(96, FRAMES);
    let interrupt = Interrupt::new();
    let hold = |done| {
        if done == AT {
            interrupt.hold();
        }
    };
    let watch = Watch { at_progress: Some(&hold), ..Watch::default() };
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let _stop = Stop(&interrupt);
        scope.spawn(|| {
            drop(tell.send(film.run(&mut engine, &mut Fake::honest(), &watch, &interrupt)))
        });
        wait_until("it is never held", || interrupt.is_held());
        interrupt.set();
        let error = told.recv_timeout(DEADLINE).expect("it sleeps on").unwrap_err();
        assert_eq!(error.exit_code(), 130);
    });
    assert_eq!(watch.done(), AT);
    assert_eq!(film.clips.names(), ["in.mkv"]);
}
