//! The output's timestamps: those of the film's frames, on a clock that the encoder understands.

use super::container::Container;
use super::info::{Rational, VideoInfo};

/// Ticks a second that an even film's clock has at least: what deviates from the grid of its frames
/// keeps its time to 20 µs.
const FINE: u32 = 50_000;

/// A clock faster than this, in ticks a second, is no use to anybody and too much for MP4.
const FASTEST: u32 = 10_000_000;

/// Timestamps this near to the grid of an even film are meant to be on it, in seconds: containers
/// round them to their own ticks.
const ROUNDED: f64 = 0.001;

/// Turns the timestamps of frames into ticks of the output, from 0 at the first frame.
#[derive(Debug, Clone)]
pub struct Clock {
    from: Rational,
    origin: i64,
    to: Rational,
    /// Ticks from one frame of an even film to the next.
    per_frame: Option<i64>,
    last: Option<i64>,
}

impl Clock {
    /// The clock of a film in this container; its first frame has the timestamp `origin`, in ticks
    /// of the film.
    pub fn new(film: &VideoInfo, container: Container, origin: i64) -> Self {
        let (from, fps) = (film.time_base, film.fps);
        let (to, per_frame) = if container == Container::Avi {
            // It has no timestamps: its clock ticks once a frame.
            (fps.inverse(), Some(1))
        } else if film.variable_rate {
            let slow = from.den / from.num.max(1) <= FASTEST;
            (if slow { from } else { Rational::new(1, 1_000_000) }, None)
        } else {
            // Parts of a second, and not of a frame: MP4's clock has no other, and would tick a
            // thousand times as fast for rates over 1001.
            let faster = FINE.div_ceil(fps.num.max(1));
            match fps.num.checked_mul(faster).filter(|ticks| *ticks <= FASTEST) {
                Some(ticks) => {
                    let per_frame = i64::from(fps.den) * i64::from(faster);
                    (Rational { num: 1, den: ticks }, Some(per_frame))
                }
                None => (fps.inverse(), Some(1)),
            }
        };
        Clock { from, origin, to, per_frame, last: None }
    }

    /// Goes on after a frame that was shown at this tick.
    #[must_use]
    pub fn after(self, last: i64) -> Self {
        Clock { last: Some(last), ..self }
    }

    /// The timestamp of the first frame in ticks of the film, in seconds.
    pub fn origin_seconds(&self) -> f64 {
        self.origin as f64 * self.from.as_f64()
    }

    /// Seconds a tick.
    pub fn time_base(&self) -> Rational {
        self.to
    }

    /// The tick at which a frame is shown: later than all before it.
    pub fn tick(&mut self, pts: i64) -> i64 {
        let since = i128::from(pts) - i128::from(self.origin);
        let (from, to) = (self.from, self.to);
        let num = since * i128::from(from.num) * i128::from(to.den);
        let den = i128::from(from.den) * i128::from(to.num);
        let exact = i64::try_from(round(num, den)).unwrap_or(i64::MAX / 4);
        let near = match self.per_frame {
            None => exact,
            Some(step) => {
                let grid = (exact + step / 2).div_euclid(step) * step;
                let off = (exact - grid).unsigned_abs() as f64 * to.as_f64();
                let rounded = ROUNDED.max(from.as_f64() / 2.0);
                if step == 1 || off <= rounded { grid } else { exact }
            }
        };
        let tick = self.last.map_or(near.max(0), |last| near.max(last + 1));
        self.last = Some(tick);
        tick
    }
}

/// The nearest whole number to a fraction whose denominator is above 0.
fn round(num: i128, den: i128) -> i128 {
    (2 * num + den).div_euclid(2 * den)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(time_base: (u32, u32), fps: (u32, u32), uneven: bool) -> Clock {
        let film = VideoInfo {
            time_base: Rational { num: time_base.0, den: time_base.1 },
            fps: Rational { num: fps.0, den: fps.1 },
            variable_rate: uneven,
            ..VideoInfo::for_tests()
        };
        Clock::new(&film, Container::Mkv, 100)
    }

    #[test]
    fn rounded_times_of_an_even_film_are_even_again() {
        // 23.976 frames a second in Matroska's milliseconds.
        let mut clock = clock((1, 1000), (24000, 1001), false);
        let ticks: Vec<i64> = (0..500)
            .map(|i| clock.tick(100 + (f64::from(i) * 1001.0 / 24.0).round() as i64))
            .collect();
        let step = ticks[1];
        assert!(ticks.iter().enumerate().all(|(i, tick)| *tick == step * i as i64), "{ticks:?}");
        let seconds = step as f64 * clock.time_base().as_f64();
        assert!((seconds - 1001.0 / 24000.0).abs() < 1e-12, "{seconds}");
    }

    #[test]
    fn the_clock_of_an_even_film_is_one_that_mp4_has() {
        for (fps, ticks, per_frame) in [
            ((25, 1), 50_000, 2000),
            ((24_000, 1001), 72_000, 3003),
            ((60_000, 1001), 60_000, 1001),
            ((25, 2), 50_000, 4000),
        ] {
            let mut clock = clock((1, 90_000), fps, false);
            assert_eq!(clock.time_base(), Rational { num: 1, den: ticks });
            let frame = (90_000.0 * f64::from(fps.1) / f64::from(fps.0)).round() as i64;
            assert_eq!([clock.tick(100), clock.tick(100 + frame)], [0, per_frame]);
        }
    }

    #[test]
    fn a_gap_in_an_even_film_stays_where_it_was() {
        let mut clock = clock((1, 12800), (25, 1), false);
        let times = [0, 512, 1024, 3072, 3700, 4096];
        let ticks: Vec<f64> =
            times.iter().map(|t| clock.tick(100 + t) as f64 * clock.time_base().as_f64()).collect();
        for (tick, time) in ticks.iter().zip(times) {
            assert!((tick - f64::from(time as u32) / 12800.0).abs() < 2e-5, "{ticks:?}");
        }
    }

    #[test]
    fn uneven_times_stay_as_they_are() {
        let mut clock = clock((1, 90_000), (30, 1), true);
        assert_eq!(
            [0, 1, 4501, 4502, 91_234].map(|t| clock.tick(100 + t)),
            [0, 1, 4501, 4502, 91_234]
        );
        assert_eq!(clock.time_base(), Rational { num: 1, den: 90_000 });
    }

    #[test]
    fn no_frame_is_shown_at_the_time_of_another_or_before_it() {
        let mut clock = clock((1, 1000), (25, 1), true);
        assert_eq!([0, 40, 40, 20, 80].map(|t| clock.tick(100 + t)), [0, 40, 41, 42, 80]);
        assert_eq!(clock.clone().after(200).tick(120), 201);
    }
}
