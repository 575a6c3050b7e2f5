//! Upright square crops around a face, as insightface and FaceFusion cut them for landmarks and
//! attributes.

use crate::imaging::aligned::Aligned;
use crate::imaging::similarity::Affine;

/// The crop of `size` pixels with the box's center in its middle in which the box's longer side is
/// `long` pixels; `None` for a box without an area.
pub fn around(bounds: [f32; 4], size: usize, long: f64) -> Option<Aligned> {
    let [x0, y0, x1, y1] = bounds.map(f64::from);
    let scale = long / (x1 - x0).max(y1 - y0);
    if !scale.is_finite() || scale <= 0.0 {
        return None;
    }
    let half = size as f64 / 2.0;
    let shift = |low: f64, high: f64| half - (low + high) / 2.0 * scale;
    let to_crop = Affine([[scale, 0.0, shift(x0, x1)], [0.0, scale, shift(y0, y1)]]);
    Some(Aligned { size, to_crop, to_frame: to_crop.inverse()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_side_has_the_wanted_length() {
        let crop = around([100.0, 50.0, 300.0, 150.0], 256, 195.0).unwrap();
        let left = crop.to_crop.apply([100.0, 100.0]);
        assert!((left[0] - 30.5).abs() < 1e-3 && (left[1] - 128.0).abs() < 1e-3, "{left:?}");
        let back = crop.to_frame.apply([225.5, 128.0]);
        assert!((back[0] - 300.0).abs() < 1e-3, "{back:?}");
        assert!(around([5.0, 5.0, 5.0, 5.0], 96, 64.0).is_none());
    }
}
