//! One flag that says "stop" and one that says "wait", looked at by every loop that takes long.
//!
//! Stopping is asked for by Ctrl-C, SIGTERM or the program itself, holding by the program alone.
//! Who looks while the work is held sleeps until it goes on or is stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Context, Error, Result};

/// A signal handler may do nothing but set the flag, so it wakes nobody who waits: they look
/// themselves, this often.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A shared flag to stop or hold work; cheap to clone, and the clones are one.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    /// Apart from the rest, because signal handlers set it.
    stop: Arc<AtomicBool>,
    /// Whether the work is held, to be seen without a lock.
    held: AtomicBool,
    hold: Mutex<Hold>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Hold {
    /// When the hold that lasts began.
    since: Option<Instant>,
    /// How long those lasted that are over.
    over: Duration,
}

impl Interrupt {
    /// A flag that only the program itself sets.
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag that SIGINT, SIGTERM and SIGHUP set. A second SIGINT ends the process at once.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn on_signals() -> Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let flag = Self::new();
        let stop = &flag.0.stop;
        let install = || -> std::io::Result<()> {
            // Order matters: the shutdown looks at the flag that the line below it sets.
            signal_hook::flag::register_conditional_shutdown(SIGINT, 130, Arc::clone(stop))?;
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                signal_hook::flag::register(signal, Arc::clone(stop))?;
            }
            Ok(())
        };
        install().context(|| "cannot install the signal handlers".into())?;
        Ok(flag)
    }

    /// Asks everybody to stop, those who wait because the work is held as well.
    pub fn set(&self) {
        // Under the lock: who has just looked and is about to sleep must not miss the call.
        let _hold = self.hold_state();
        self.0.stop.store(true, Ordering::SeqCst);
        self.0.changed.notify_all();
    }

    /// Whether somebody asked to stop.
    pub fn is_set(&self) -> bool {
        self.0.stop.load(Ordering::SeqCst)
    }

    /// Holds the work: everybody waits at their next [`Interrupt::check`].
    pub fn hold(&self) {
        let mut hold = self.hold_state();
        hold.since.get_or_insert_with(Instant::now);
        self.0.held.store(true, Ordering::SeqCst);
    }

    /// Lets held work go on.
    pub fn release(&self) {
        let mut hold = self.hold_state();
        if let Some(since) = hold.since.take() {
            hold.over += since.elapsed();
        }
        self.0.held.store(false, Ordering::SeqCst);
        self.0.changed.notify_all();
    }

    /// Whether the work is held.
    pub fn is_held(&self) -> bool {
        self.0.held.load(Ordering::SeqCst)
    }

    /// How long the work was held so far, all in all.
    pub fn held_for(&self) -> Duration {
        let hold = self.hold_state();
        hold.over + hold.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Waits while the work is held; an error when somebody asked to stop.
    ///
    /// # Errors
    /// [`Error::interrupted`] when the flag is set.
    pub fn check(&self) -> Result<()> {
        if self.is_held() {
            self.wait();
        }
        if self.is_set() { Err(Error::interrupted()) } else { Ok(()) }
    }

    /// Sleeps until the work goes on or is to stop.
    fn wait(&self) {
        let mut hold = self.hold_state();
        while hold.since.is_some() && !self.is_set() {
            let woken = self.0.changed.wait_timeout(hold, LOOK_EVERY);
            hold = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn hold_state(&self) -> MutexGuard<'_, Hold> {
        self.0.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    /// Long enough for anything that is not held to have happened.
    const A_WHILE: Duration = Duration::from_millis(150);
    const DEADLINE: Duration = Duration::from_secs(10);

    /// Looks once, in a thread of its own; tells what came of it.
    fn look(interrupt: &Interrupt) -> mpsc::Receiver<Result<()>> {
        let (tell, told) = mpsc::channel();
        let interrupt = interrupt.clone();
        thread::spawn(move || tell.send(interrupt.check()));
        told
    }

    #[test]
    fn held_work_waits_and_goes_on_when_released() {
        let interrupt = Interrupt::new();
        interrupt.check().unwrap();
        interrupt.hold();
        interrupt.hold();
        assert!(interrupt.is_held() && !interrupt.is_set());
        let looks = [look(&interrupt), look(&interrupt.clone())];
        assert!(looks[0].recv_timeout(A_WHILE).is_err(), "it did not wait");
        assert!(looks[1].try_recv().is_err(), "it did not wait");
        interrupt.release();
        assert!(!interrupt.is_held());
        for told in looks {
            told.recv_timeout(DEADLINE).expect("it sleeps on").unwrap();
        }
        interrupt.check().unwrap();
    }

    #[test]
    fn held_work_wakes_when_it_is_to_stop() {
        let interrupt = Interrupt::new();
        interrupt.hold();
        let told = look(&interrupt);
        assert!(told.recv_timeout(A_WHILE).is_err(), "it did not wait");
        interrupt.set();
        let error = told.recv_timeout(DEADLINE).expect("it sleeps on").unwrap_err();
        assert_eq!(error.exit_code(), 130);
        // Stopped is stopped, held or not.
        assert!(interrupt.is_held() && interrupt.check().is_err());
        interrupt.release();
        assert!(interrupt.check().is_err());
    }

    #[test]
    fn a_signal_that_can_wake_nobody_is_seen_too() {
        let interrupt = Interrupt::new();
        interrupt.hold();
        let told = look(&interrupt);
        assert!(told.recv_timeout(A_WHILE).is_err(), "it did not wait");
        // All that a signal handler does.
        interrupt.0.stop.store(true, Ordering::SeqCst);
        assert!(told.recv_timeout(DEADLINE).expect("it sleeps on").is_err());
    }

    #[test]
    fn the_time_of_every_hold_is_counted_once() {
        let interrupt = Interrupt::new();
        assert_eq!(interrupt.held_for(), Duration::ZERO);
        interrupt.hold();
        thread::sleep(Duration::from_millis(20));
        let during = interrupt.held_for();
        assert!(during >= Duration::from_millis(20));
        interrupt.release();
        let first = interrupt.held_for();
        assert!(first >= during);
        thread::sleep(Duration::from_millis(5));
        interrupt.release();
        assert_eq!(interrupt.held_for(), first);
        interrupt.hold();
        thread::sleep(Duration::from_millis(5));
        assert!(interrupt.held_for() >= first + Duration::from_millis(5));
    }
}
