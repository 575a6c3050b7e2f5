//! Masks that are drawn in an aligned crop: a box, an ellipse, the hull of some points. 1 where the
//! crop counts, 0 where the frame does.

use super::field::Field;
use super::filter::gaussian;
use super::mask::{Mask, convex_hull, polygon};
use super::similarity::Point;

/// How far the Gaussian of the box reaches, in sigmas (OpenCV, for floats).
const REACH: f64 = 4.0;
/// Half the ellipse's axes, as a share of the crop (Deep-Live-Cam's mask that does not wobble).
const AXIS: f32 = 0.44;
/// Sigma of the ellipse's edge as a share of the crop, at a blur of 1: at the usual .3 it has come
/// to nothing where the crop ends.
const ELLIPSE_BLUR: f32 = 1.0 / 15.0;
/// Hulls are drawn at most at this side, and enlarged: their edges are soft anyway.
const HULL_SIDE: usize = 128;

/// The crop less its edges, as FaceFusion makes it. `blur` is 0..=1 and widens the soft edge;
/// `padding` is cut off at top, right, bottom and left, in percent of the crop.
pub fn box_mask(size: usize, blur: f32, padding: [u8; 4]) -> Field {
    let [top, right, bottom, left] = padding;
    let across = box_profile(size, blur, left, right);
    let down = box_profile(size, blur, top, bottom);
    Field::from_fn(size, size, |x, y| (across[x] * down[y]) as f32)
}

/// The box along one axis. It is the product of two such, since its Gaussian is.
fn box_profile(size: usize, blur: f32, before: u8, after: u8) -> Vec<f64> {
    // What looks like a whole number is meant as one: .35 is a little less in binary.
    let whole = |v: f64| (v + 1e-4) as usize;
    let amount = whole(size as f64 * 0.5 * f64::from(blur));
    let edge = (amount / 2).max(1);
    let band = |percent: u8| edge.max(whole(size as f64 * f64::from(percent) / 100.0)).min(size);
    let hard: Vec<f64> = (0..size)
        .map(|i| f64::from(u8::from(i >= band(before) && i < size - band(after))))
        .collect();
    if amount == 0 {
        return hard;
    }
    let sigma = amount as f64 * 0.25;
    let reach = ((sigma * REACH * 2.0 + 1.0).round_ties_even() as isize | 1) / 2;
    let weight = |i: isize| (-((i * i) as f64) / (2.0 * sigma * sigma)).exp();
    let sum: f64 = (-reach..=reach).map(weight).sum();
    let last = size as isize - 1;
    // Mirrored without the outermost sample; both ends of the line are 0 as far as that reaches.
    let at =
        |i: isize| hard[(if i < 0 { -i } else { i.min(2 * last - i) }).clamp(0, last) as usize];
    (0..size as isize)
        .map(|x| (-reach..=reach).map(|i| at(x + i) * weight(i)).sum::<f64>() / sum)
        .collect()
}

/// An ellipse in the middle of what the padding leaves; see [`box_mask`]. The more blur, the
/// smaller it gets, so that it always ends within the crop.
pub fn ellipse_mask(size: usize, blur: f32, padding: [u8; 4]) -> Field {
    let [top, right, bottom, left] = padding.map(|p| f32::from(p) / 100.0);
    let blur = ELLIPSE_BLUR * blur;
    let side = size as f32;
    let axis = AXIS.min(0.5 - 3.0 * blur) * side;
    let (rx, ry) = (axis * (1.0 - left - right).max(0.0), axis * (1.0 - top - bottom).max(0.0));
    let (cx, cy) = ((1.0 + left - right) * side / 2.0, (1.0 + top - bottom) * side / 2.0);
    let hard = Field::from_fn(size, size, |x, y| {
        let (u, v) = ((x as f32 + 0.5 - cx) / rx.max(1e-3), (y as f32 + 0.5 - cy) / ry.max(1e-3));
        // A pixel on the rim counts by how far it lies inside.
        (0.5 + (1.0 - u.hypot(v)) * rx.min(ry)).clamp(0.0, 1.0)
    });
    gaussian(&hard, blur * side)
}

/// The convex hull of points (crop pixels), `grow` pixels larger, with an edge of `soft` pixels
/// (one sigma).
pub fn hull_mask(size: usize, points: &[Point], grow: f32, soft: f32) -> Field {
    let side = size.min(HULL_SIDE);
    let k = side as f32 / size as f32;
    let small: Vec<Point> = points.iter().map(|p| p.map(|v| (v + 0.5) * k - 0.5)).collect();
    let inside = polygon(side, side, &convex_hull(&small));
    let inside = Mask::from_fn(side, side, |x, y| inside.at(x, y) >= 0.5).dilate(grow * k);
    let mask = gaussian(&inside.to_field(), soft * k);
    if side == size { mask } else { mask.enlarge(size, size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Along the middle row.
    fn across(mask: &Field) -> &[f32] {
        mask.row(mask.height / 2)
    }

    #[test]
    fn the_box_is_facefusions() {
        // Size 10, blur .4: amount 2, edge 1, sigma .5; the kernel of 5 has the weights
        // e^-8, e^-2, 1, e^-2, e^-8 over their sum 1.271341.
        let mask = box_mask(10, 0.4, [0; 4]);
        let e2 = (-2.0f32).exp() / 1.271_341;
        let e8 = (-8.0f32).exp() / 1.271_341;
        // Mirrored: left of pixel 0 lies pixel 1 again.
        let want = [2.0 * (e2 + e8), 1.0 - e2, 1.0 - e8, 1.0, 1.0];
        for (i, want) in want.into_iter().enumerate() {
            let got = across(&mask)[i];
            assert!((got - want).abs() < 1e-5, "{i}: {got} for {want}");
            assert_eq!(got, across(&mask)[9 - i]);
        }
        // A corner is the product of its two edges.
        assert!((mask.at(0, 0) - want[0] * want[0]).abs() < 1e-5);
    }

    #[test]
    fn without_blur_the_box_loses_one_pixel_and_its_padding() {
        let mask = box_mask(20, 0.0, [10, 5, 0, 25]);
        let row: Vec<f32> = across(&mask).to_vec();
        // 25 % of 20 on the left, 5 % on the right: one pixel, as without.
        let want: Vec<f32> = (0..20).map(|x| f32::from(u8::from((5..19).contains(&x)))).collect();
        assert_eq!(row, want);
        let column: Vec<f32> = (0..20).map(|y| mask.at(10, y)).collect();
        let want: Vec<f32> = (0..20).map(|y| f32::from(u8::from((2..19).contains(&y)))).collect();
        assert_eq!(column, want);
        assert!(box_mask(20, 0.0, [60, 0, 60, 0]).data.iter().all(|&v| v == 0.0));
    }

    #[test]
    fn the_ellipse_is_full_in_the_middle_and_nothing_at_the_border() {
        for blur in [0.0, 0.3, 1.0] {
            let mask = ellipse_mask(128, blur, [0; 4]);
            assert!((mask.at(64, 64) - 1.0).abs() < 1e-3, "{blur}: {}", mask.at(64, 64));
            for i in 0..128 {
                for v in [mask.at(i, 0), mask.at(i, 127), mask.at(0, i), mask.at(127, i)] {
                    assert!(v < 0.01, "{blur} {i}: {v}");
                }
            }
        }
        // The edge lies at .44 of the side.
        let mask = ellipse_mask(200, 0.0, [0; 4]);
        assert!(mask.at(100, 14) > 0.9 && mask.at(100, 10) < 0.1);
        // What is cut off below moves it up.
        let cut = ellipse_mask(200, 0.0, [0, 0, 50, 0]);
        assert!(cut.at(100, 50) > 0.9 && cut.at(100, 102) < 0.1);
    }

    #[test]
    fn a_hull_is_grown_and_looks_the_same_at_every_size() {
        let square = [[40.0, 40.0], [80.0, 40.0], [80.0, 80.0], [40.0, 80.0], [60.0, 60.0]];
        let small = hull_mask(128, &square, 4.0, 1.0);
        assert!(small.at(60, 60) > 0.99 && small.at(60, 37) > 0.5 && small.at(60, 32) < 0.01);
        let twice = square.map(|p| p.map(|v| 2.0 * v + 0.5));
        let large = hull_mask(256, &twice, 8.0, 2.0);
        assert!((large.at(121, 121) - small.at(60, 60)).abs() < 1e-3);
        assert!((large.at(121, 75) - small.at(60, 37)).abs() < 0.2);
    }
}
