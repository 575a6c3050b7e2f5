//! A running model of one person's face: what departs from it, from the lower edge inwards, is in
//! front of it.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::mask::Mask;

use super::super::shading::robust_fit;
use super::departure::{Departure, beyond_neighbors};
use super::part::{Part, fill_holes, stands_out};
use super::uv::{Layout, SIZE, Seen};

/// Frames before anything is judged.
const LEARNING: u32 = 8;
/// Until then something in front has to be seen twice running: a young model takes a slip of the
/// landmarks in a single frame for it.
const YOUNG: u32 = 24;
/// Spread of the light's fit above which the upper face is another one: a cut, another person.
/// (Clean sequences stay below 0.15, cuts between people begin at 0.20.)
const OTHER_FACE: f64 = 0.18;
/// Fewer texels than this cannot tell the light.
const FEWEST: usize = 40;
/// Ridge on the light {1, nx, ny, nz}, times the number of texels.
const RIDGE: [f64; 4] = [0.0, 0.02, 0.08, 0.02];
/// Rounds of the robust fit.
const ROUNDS: usize = 5;
/// How fast the mask follows what is found, per frame: up and down.
const FOLLOW: [f32; 2] = [0.6, 0.35];
/// Frames over which learning averages, at least and at most.
const MEMORY: [f32; 2] = [2.0, 60.0];
/// Share per frame with which texels behind something are learned all the same.
const SEEP: f32 = 1.0 / 750.0;

/// The model of one track.
#[derive(Serialize, Deserialize)]
pub struct FaceModel {
    frames: u32,
    mean: Planes,
    variance: Planes,
    /// Frames in which each texel was learned.
    known: Field,
    /// What looked like something in front in the last frame, accepted or not.
    suspected: Mask,
    mask: Field,
}

impl FaceModel {
    /// A model that knows nothing.
    pub fn new() -> Self {
        let zeros = || std::array::from_fn(|_| Field::zeros(SIZE, SIZE));
        FaceModel {
            frames: 0,
            mean: zeros(),
            variance: zeros(),
            known: Field::zeros(SIZE, SIZE),
            suspected: Mask::empty(SIZE, SIZE),
            mask: Field::zeros(SIZE, SIZE),
        }
    }

    /// Whether it can be worked with: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        let mut fields = self.mean.iter().chain(&self.variance).chain([&self.known, &self.mask]);
        fields.all(|field| field.is(SIZE, SIZE)) && self.suspected.is(SIZE, SIZE)
    }

    /// Whether most of some texel is covered.
    #[cfg(test)]
    pub fn is_covered(&self) -> bool {
        self.mask.data.iter().any(|&v| v > 0.5)
    }

    /// Whether it knows the face too little to judge.
    pub fn is_learning(&self) -> bool {
        self.frames < LEARNING
    }

    /// Judges and learns the next frame; `still` is what the test for single images found. Returns
    /// how much of each texel something covers, 0..=1.
    ///
    /// # Errors
    /// When the embedded mesh cannot be read.
    pub fn step(&mut self, seen: &Seen, still: Option<&Mask>) -> Result<&Field> {
        let layout = Layout::get()?;
        if self.frames == 0 {
            self.start(seen, still);
            return Ok(&self.mask);
        }
        let skin = self.comparable(layout, seen);
        let fitted = if skin.len() < FEWEST { None } else { self.light(seen, &skin) };
        let Some((light, spread)) = fitted else {
            self.follow(&Mask::empty(SIZE, SIZE));
            return Ok(&self.mask);
        };
        if spread > OTHER_FACE {
            self.start(seen, still);
            return Ok(&self.mask);
        }
        let relit: Planes =
            std::array::from_fn(|c| seen.log[c].clone().zip(&light[c], |x, l| x - l));
        let mut difference: Planes =
            std::array::from_fn(|c| relit[c].clone().zip(&self.mean[c], |x, m| x - m));
        let mut covered = if self.is_learning() {
            Mask::empty(SIZE, SIZE)
        } else {
            self.judge(layout, seen, &skin, &relit, &mut difference)
        };
        if let Some(still) = still {
            covered = covered.combine(still, |a, b| a || b);
        }
        self.follow(&covered);
        self.learn(seen, &covered, &difference);
        Ok(&self.mask)
    }

    fn start(&mut self, seen: &Seen, still: Option<&Mask>) {
        let covered = still.cloned().unwrap_or_else(|| Mask::empty(SIZE, SIZE));
        let near = covered.dilate(3.0);
        self.mean = seen.log.clone();
        self.variance = std::array::from_fn(|_| Field::filled(SIZE, SIZE, 0.01));
        self.suspected = Mask::empty(SIZE, SIZE);
        self.known = seen.visible.clone().combine(&near, |v, n| v && !n).to_field();
        self.mask = covered.to_field();
        self.frames = 1;
    }

    /// Texels of the upper face that the light can be read from.
    fn comparable(&self, layout: &Layout, seen: &Seen) -> Vec<usize> {
        let usable = |i: &usize| layout.upper.data[*i] && seen.visible.data[*i];
        let all: Vec<usize> = (0..SIZE * SIZE).filter(usable).collect();
        let bare = |i: &usize| self.mask.data[*i] < 0.3 && self.known.data[*i] > 0.0;
        let free: Vec<usize> = all.iter().copied().filter(bare).collect();
        if free.len() < 100 { all } else { free }
    }

    /// How this frame's light differs from the model's, everywhere, and the fit's spread.
    fn light(&self, seen: &Seen, skin: &[usize]) -> Option<(Planes, f64)> {
        let row = |i: usize| {
            let [x, y, z] = seen.normals[i].map(f64::from);
            [1.0, x, y, z]
        };
        let rows: Vec<[f64; 4]> = skin.iter().map(|&i| row(i)).collect();
        let values: Vec<[f64; 3]> = skin
            .iter()
            .map(|&i| {
                [0, 1, 2].map(|c: usize| f64::from(seen.log[c].data[i] - self.mean[c].data[i]))
            })
            .collect();
        let (coefficients, spread) = robust_fit(&rows, &values, &RIDGE, ROUNDS)?;
        let light = coefficients.map(|k| {
            let k = k.map(|v| v as f32);
            let data = seen.normals.iter().map(|n| k[0] + k[1] * n[0] + k[2] * n[1] + k[3] * n[2]);
            Field { width: SIZE, height: SIZE, data: data.collect() }
        });
        Some((light, spread.iter().sum::<f64>() / 3.0))
    }

    /// Finds what is in front. Where something had been taken for the face and went away, the
    /// model is corrected, and `difference` with it.
    fn judge(
        &mut self,
        layout: &Layout,
        seen: &Seen,
        skin: &[usize],
        relit: &Planes,
        difference: &mut Planes,
    ) -> Mask {
        let visible = seen.visible.to_field();
        let variance: Planes = std::array::from_fn(|c| gaussian(&self.variance[c], 1.0));
        let raw = Departure::of(difference, &variance, &visible);
        let passes = |sigmas: f32, amount: f32| {
            Mask::from_fn(SIZE, SIZE, |x, y| {
                let i = y * SIZE + x;
                // Where something was, less is enough: no flicker at its edge.
                let ease = 1.0 - 0.2 * self.mask.data[i];
                layout.lower.data[i]
                    && seen.visible.data[i]
                    && self.known.data[i] > 4.0
                    && raw.sigmas.data[i] > sigmas * ease
                    && raw.amount.data[i] > amount * ease
            })
        };
        let strong = passes(2.4, 0.24);
        let mut found = Mask::empty(SIZE, SIZE);
        let before = std::mem::replace(&mut self.suspected, found.clone());
        // A part needs 25 texels, 35 % of them strong.
        if strong.count() < 9 {
            return found;
        }
        let weak = passes(2.0, 0.16).erode(1.0).dilate(1.0).dilate(2.0).erode(2.0);
        let slack = Departure::of(&beyond_neighbors(relit, &self.mean), &variance, &visible);
        let (labels, sizes) = weak.components();
        let mut parts: Vec<Part> = sizes.iter().map(|_| Part::default()).collect();
        for (i, &label) in labels.iter().enumerate().filter(|(_, l)| **l > 0) {
            let part = &mut parts[label as usize];
            part.texels.push(i);
            part.strong += usize::from(strong.data[i]);
            part.sure += usize::from(slack.sigmas.data[i] > 1.6 && slack.amount.data[i] > 0.14);
            part.border += usize::from(layout.border.data[i]);
            part.deep += usize::from(layout.deep.data[i]);
            part.mask += self.mask.data[i];
        }
        for part in parts.iter().filter(|p| p.is_in_front()) {
            let now = stands_out(&seen.log, skin, &part.texels);
            if now < 0.6 * stands_out(&self.mean, skin, &part.texels) {
                self.forget(&part.texels, relit, difference);
                continue;
            }
            let again = self.frames >= YOUNG
                || part.texels.iter().any(|&i| before.data[i] || self.mask.data[i] > 0.15);
            for &i in &part.texels {
                self.suspected.data[i] = true;
                found.data[i] = again;
            }
        }
        if found.any() { fill_holes(&found.dilate(3.0).erode(3.0), 60) } else { found }
    }

    /// Takes what is seen now for the face.
    fn forget(&mut self, texels: &[usize], relit: &Planes, difference: &mut Planes) {
        for &i in texels {
            for c in 0..3 {
                self.mean[c].data[i] = relit[c].data[i];
                self.variance[c].data[i] = 0.01;
                difference[c].data[i] = 0.0;
            }
            self.known.data[i] = 5.0;
        }
    }

    /// Moves the mask towards what was found.
    fn follow(&mut self, covered: &Mask) {
        for (m, &c) in self.mask.data.iter_mut().zip(&covered.data) {
            let goal = f32::from(u8::from(c));
            *m += (goal - *m) * if goal > *m { FOLLOW[0] } else { FOLLOW[1] };
        }
    }

    /// Learns the bare face; elsewhere hardly at all.
    fn learn(&mut self, seen: &Seen, covered: &Mask, difference: &Planes) {
        self.frames = self.frames.saturating_add(1);
        let mut front = covered.clone();
        for (i, f) in front.data.iter_mut().enumerate() {
            *f = *f || self.suspected.data[i] || self.mask.data[i] > 0.15;
        }
        let near = if front.any() { front.dilate(3.0) } else { front };
        for i in (0..SIZE * SIZE).filter(|&i| seen.visible.data[i]) {
            let bare = !near.data[i];
            if bare {
                self.known.data[i] += 1.0;
            }
            let rate =
                if bare { 1.0 / self.known.data[i].clamp(MEMORY[0], MEMORY[1]) } else { SEEP };
            for c in 0..3 {
                let d = difference[c].data[i];
                let variance = &mut self.variance[c].data[i];
                if bare {
                    *variance += rate * (d * d - *variance);
                }
                self.mean[c].data[i] += rate * d;
            }
        }
    }
}
