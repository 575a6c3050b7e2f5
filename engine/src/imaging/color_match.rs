//! The colors of one picture brought to another's: mean and spread in Lab.

use super::color::{Planes, lab_to_rgb, planes_to_lab};
use super::field::Field;

/// The spread is stretched or squeezed by at most this.
const MOST: f32 = 2.0;
/// Fewer pixels than this say nothing about colors.
const LEAST: f32 = 16.0;

/// `picture` with the mean and the standard deviation of `target`'s L, a and b, both taken under
/// `mask` (0..=1), by `amount` (0 leaves it as it is, 1 takes over all). RGB 0..=255, one size.
///
/// Source of the method: Reinhard and others, "Color transfer between images", 2001.
#[must_use]
pub fn match_color(picture: Planes, target: &Planes, mask: &Field, amount: f32) -> Planes {
    if amount <= 0.0 || mask.data.iter().sum::<f32>() < LEAST {
        return picture;
    }
    let (mut lab, wanted) = (planes_to_lab(&picture), planes_to_lab(target));
    for (plane, wanted) in lab.iter_mut().zip(&wanted) {
        let (mean, spread) = statistics(plane, mask);
        let (new_mean, new_spread) = statistics(wanted, mask);
        let ratio = (new_spread / spread.max(1e-3)).clamp(1.0 / MOST, MOST);
        for v in &mut plane.data {
            *v += amount * ((*v - mean) * ratio + new_mean - *v);
        }
    }
    let mut out = picture;
    for i in 0..mask.data.len() {
        let rgb = lab_to_rgb([lab[0].data[i], lab[1].data[i], lab[2].data[i]]);
        for (plane, v) in out.iter_mut().zip(rgb) {
            plane.data[i] = v;
        }
    }
    out
}

/// Mean and standard deviation under a mask.
fn statistics(field: &Field, mask: &Field) -> (f32, f32) {
    let mean = field.weighted_mean(mask);
    let square = field.clone().map(|v| (v - mean) * (v - mean));
    (mean, square.weighted_mean(mask).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::color::planes_to_lab;

    fn texture(base: [f32; 3], swing: f32) -> Planes {
        base.map(|b| {
            Field::from_fn(32, 32, |x, y| b + swing * (((x * 7 + y * 3) % 11) as f32 / 5.0 - 1.0))
        })
    }

    #[test]
    fn mean_and_spread_are_taken_over_by_amount() {
        let (warm, cold) =
            (texture([180.0, 120.0, 100.0], 12.0), texture([90.0, 110.0, 140.0], 20.0));
        // Only the left half counts, and the right half of the target is of another color.
        let mask = Field::from_fn(32, 32, |x, _| f32::from(u8::from(x < 16)));
        let mut target = cold.clone();
        for y in 0..32 {
            target[0].row_mut(y)[16..].fill(255.0);
        }
        let all = planes_to_lab(&match_color(warm.clone(), &target, &mask, 1.0));
        let half = planes_to_lab(&match_color(warm.clone(), &target, &mask, 0.5));
        let (warm_lab, cold_lab) = (planes_to_lab(&warm), planes_to_lab(&cold));
        for c in 0..3 {
            let (mean, spread) = statistics(&all[c], &mask);
            let (want_mean, want_spread) = statistics(&cold_lab[c], &mask);
            assert!((mean - want_mean).abs() < 0.5, "{c}: {mean} for {want_mean}");
            assert!((spread - want_spread).abs() < 0.6, "{c}: {spread} for {want_spread}");
            let between = (statistics(&warm_lab[c], &mask).0 + want_mean) / 2.0;
            assert!((statistics(&half[c], &mask).0 - between).abs() < 0.5, "{c}");
        }
        assert_eq!(match_color(warm.clone(), &target, &mask, 0.0), warm);
        assert_eq!(match_color(warm.clone(), &target, &Field::zeros(32, 32), 1.0), warm);
    }
}
