//! Frames a second, smoothed: what happened lately counts more than what happened long ago.

use std::time::Duration;

/// After this long a change of pace shows by 63 %.
const MEMORY: f64 = 6.0;
/// Reports that follow each other faster are taken together.
const SHORTEST: f64 = 0.1;

/// An exponentially weighted rate over unevenly spaced reports.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// Time and count at the last step; the first report only sets it, so that work that was done
    /// before (a resumed job) is not taken for speed.
    last: Option<(f64, u64)>,
    /// Weighted frames and seconds; both fade alike, so that a young rate is not too low.
    frames: f64,
    seconds: f64,
}

impl Rate {
    /// At `now`, `done` frames were finished. A count that goes back starts anew.
    pub(super) fn see(&mut self, now: Duration, done: u64) {
        let now = now.as_secs_f64();
        let Some((then, before)) = self.last.filter(|&(_, before)| before <= done) else {
            *self = Rate { last: Some((now, done)), ..Rate::default() };
            return;
        };
        let passed = now - then;
        if passed < SHORTEST {
            return;
        }
        let fade = (-passed / MEMORY).exp();
        self.frames = self.frames * fade + (done - before) as f64;
        self.seconds = self.seconds * fade + passed;
        self.last = Some((now, done));
    }

    /// Frames a second; `None` until it can be told.
    pub(super) fn per_second(&self) -> Option<f64> {
        (self.seconds > 0.0).then(|| self.frames / self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports `fps` frames a second from `from` to `to`, every 40 ms; returns the count.
    fn run(rate: &mut Rate, from: f64, to: f64, fps: f64, before: u64) -> u64 {
        let mut done = before;
        let mut now = from;
        while now < to {
            done = before + ((now - from) * fps) as u64;
            rate.see(Duration::from_secs_f64(now), done);
            now += 0.04;
        }
        done
    }

    #[test]
    fn a_steady_pace_is_told_at_once_and_stays() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(), None);
        run(&mut rate, 0.0, 1.0, 25.0, 0);
        assert!((rate.per_second().unwrap() - 25.0).abs() < 2.0, "{rate:?}");
        let mut rate = Rate::default();
        run(&mut rate, 0.0, 60.0, 25.0, 0);
        assert!((rate.per_second().unwrap() - 25.0).abs() < 0.5, "{rate:?}");
    }

    #[test]
    fn a_change_of_pace_shows_within_a_few_memories() {
        let mut rate = Rate::default();
        let done = run(&mut rate, 0.0, 60.0, 50.0, 0);
        run(&mut rate, 60.0, 63.0, 10.0, done);
        let soon = rate.per_second().unwrap();
        assert!((20.0..45.0).contains(&soon), "neither at once nor never: {soon}");
        run(&mut rate, 63.0, 93.0, 10.0, done + 30);
        assert!((rate.per_second().unwrap() - 10.0).abs() < 1.0, "{rate:?}");
    }

    #[test]
    fn a_resumed_job_is_not_infinitely_fast() {
        let mut rate = Rate::default();
        run(&mut rate, 0.0, 5.0, 20.0, 100_000);
        assert!((rate.per_second().unwrap() - 20.0).abs() < 2.0, "{rate:?}");
    }

    #[test]
    fn going_back_starts_anew() {
        let mut rate = Rate::default();
        run(&mut rate, 0.0, 5.0, 20.0, 500);
        rate.see(Duration::from_secs(6), 10);
        assert_eq!(rate.per_second(), None);
    }
}
