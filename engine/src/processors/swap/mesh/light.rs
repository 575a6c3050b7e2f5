//! The target's light on the source's skin, in Lab.
//!
//! Only what varies slowly over the face is carried over; the source keeps its own texture. Where
//! the face meets the target's skin the rest of the difference fades out.

use multiversion::multiversion;

use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::mask::Mask;

/// Share of the slow difference that is carried over, for L, a, b.
const SHARE: [f32; 3] = [0.90, 0.95, 0.95];
/// Coarse samples per sample of the light grid.
const STRIDE: usize = 3;

/// What turns a source color into a color under the target's light.
pub struct Light {
    /// Added to L·gain, and to a and b after scaling with what the pixel itself has.
    pub lift: Planes,
    /// The slow part of the source's a and b.
    pub tone: [Field; 2],
    /// Contrast of L.
    pub gain: f32,
    /// Contrast of a and b on plain skin, at most 1: a painting's blotches are calmed.
    pub chroma_gain: f32,
    /// Mean L of the source's skin.
    pub skin: f32,
}

/// The light at one place.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// See [`Light::lift`].
    pub lift: [f32; 3],
    /// See [`Light::tone`].
    pub tone: [f32; 2],
    /// How much plain skin there is, 0..=1.
    pub plain: f32,
}

/// The light along a row.
#[derive(Debug, Clone, Copy)]
pub struct Spots<'a> {
    /// See [`Light::lift`].
    pub lift: [&'a [f32]; 3],
    /// See [`Light::tone`].
    pub tone: [&'a [f32]; 2],
    /// How much plain skin there is, 0..=1.
    pub plain: &'a [f32],
}

impl Light {
    /// A source color under the target's light.
    #[inline(always)]
    pub fn shade(&self, [l, a, b]: [f32; 3], spot: &Spot) -> [f32; 3] {
        let calm = 1.0 - (1.0 - self.chroma_gain) * spot.plain;
        let [ta, tb] = spot.tone;
        let (a, b) = (ta + (a - ta) * calm, tb + (b - tb) * calm);
        // Dark pixels (eyes, nostrils) take little chroma, else they turn to the skin's hue.
        let share = (l / self.skin).clamp(0.0, 1.15);
        let [la, lb] = [spot.lift[1], spot.lift[2]];
        // Chroma is taken away in proportion to what the pixel has, else gray ones (lashes, the
        // shadow under a brow) would turn to the opposite hue; only the turn of hue is added.
        let along = ((la * ta + lb * tb) / (ta * ta + tb * tb).max(1.0)).min(0.0);
        let keep = (1.0 + along).max(0.2);
        let turn = [la - along * ta, lb - along * tb];
        [l * self.gain + spot.lift[0], a * keep + turn[0] * share, b * keep + turn[1] * share]
    }

    /// A whole coarse picture under this light.
    fn shade_all(&self, source: &Planes, plain: &Field) -> Planes {
        let mut lit = source.clone();
        let spots = Spots {
            lift: self.lift.each_ref().map(|field| field.data.as_slice()),
            tone: self.tone.each_ref().map(|field| field.data.as_slice()),
            plain: &plain.data,
        };
        shade_row(self, lit.each_mut().map(|plane| plane.data.as_mut_slice()), &spots);
        lit
    }

    /// Fits the light on a coarse grid: colors of source (as warped) and target, the depth inside
    /// the face (0 outside), and where each shows plain skin. `None` when there is no skin to
    /// compare.
    pub fn fit(
        source: &Planes,
        target: &Planes,
        depth: &Field,
        source_skin: &Mask,
        target_skin: &Mask,
        face_width: f32,
    ) -> Option<Light> {
        if source_skin.count() < 40 || target_skin.count() < 40 {
            return None;
        }
        let (width, height) = (depth.width, depth.height);
        let (gs, gt) = (source_skin.to_field(), target_skin.to_field());
        let sigma = 0.20 * face_width / STRIDE as f32;
        let slow = |planes: &Planes, weight: &Field| -> Planes {
            std::array::from_fn(|c| slow_part(&planes[c], weight, sigma).enlarge(width, height))
        };
        let (own, theirs) = (slow(source, &gs), slow(target, &gt));
        let mut lift: Planes =
            std::array::from_fn(|c| theirs[c].clone().zip(&own[c], |t, s| (t - s) * SHARE[c]));
        let gain = (deviation(&target[0], &gt) / deviation(&source[0], &gs)).clamp(0.75, 1.25);
        for (l, b) in lift[0].data.iter_mut().zip(&own[0].data) {
            *l += b * (1.0 - gain);
        }
        let blotches = |planes: &Planes, slow: &Planes, weight: &Field| -> f32 {
            (1..3)
                .map(|c| deviation(&planes[c].clone().zip(&slow[c], |v, s| v - s), weight).powi(2))
                .sum::<f32>()
                .sqrt()
        };
        let chroma_gain = 1.15 * blotches(target, &theirs, &gt) / blotches(source, &own, &gs);
        let [_, ta, tb] = own;
        let mut light = Light {
            lift,
            tone: [ta, tb],
            gain,
            chroma_gain: chroma_gain.clamp(0.4, 1.0),
            skin: source[0].weighted_mean(&gs).max(1.0),
        };
        light.fade_edge(source, target, depth, source_skin, target_skin, face_width);
        Some(light)
    }

    /// Replaces the source's own modelling of the cheeks (smile folds and the light on them, between
    /// 1 and 6 % of the face's width) by the target's, in part, where `strength` says so.
    pub fn calm_cheeks(
        &mut self,
        source: &Planes,
        target: &Planes,
        plain: &Field,
        strength: &Field,
        face_width: f32,
    ) {
        let lit = self.shade_all(source, plain);
        for c in 0..3 {
            let own = band(&lit[c], plain, face_width);
            let theirs = band(&target[c], plain, face_width);
            let share = if c == 0 { 1.0 } else { 0.5 };
            for i in 0..plain.data.len() {
                let change = (0.7 * theirs.data[i] - own.data[i]) * share;
                self.lift[c].data[i] += change.clamp(-25.0, 25.0) * strength.data[i];
            }
        }
    }

    /// Near the outline the remaining difference is taken over in part.
    fn fade_edge(
        &mut self,
        source: &Planes,
        target: &Planes,
        depth: &Field,
        source_skin: &Mask,
        target_skin: &Mask,
        face_width: f32,
    ) {
        let (width, height) = (depth.width, depth.height);
        let band = Mask {
            width,
            height,
            data: (0..depth.data.len())
                .map(|i| {
                    let skin = source_skin.data[i] && target_skin.data[i];
                    depth.data[i] > 0.0 && skin && depth.data[i] < 0.10 * face_width
                })
                .collect(),
        };
        let weight = band.to_field();
        let sigma = 0.06 * face_width / STRIDE as f32;
        let lit = self.shade_all(source, &weight);
        for c in 0..3 {
            let difference = Field::from_fn(width, height, |x, y| {
                let i = y * width + x;
                (target[c].data[i] - lit[c].data[i]).clamp(-45.0, 45.0) * weight.data[i]
            });
            let (w, h) = (width.div_ceil(STRIDE), height.div_ceil(STRIDE));
            let top = gaussian(&difference.shrink(w, h), sigma);
            let bottom = gaussian(&weight.shrink(w, h), sigma);
            let fade = top.zip(&bottom, |t, b| t / (b + 0.05)).enlarge(width, height);
            for ((l, f), d) in self.lift[c].data.iter_mut().zip(&fade.data).zip(&depth.data) {
                *l += 0.3 * (-d / (0.08 * face_width)).exp() * f;
            }
        }
    }
}

/// A row of source colors under the target's light, in place.
#[multiversion(targets("x86_64+avx+avx2"))]
pub fn shade_row(light: &Light, [first, second, third]: [&mut [f32]; 3], spots: &Spots<'_>) {
    let count = first.len();
    let (lift, tone) = (spots.lift.map(|row| &row[..count]), spots.tone.map(|row| &row[..count]));
    let (second, third, plain) = (&mut second[..count], &mut third[..count], &spots.plain[..count]);
    for (i, first) in first.iter_mut().enumerate() {
        let spot =
            Spot { lift: lift.map(|row| row[i]), tone: tone.map(|row| row[i]), plain: plain[i] };
        [*first, second[i], third[i]] = light.shade([*first, second[i], third[i]], &spot);
    }
}

/// The blurred mean of a plane over its weight, on the light grid.
fn slow_part(plane: &Field, weight: &Field, sigma: f32) -> Field {
    let (w, h) = (plane.width.div_ceil(STRIDE), plane.height.div_ceil(STRIDE));
    let mean = plane.weighted_mean(weight);
    let top = gaussian(&plane.clone().zip(weight, |v, w| v * w).shrink(w, h), sigma);
    let bottom = gaussian(&weight.shrink(w, h), sigma);
    top.zip(&bottom, |t, b| (t + 0.03 * mean) / (b + 0.03))
}

/// What varies over 1 to 6 % of the face's width, counting plain skin only.
fn band(plane: &Field, plain: &Field, face_width: f32) -> Field {
    let masked = plane.clone().zip(plain, |v, w| v * w);
    let blur =
        |sigma: f32| gaussian(&masked, sigma).zip(&gaussian(plain, sigma), |t, b| t / (b + 0.02));
    blur(0.010 * face_width).zip(&blur(0.06 * face_width), |fine, slow| fine - slow)
}

fn deviation(plane: &Field, weight: &Field) -> f32 {
    let mean = plane.weighted_mean(weight);
    let squares = plane.clone().map(|v| (v - mean) * (v - mean));
    squares.weighted_mean(weight).sqrt() + 1e-3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gray_source_takes_the_targets_color_and_slope() {
        let (w, h) = (96, 96);
        let plane = |f: &dyn Fn(usize, usize) -> f32| Field::from_fn(w, h, f);
        let texture = |x: usize, y: usize| ((x * 7 + y * 3) % 5) as f32 - 2.0;
        let source = [plane(&|x, y| 60.0 + texture(x, y)), plane(&|_, _| 0.0), plane(&|_, _| 0.0)];
        let slope = |x: usize| 40.0 + 0.2 * x as f32;
        let target =
            [plane(&|x, y| slope(x) + texture(y, x)), plane(&|_, _| 12.0), plane(&|_, _| 18.0)];
        let face = Mask::from_fn(w, h, |x, y| (x as f32 - 48.0).hypot(y as f32 - 48.0) < 40.0);
        let light = Light::fit(&source, &target, &face.depth(), &face, &face, 80.0).unwrap();
        let i = 48 * w + 48;
        let l = source[0].data[i] * light.gain + light.lift[0].data[i];
        assert!((l - slope(48)).abs() < 4.0, "{l}");
        assert!((light.lift[1].data[i] - 12.0).abs() < 1.5);
        let left = light.lift[0].at(20, 48) - light.lift[0].at(76, 48);
        assert!((left + 0.2 * 56.0).abs() < 4.5, "{left}");
    }
}
