//! Landmarks steadied over time without lag.
//!
//! A head's motion between two frames is nearly a similarity, and 468 points pin it down, so the
//! last smoothed mesh is first carried along with it. What remains (expression, and the network's
//! noise) goes through a One-Euro filter (Casiez, Roussel, Vogel, 2012) per point: slow changes
//! are noise and are averaged, fast ones (a blink) pass at once.

use serde::{Deserialize, Serialize};

use crate::imaging::similarity::{Point, similarity};

use super::landmarks::{COUNT, Landmarks, MESH};

/// Cut-off of a point at rest, in Hz.
const MIN_CUTOFF: f32 = 1.2;
/// How much the cut-off grows with the speed, in Hz per face width per second.
const BETA: f32 = 55.0;
/// Cut-off of the speed estimate, in Hz: fast enough to see a blink begin.
const SPEED_CUTOFF: f32 = 8.0;
/// Rigid motion under the first bound (in face widths a frame) is taken for noise, above the
/// second for motion.
const STILL: (f32, f32) = (0.0008, 0.004);

/// The filter's memory for one face.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Smoother {
    smooth: Vec<[f32; 3]>,
    raw: Vec<[f32; 3]>,
    speed: Vec<[f32; 3]>,
}

impl Smoother {
    /// Starts at these landmarks.
    pub fn new(landmarks: &Landmarks) -> Self {
        Smoother {
            smooth: landmarks.points.clone(),
            raw: landmarks.points.clone(),
            speed: vec![[0.0; 3]; landmarks.points.len()],
        }
    }

    /// Whether it has all its points: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        [&self.smooth, &self.raw, &self.speed].iter().all(|points| points.len() == COUNT)
    }

    /// Takes the next frame's landmarks, `dt` seconds later, and returns them steadied.
    pub fn next(&mut self, landmarks: &Landmarks, dt: f32) -> Landmarks {
        let width = landmarks.width().max(1.0);
        self.carry(&landmarks.points, width);
        let speed_gain = gain(SPEED_CUTOFF, dt);
        for ((smooth, speed), raw) in
            self.smooth.iter_mut().zip(&mut self.speed).zip(&landmarks.points)
        {
            let mut fastest = 0.0f32;
            for c in 0..3 {
                let now = (raw[c] - smooth[c]) / (width * dt);
                speed[c] += (now - speed[c]) * speed_gain;
                // Depth is noisy and of little weight: it must not open the filter.
                fastest = if c < 2 { fastest.max(speed[c].abs()) } else { fastest };
            }
            let g = gain(MIN_CUTOFF + BETA * fastest, dt);
            for c in 0..3 {
                smooth[c] += (raw[c] - smooth[c]) * g;
            }
        }
        self.raw.clone_from(&landmarks.points);
        Landmarks { points: self.smooth.clone(), presence: landmarks.presence }
    }

    /// Moves the smoothed mesh by the rigid motion between the last raw mesh and this one.
    fn carry(&mut self, points: &[[f32; 3]], width: f32) {
        let flat =
            |p: &[[f32; 3]]| -> Vec<Point> { p[..MESH].iter().map(|p| [p[0], p[1]]).collect() };
        let Some(motion) = similarity(&flat(&self.raw), &flat(points)) else { return };
        let moved: f32 = self.raw[..MESH]
            .iter()
            .map(|p| {
                let q = motion.apply([p[0], p[1]]);
                (q[0] - p[0]).hypot(q[1] - p[1])
            })
            .sum::<f32>()
            / (MESH as f32 * width);
        let share = ((moved - STILL.0) / (STILL.1 - STILL.0)).clamp(0.0, 1.0);
        for p in &mut self.smooth {
            let q = motion.apply([p[0], p[1]]);
            p[0] += (q[0] - p[0]) * share;
            p[1] += (q[1] - p[1]) * share;
        }
    }
}

/// The gain of an exponential filter with this cut-off in Hz at a step of `dt` seconds.
pub(super) fn gain(cutoff: f32, dt: f32) -> f32 {
    1.0 / (1.0 + 1.0 / (std::f32::consts::TAU * cutoff * dt))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(shift: f32, lid: f32, noise: impl Fn(usize) -> f32) -> Landmarks {
        let points = (0..478)
            .map(|i| {
                let (x, y) = ((i % 22) as f32 * 10.0, (i / 22) as f32 * 10.0);
                let lid = if i == 159 { lid } else { 0.0 };
                [x + shift + noise(2 * i), y + lid + noise(2 * i + 1), 0.0]
            })
            .collect();
        Landmarks { points, presence: 1.0 }
    }

    /// A fixed pseudo-random number in −.5..=.5.
    fn noise(seed: usize) -> f32 {
        let x = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
        (x.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }

    #[test]
    fn noise_on_a_still_face_shrinks() {
        let mut smoother = Smoother::new(&face(0.0, 0.0, |_| 0.0));
        let (mut before, mut after) = (0.0, 0.0);
        let mut last: Option<Landmarks> = None;
        for t in 0..40 {
            let raw = face(0.0, 0.0, |i| noise(i + 1000 * t) * 0.8);
            let smooth = smoother.next(&raw, 0.04);
            if let Some(last) = &last {
                before += (noise(200 + 1000 * t) * 0.8 - noise(200 + 1000 * (t - 1)) * 0.8).abs();
                after += (smooth.points[100][0] - last.points[100][0]).abs();
            }
            last = Some(smooth);
        }
        assert!(after < 0.6 * before, "{after} of {before}");
    }

    #[test]
    fn a_moving_head_is_not_lagged() {
        let mut smoother = Smoother::new(&face(0.0, 0.0, |_| 0.0));
        for t in 1..30 {
            let shift = 4.0 * t as f32;
            let smooth = smoother.next(&face(shift, 0.0, |_| 0.0), 0.04);
            assert!((smooth.points[100][0] - face(shift, 0.0, |_| 0.0).points[100][0]).abs() < 0.5);
        }
    }

    #[test]
    fn a_blink_passes_within_two_frames() {
        let mut smoother = Smoother::new(&face(0.0, 0.0, |_| 0.0));
        smoother.next(&face(0.0, 0.0, |_| 0.0), 0.04);
        smoother.next(&face(0.0, 4.0, |_| 0.0), 0.04);
        let second = smoother.next(&face(0.0, 6.0, |_| 0.0), 0.04);
        let resting = face(0.0, 0.0, |_| 0.0).points[159][1];
        assert!(second.points[159][1] - resting > 4.8, "{}", second.points[159][1] - resting);
    }
}
