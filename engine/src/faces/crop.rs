//! Square crops around a face, which stands upright in them, as insightface and FaceFusion cut them
//! for landmarks and attributes.

use crate::imaging::aligned::Aligned;
use crate::imaging::similarity::Affine;
use crate::imaging::turn::Turn;

/// The crop of `size` pixels with the box's center in its middle in which the box's longer side is
/// `long` pixels; a face that is so turned is upright in it. `None` for a box without an area.
pub fn around(bounds: [f32; 4], turn: Turn, size: usize, long: f64) -> Option<Aligned> {
    let [x0, y0, x1, y1] = bounds.map(f64::from);
    let scale = long / (x1 - x0).max(y1 - y0);
    if !scale.is_finite() || scale <= 0.0 {
        return None;
    }
    let half = size as f64 / 2.0;
    let center = [(x0 + x1) / 2.0, (y0 + y1) / 2.0];
    let to_crop = Affine(turn.matrix().map(|[a, b]| {
        let (a, b) = (a * scale, b * scale);
        [a, b, half - a * center[0] - b * center[1]]
    }));
    Some(Aligned { size, to_crop, to_frame: to_crop.inverse()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_side_has_the_wanted_length() {
        let crop = around([100.0, 50.0, 300.0, 150.0], Turn::Upright, 256, 195.0).unwrap();
        let left = crop.to_crop.apply([100.0, 100.0]);
        assert!((left[0] - 30.5).abs() < 1e-3 && (left[1] - 128.0).abs() < 1e-3, "{left:?}");
        let back = crop.to_frame.apply([225.5, 128.0]);
        assert!((back[0] - 300.0).abs() < 1e-3, "{back:?}");
        assert!(around([5.0, 5.0, 5.0, 5.0], Turn::Upright, 96, 64.0).is_none());
    }

    #[test]
    fn a_turned_face_is_upright() {
        let at = |turn, p| around([100.0, 50.0, 300.0, 150.0], turn, 256, 195.0).unwrap().point(p);
        // The middle of the box's right side, where the top of a head that is turned right lies.
        let right = [300.0, 100.0];
        for (turn, wanted) in [
            (Turn::Upright, [225.5, 128.0]),
            (Turn::Right, [128.0, 30.5]),
            (Turn::Over, [30.5, 128.0]),
            (Turn::Left, [128.0, 225.5]),
        ] {
            let [x, y] = at(turn, right);
            assert!((x - wanted[0]).abs() < 1e-3 && (y - wanted[1]).abs() < 1e-3, "{turn:?}");
        }
    }
}
