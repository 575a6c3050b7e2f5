//! Measures what a job costs: busy time of stages, processor time, peak memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::interrupt::Interrupt;

/// Adds up the busy time of one stage over its threads.
#[derive(Default)]
pub struct Busy(AtomicU64);

impl Busy {
    /// Runs something and counts its time.
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        let nanos = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanos, Ordering::Relaxed);
        result
    }

    /// The time so far.
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// What a job takes, from its start on.
pub struct Clock<'a> {
    interrupt: &'a Interrupt,
    start: Instant,
    held: Duration,
    cpu: (f64, f64),
}

impl<'a> Clock<'a> {
    /// Starts it for work that this interrupt holds and stops.
    pub fn start(interrupt: &'a Interrupt) -> Self {
        let held = interrupt.held_for();
        Clock { interrupt, start: Instant::now(), held, cpu: cpu_seconds() }
    }

    /// Wall-clock seconds, without the time in which the work was held.
    pub fn seconds(&self) -> f64 {
        let held = self.interrupt.held_for().saturating_sub(self.held);
        self.start.elapsed().saturating_sub(held).as_secs_f64()
    }

    /// Processor seconds of this process and of its finished children.
    pub fn cpu_seconds(&self) -> (f64, f64) {
        let now = cpu_seconds();
        (now.0 - self.cpu.0, now.1 - self.cpu.1)
    }
}

/// Processor seconds so far: of this process, and of its finished children.
fn cpu_seconds() -> (f64, f64) {
    (usage(libc::RUSAGE_SELF).0, usage(libc::RUSAGE_CHILDREN).0)
}

/// The most memory this process ever held, in bytes.
pub fn peak_memory() -> u64 {
    own_peak().unwrap_or_else(|| usage(libc::RUSAGE_SELF).1)
}

/// Linux's count for this program alone: what getrusage says begins with the memory of whoever
/// started it.
fn own_peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Processor seconds and peak resident bytes.
fn usage(who: libc::c_int) -> (f64, u64) {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage writes a whole rusage into the valid, aligned place it is given; all-zero
    // bytes are a valid rusage should it fail.
    #[allow(unsafe_code)]
    let usage = unsafe {
        libc::getrusage(who, usage.as_mut_ptr());
        usage.assume_init()
    };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let peak = u64::try_from(usage.ru_maxrss).unwrap_or(0) * unit;
    (seconds(usage.ru_utime) + seconds(usage.ru_stime), peak)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_which_the_work_was_held_does_not_count() {
        let interrupt = Interrupt::new();
        interrupt.hold();
        std::thread::sleep(Duration::from_millis(50));
        let clock = Clock::start(&interrupt);
        std::thread::sleep(Duration::from_millis(200));
        assert!(clock.seconds() < 0.1, "{}", clock.seconds());
        interrupt.release();
        std::thread::sleep(Duration::from_millis(20));
        assert!(clock.seconds() >= 0.02, "{}", clock.seconds());
    }

    #[test]
    fn the_peak_is_of_this_size_and_grows() {
        let before = peak_memory();
        assert!(before > 1 << 20);
        let held = std::hint::black_box(vec![1u8; before as usize + (64 << 20)]);
        assert!(peak_memory() > before + (32 << 20), "{} bytes were held", held.len());
    }
}
