//! Thin structures: what is darker, or of another hue, than both of its sides.

use crate::imaging::color::{Planes, planes_to_lab};
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;

use super::gray::{closing, opening};

/// What a crop shows of a frame.
pub struct Thin {
    /// Response to thin structures, 0..=1.5.
    pub response: Field,
    /// How much darker each pixel is than what surrounds it within 10 pixels, in L.
    pub dark: Field,
}

/// Looks for thin structures in RGB.
pub fn find(rgb: &Planes) -> Thin {
    let [l, a, b] = planes_to_lab(rgb);
    // Unblurred for the hinges' darkness, as fine as it comes; blurred against noise for the rest.
    let dark = closing(&l, 10).zip(&l, |c, v| c - v);
    let [l, a, b] = [l, a, b].map(|plane| gaussian(&plane, 1.0));
    let valley = |plane: &Field| closing(plane, 6).zip(plane, |c, v| c - v);
    let ridge = |plane: &Field| opening(plane, 6).zip(plane, |o, v| v - o);
    let mut hue = valley(&a);
    for other in [valley(&b), ridge(&a), ridge(&b)] {
        hue = hue.zip(&other, f32::max);
    }
    let response = valley(&l).zip(&hue, |dark, hue| {
        (dark / 25.0).clamp(0.0, 1.0) + 0.5 * ((hue - 3.0) / 10.0).clamp(0.0, 1.0)
    });
    Thin { response: gaussian(&response, 1.0), dark }
}
