//! How FaceFusion softens a mask that was decided pixel by pixel.

use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;

/// Standard deviation of the blur in pixels of the crop, whatever its size.
const SIGMA: f32 = 5.0;

/// Blurs, then drops what is below one half and stretches the rest to 0..=1: the edge becomes soft
/// towards the inside and stays where it was.
pub fn soften(mask: &Field) -> Field {
    let clipped = mask.clone().map(|v| v.clamp(0.0, 1.0));
    gaussian(&clipped, SIGMA).map(|v| (v.clamp(0.5, 1.0) - 0.5) * 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The normal distribution's share below z (Abramowitz and Stegun 7.1.26, within 2e-7).
    fn normal(z: f32) -> f32 {
        let x = z.abs() / std::f32::consts::SQRT_2;
        let t = 1.0 / (1.0 + 0.327_591_1 * x);
        let p = [0.254_829_6, -0.284_496_7, 1.421_413_7, -1.453_152, 1.061_405_4];
        let erf = 1.0 - t * p.iter().rev().fold(0.0, |s, a| s * t + a) * (-x * x).exp();
        0.5 * (1.0 + erf.copysign(z))
    }

    #[test]
    fn an_edge_becomes_half_a_bell_inside_and_stays_zero_outside() {
        let step = Field::from_fn(80, 9, |x, _| if x < 40 { 0.0 } else { 1.0 });
        let soft = soften(&step);
        for x in 0..80 {
            // The step lies between the centers of pixels 39 and 40.
            let share = normal((x as f32 - 39.5) / SIGMA);
            let want = ((share - 0.5) * 2.0).max(0.0);
            assert!((soft.at(x, 4) - want).abs() < 0.004, "{x}: {} {want}", soft.at(x, 4));
        }
        assert_eq!(soft.at(39, 4), 0.0);
        assert!((soft.at(79, 0) - 1.0).abs() < 1e-5);
    }
}
