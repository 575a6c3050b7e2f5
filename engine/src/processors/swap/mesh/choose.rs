//! Which of several photos of a person suits a frame best, without flipping back and forth.

use serde::{Deserialize, Serialize};

use super::pose::{Pose, smoothstep};

/// Gain of the running mean of each photo's cost.
const GAIN: f32 = 0.2;
/// Another photo must be better than this share of the current one's cost ...
const RATIO: f32 = 0.75;
/// ... minus this ...
const MARGIN: f32 = 0.06;
/// ... for this many frames running.
const HOLD: u32 = 6;
/// Frames that a photo stays at least.
const DWELL: u32 = 20;
/// Frames over which one photo fades into the next.
const FADE: f32 = 6.0;

/// How badly a photo suits a frame: about 0 is ideal, 1 is a fault that one sees.
pub fn cost(source: &Pose, target: &Pose) -> f32 {
    let square = |v: f32| v * v;
    // A photo turned the other way shows the wrong side.
    let opposite = (-source.yaw * target.yaw / 225.0).clamp(0.0, 1.0);
    let smile = (source.mouth - target.mouth) / 0.10 + (source.raise - target.raise) / 0.06;
    let shut = (0.26 - source.eyes[0].min(source.eyes[1])) / 0.12;
    (1.0 + 0.5 * opposite) * square((source.yaw - target.yaw) / 25.0)
        + square((source.pitch - target.pitch) / 25.0)
        + 0.6 * square(smile.clamp(-1.5, 1.5))
        + 0.4 * square(((source.jaw - target.jaw) / 0.15).clamp(-1.5, 1.5))
        + square(shut.clamp(0.0, 1.5))
        + 0.3 * square((target.width / source.width.max(1.0)).log2().clamp(0.0, 2.0))
}

/// Which photos a frame is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The photo.
    pub current: usize,
    /// The one it fades in from, and the current one's weight, 0..=1.
    pub fading: Option<(usize, f32)>,
}

/// The choice over the frames of one track.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chooser {
    costs: Vec<f32>,
    current: usize,
    previous: Option<usize>,
    fade: f32,
    since: u32,
    rival: usize,
    held: u32,
}

impl Chooser {
    /// Starts with the photo that suits the first frame.
    pub fn new(sources: &[Pose], target: &Pose) -> Self {
        let costs: Vec<f32> = sources.iter().map(|s| cost(s, target)).collect();
        let current = least(&costs);
        Chooser { costs, current, previous: None, fade: 1.0, since: DWELL, rival: current, held: 0 }
    }

    /// Whether it chooses among so many photos: what was read from a file may not.
    pub fn is_among(&self, photos: usize) -> bool {
        self.costs.len() == photos
            && [self.current, self.rival].iter().chain(&self.previous).all(|i| *i < photos)
    }

    /// Whether one photo fades into another.
    #[cfg(test)]
    pub fn is_fading(&self) -> bool {
        self.previous.is_some()
    }

    /// The choice for the next frame.
    pub fn next(&mut self, sources: &[Pose], target: &Pose) -> Choice {
        for (c, s) in self.costs.iter_mut().zip(sources) {
            *c += GAIN * (cost(s, target) - *c);
        }
        self.since = self.since.saturating_add(1);
        let best = least(&self.costs);
        let clearly = self.costs[best] < RATIO * self.costs[self.current] - MARGIN;
        self.held = match (best != self.current && clearly, best == self.rival) {
            (false, _) => 0,
            (true, true) => self.held.saturating_add(1),
            (true, false) => 1,
        };
        self.rival = best;
        if self.held >= HOLD && self.since >= DWELL && self.fade >= 1.0 {
            self.previous = Some(self.current);
            (self.current, self.since, self.held, self.fade) = (best, 0, 0, 0.0);
        }
        self.fade = (self.fade + 1.0 / FADE).min(1.0);
        if self.fade >= 1.0 {
            self.previous = None;
        }
        let fading = self.previous.map(|p| (p, smoothstep(self.fade)));
        Choice { current: self.current, fading }
    }
}

fn least(costs: &[f32]) -> usize {
    (0..costs.len()).min_by(|&a, &b| costs[a].total_cmp(&costs[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved;

    fn facing(yaw: f32) -> Pose {
        Pose { yaw, pitch: 0.0, mouth: 0.35, raise: 0.01, jaw: 0.0, eyes: [0.3; 2], width: 200.0 }
    }

    /// How often the photo changes along a path of yaws.
    fn changes(path: impl Iterator<Item = f32>) -> usize {
        let photos = [facing(-30.0), facing(0.0), facing(30.0)];
        let mut chooser = Chooser::new(&photos, &facing(0.0));
        let mut last = 1;
        path.filter(|&yaw| {
            let choice = chooser.next(&photos, &facing(yaw));
            let changed = choice.current != last;
            last = choice.current;
            changed
        })
        .count()
    }

    #[test]
    fn a_slow_turn_changes_each_photo_once() {
        // To the left, back, to the right, back.
        assert_eq!(
            changes((0..300).map(|i| -40.0 * (i as f32 / 300.0 * std::f32::consts::TAU).sin())),
            4
        );
    }

    #[test]
    fn wobbling_at_the_border_changes_nothing() {
        assert_eq!(changes((0..300).map(|i| 15.0 + 3.0 * (i as f32 * 1.7).sin())), 0);
    }

    #[test]
    fn a_change_fades() {
        let photos = [facing(0.0), facing(30.0)];
        let mut chooser = Chooser::new(&photos, &facing(0.0));
        let weights: Vec<f32> = (0..60)
            .filter_map(|_| chooser.next(&photos, &facing(30.0)).fading.map(|f| f.1))
            .collect();
        assert_eq!(weights.len(), 5);
        assert!(weights.windows(2).all(|w| w[0] < w[1]) && weights[0] > 0.0);
    }

    #[test]
    fn a_restored_chooser_goes_on_as_the_first_does() {
        let photos = [facing(-30.0), facing(0.0), facing(30.0)];
        let mut runs = vec![Chooser::new(&photos, &facing(0.0))];
        let mut fades = 0;
        for i in 0..240 {
            let target = facing(-40.0 * (i as f32 / 120.0 * std::f32::consts::TAU).sin());
            let choices: Vec<Choice> =
                runs.iter_mut().map(|chooser| chooser.next(&photos, &target)).collect();
            assert!(choices.iter().all(|choice| *choice == choices[0]), "frame {i}");
            // Saved in the middle of a fade, and now and then.
            if choices[0].fading.is_some() || i % 50 == 0 {
                fades += usize::from(choices[0].fading.is_some());
                let state = saved::pack("tester", &runs[0]).unwrap();
                let fits = |chooser: &Chooser| chooser.is_among(photos.len());
                runs.push(saved::unpack("tester", &state, fits).unwrap());
            }
        }
        assert!(fades > 5, "{fades}");
    }

    #[test]
    fn a_choice_among_other_photos_does_not_fit() {
        let photos = [facing(-30.0), facing(0.0)];
        let chooser = Chooser::new(&photos, &facing(0.0));
        assert!(chooser.is_among(2) && !chooser.is_among(1) && !chooser.is_among(3));
        for wrong in [
            Chooser { current: 2, ..chooser.clone() },
            Chooser { rival: 2, ..chooser.clone() },
            Chooser { previous: Some(2), ..chooser.clone() },
        ] {
            assert!(!wrong.is_among(2), "{wrong:?}");
        }
    }
}
