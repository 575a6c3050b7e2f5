//! Holes filled from around them.

use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::{expand, reduce};

/// Fills what `known` (0..=1) leaves open by the mean of what surrounds it, near before far: a
/// pyramid in which every level fills the holes of the finer one (push and pull; Gortler et al.,
/// "The lumigraph", 1996).
pub fn fill(rgb: &Planes, known: &Field) -> Planes {
    let (width, height) = (known.width, known.height);
    let weighted = |c: usize| rgb[c].clone().zip(known, |v, k| v * k);
    if width < 4 || height < 4 {
        return std::array::from_fn(|c| {
            let mean = rgb[c].weighted_mean(known);
            rgb[c].clone().zip(known, |v, k| if k > 0.5 { v } else { mean })
        });
    }
    let weight = reduce(known);
    let coarse: Planes =
        std::array::from_fn(|c| reduce(&weighted(c)).zip(&weight, |v, w| v / (w + 1e-4)));
    let coarse = fill(&coarse, &weight.map(|w| (4.0 * w).min(1.0)));
    std::array::from_fn(|c| {
        let pulled = expand(&coarse[c], width, height).zip(known, |v, k| v * (1.0 - k));
        weighted(c).zip(&pulled, |a, b| a + b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_in_a_ramp_is_filled_with_the_ramp() {
        let ramp = |x: usize, y: usize| 40.0 + x as f32 + 0.5 * y as f32;
        let open = |x: usize, y: usize| (20..32).contains(&x) && (10..50).contains(&y);
        let rgb: Planes = std::array::from_fn(|_| {
            Field::from_fn(64, 60, |x, y| if open(x, y) { 255.0 } else { ramp(x, y) })
        });
        let known = Field::from_fn(64, 60, |x, y| if open(x, y) { 0.0 } else { 1.0 });
        let filled = fill(&rgb, &known);
        for y in 0..60 {
            for x in 0..64 {
                let off = (filled[1].at(x, y) - ramp(x, y)).abs();
                assert!(if open(x, y) { off < 9.0 } else { off < 1e-3 }, "{x} {y}: {off}");
            }
        }
    }
}
