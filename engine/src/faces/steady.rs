//! Five points steadied over time without lag, where no mesh does it.
//!
//! A detector's points tremble by a part of a percent of the face from frame to frame, and a swapped
//! face that is aligned by them trembles with them. Each point is expected where it was heading;
//! what is seen elsewhere pulls it there, the harder the farther: small differences are noise and
//! are averaged, large ones are motion and pass at once (the idea of the One-Euro filter: Casiez,
//! Roussel, Vogel, 2012, around an alpha-beta filter, which does not lag behind steady motion).

use serde::{Deserialize, Serialize};

use crate::imaging::similarity::Point;

use super::smooth::gain;

/// Cut-off of points that are where they are expected, in Hz.
const MIN_CUTOFF: f32 = 2.0;
/// How much the cut-off grows with what is seen elsewhere, in Hz per face width per second.
const BETA: f32 = 40.0;

/// The filter's memory for one face.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Steady {
    points: [Point; 5],
    /// Pixels per second.
    speed: [Point; 5],
}

impl Steady {
    /// Starts at these points.
    pub fn new(points: &[Point; 5]) -> Self {
        Steady { points: *points, speed: [[0.0; 2]; 5] }
    }

    /// Takes the next frame's points, `dt` seconds later, of a face so many pixels wide, and returns
    /// them steadied.
    pub fn next(&mut self, seen: &[Point; 5], width: f32, dt: f32) -> [Point; 5] {
        let expected: [Point; 5] = std::array::from_fn(|i| {
            std::array::from_fn(|c| self.points[i][c] + self.speed[i][c] * dt)
        });
        let away = |i: usize| -> Point { std::array::from_fn(|c| seen[i][c] - expected[i][c]) };
        // One for all: they are points of one head, whose shape must not be bent.
        let mean = (0..5).map(|i| away(i)[0].hypot(away(i)[1])).sum::<f32>() / 5.0;
        let alpha = gain(MIN_CUTOFF + BETA * mean / (width.max(1.0) * dt), dt);
        // Critically damped: what is expected does not swing.
        let beta = alpha * alpha / (2.0 - alpha);
        for i in 0..5 {
            let away = away(i);
            for c in 0..2 {
                self.points[i][c] = expected[i][c] + alpha * away[c];
                self.speed[i][c] += beta * away[c] / dt;
            }
        }
        self.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: [Point; 5] = [[40.0, 50.0], [70.0, 50.0], [55.0, 65.0], [43.0, 82.0], [67.0, 82.0]];
    const WIDTH: f32 = 80.0;
    const DT: f32 = 0.04;

    fn moved(dx: f32, dy: f32) -> [Point; 5] {
        FACE.map(|[x, y]| [x + dx, y + dy])
    }

    /// A fixed pseudo-random number in −.5..=.5.
    fn noise(seed: usize) -> f32 {
        let x = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
        (x.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }

    /// How far the points are from where they are in truth, on average, in pixels.
    fn error(points: &[Point; 5], truth: &[Point; 5]) -> f32 {
        points.iter().zip(truth).map(|(p, t)| (p[0] - t[0]).hypot(p[1] - t[1])).sum::<f32>() / 5.0
    }

    #[test]
    fn noise_on_a_still_face_shrinks() {
        let mut steady = Steady::new(&FACE);
        let (mut before, mut after) = (0.0, 0.0);
        for frame in 0..100 {
            // .4 % of the face's width.
            let mut seed = frame * 10;
            let seen = FACE.map(|p| {
                p.map(|v| {
                    seed += 1;
                    v + 0.64 * noise(seed)
                })
            });
            let smooth = steady.next(&seen, WIDTH, DT);
            if frame >= 10 {
                before += error(&seen, &FACE);
                after += error(&smooth, &FACE);
            }
        }
        assert!(after < 0.65 * before, "{after} of {before}");
    }

    #[test]
    fn steady_motion_does_not_lag() {
        let mut steady = Steady::new(&FACE);
        let mut last = 0.0;
        for frame in 1..40 {
            let truth = moved(3.0 * frame as f32, -1.5 * frame as f32);
            last = error(&steady.next(&truth, WIDTH, DT), &truth);
            assert!(last < 1.5, "frame {frame}: {last} pixels behind");
        }
        assert!(last < 0.1, "{last} pixels behind");
    }

    #[test]
    fn a_jump_passes_at_once() {
        let mut steady = Steady::new(&FACE);
        for _ in 0..20 {
            steady.next(&FACE, WIDTH, DT);
        }
        let truth = moved(25.0, 10.0);
        let first = error(&steady.next(&truth, WIDTH, DT), &truth);
        assert!(first < 3.0, "{first}");
        // Nor does it swing on.
        let next = error(&steady.next(&truth, WIDTH, DT), &truth);
        assert!(next < 4.0, "{next}");
    }
}
