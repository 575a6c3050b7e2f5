//! Small things a viewer looks at first: gaze, the inside of the mouth, grain.

use crate::imaging::color::Planes;
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::mask::polygon;
use crate::imaging::similarity::Point;

use super::features::pick;
use super::raster::WarpMap;
use super::source::SourceFace;
use super::topology::{EYES, INNER_LIPS, IRISES};

/// A part of a full-resolution map, for work on an eye or a mouth only.
pub struct Window {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

impl Window {
    /// The window around some points with a margin; `None` when it is outside the map.
    pub fn around(points: &[Point], margin: f32, width: usize, height: usize) -> Option<Window> {
        let start = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
        let [x0, y0, x1, y1] = points
            .iter()
            .fold(start, |b, p| [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]);
        let low = |v: f32| (v - margin).floor().max(0.0) as usize;
        let high = |v: f32, size: usize| ((v + margin).ceil().max(0.0) as usize).min(size);
        let (x, y) = (low(x0), low(y0));
        let (right, bottom) = (high(x1, width), high(y1, height));
        (right > x + 1 && bottom > y + 1).then(|| Window {
            x,
            y,
            width: right - x,
            height: bottom - y,
        })
    }

    /// A polygon in the window, blurred: 0..=1.
    fn soft_polygon(&self, points: &[Point], sigma: f32) -> Field {
        let local: Vec<Point> =
            points.iter().map(|p| [p[0] - self.x as f32, p[1] - self.y as f32]).collect();
        gaussian(&polygon(self.width, self.height, &local), sigma)
    }

    /// The same with its outline drawn, `half` pixels to each side.
    fn soft_outline(&self, points: &[Point], half: f32, sigma: f32) -> Field {
        let local: Vec<Point> =
            points.iter().map(|p| [p[0] - self.x as f32, p[1] - self.y as f32]).collect();
        let filled = polygon(self.width, self.height, &local);
        let drawn = Field::from_fn(self.width, self.height, |x, y| {
            let p = [x as f32, y as f32];
            let ends = (0..local.len()).map(|i| (local[i], local[(i + 1) % local.len()]));
            let square = ends.map(|(a, b)| to_segment(p, a, b)).fold(f32::INFINITY, f32::min);
            (half + 0.5 - square.sqrt()).clamp(0.0, 1.0).max(filled.at(x, y))
        });
        gaussian(&drawn, sigma)
    }
}

/// The square of a point's distance to a line between two others.
fn to_segment(p: Point, a: Point, b: Point) -> f32 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length.max(1e-9);
    let t = t.clamp(0.0, 1.0);
    (p[0] - a[0] - t * dx).powi(2) + (p[1] - a[1] - t * dy).powi(2)
}

/// The position of a point.
pub fn at(points: &[[f32; 3]], i: usize) -> Point {
    [points[i][0], points[i][1]]
}

/// Center and radius of an iris.
pub fn iris(points: &[[f32; 3]], first: usize) -> (Point, f32) {
    let center = at(points, first);
    let rim = (first + 1..first + 5)
        .map(|i| (points[i][0] - center[0]).hypot(points[i][1] - center[1]))
        .sum::<f32>();
    (center, (rim / 4.0).max(0.1))
}

/// Pulls the map inside each open eye so that the source's iris lies where the target looks,
/// round and of the target's size.
pub fn center_irises(map: &mut WarpMap, source: &SourceFace, points: &[[f32; 3]], face_width: f32) {
    for (first, eye) in IRISES.into_iter().zip(EYES) {
        let ((ct, rt), (cs, rs)) = (iris(points, first), iris(&source.points, first));
        let (upper, lower) = (at(points, eye[4]), at(points, eye[12]));
        let aperture = (upper[0] - lower[0]).hypot(upper[1] - lower[1]);
        let open = ((aperture / (2.0 * rt) - 0.2) / 0.25).clamp(0.0, 1.0);
        let contour = pick(points, &eye);
        let Some(window) = Window::around(&contour, 3.0, map.width, map.height) else { continue };
        if open == 0.0 {
            continue;
        }
        let inside = window.soft_polygon(&contour, (0.008 * face_width).max(0.6));
        for y in 0..window.height {
            for x in 0..window.width {
                let (px, py) = ((window.x + x) as f32, (window.y + y) as f32);
                let distance = (px - ct[0]).hypot(py - ct[1]);
                let near = ((2.2 * rt - distance) / (1.1 * rt)).clamp(0.0, 1.0);
                let weight = inside.at(x, y) * near * open;
                let place = &mut map.source[(window.y + y) * map.width + window.x + x];
                let wished = [cs[0] + (px - ct[0]) * rs / rt, cs[1] + (py - ct[1]) * rs / rt];
                for c in 0..2 {
                    place[c] += (wished[c] - place[c]) * weight;
                }
            }
        }
    }
}

/// Puts back the target's own mouth between the lips: teeth and tongue move with the speech.
pub fn keep_inner_mouth(
    face: &mut Planes,
    target: &Planes,
    shaped: &[[f32; 3]],
    original: &[[f32; 3]],
    face_width: f32,
) {
    let (width, height) = (target[0].width, target[0].height);
    let contour = pick(shaped, &INNER_LIPS);
    let sigma = (0.006 * face_width).max(0.7);
    let Some(window) = Window::around(&contour, 3.0 * sigma + 1.0, width, height) else { return };
    // A closed mouth has no area: its line is drawn all the same, or the source's squeezed teeth
    // would show.
    let weight = window.soft_outline(&contour, (0.003 * face_width).max(0.5), sigma);
    let mean = |p: &[Point], c: usize| p.iter().map(|p| p[c]).sum::<f32>() / p.len() as f32;
    let own = pick(original, &INNER_LIPS);
    let shift = [0, 1].map(|c: usize| mean(&contour, c) - mean(&own, c));
    for y in 0..window.height {
        for x in 0..window.width {
            let w = weight.at(x, y);
            if w > 0.0 {
                let (px, py) = (window.x + x, window.y + y);
                for (plane, old) in face.iter_mut().zip(target) {
                    let v = old.bilinear(px as f32 - shift[0], py as f32 - shift[1]);
                    let place = &mut plane.data[py * width + px];
                    *place += (v - *place) * w;
                }
            }
        }
    }
}

/// Softens the finest texture of the source's skin where it is rougher than the target's (the
/// cracks of a painting, a noisy photo), and cuts off what sticks out of it. Nothing is added where
/// the target is the rougher one. Roughness is compared on `plain` skin, softened is all `skin`;
/// both may be coarser than the planes.
pub fn match_grain(
    lightness: &mut Field,
    target: &Planes,
    plain: &Field,
    skin: &Field,
    face_width: f32,
) {
    let (w, h) = (lightness.width, lightness.height);
    let reach = (1.5 * 0.02 * face_width).round().max(1.0) as usize;
    let mut plain = plain.enlarged(w, h);
    let (mut own, mut theirs) = (Roughness::default(), Roughness::default());
    let mut luma = vec![0.0; w];
    // Every fourth row tells enough.
    for y in (0..h).step_by(4) {
        let plain = plain.part(y, 0..w);
        own.add(lightness.row(y), plain, reach);
        // L of CIE Lab runs to 100, luma to 255.
        let [red, green, blue] = target.each_ref().map(|plane| plane.row(y));
        for (((l, r), g), b) in luma.iter_mut().zip(red).zip(green).zip(blue) {
            *l = (0.299 * r + 0.587 * g + 0.114 * b) * (100.0 / 255.0);
        }
        theirs.add(&luma, plain, reach);
    }
    let (own, theirs) = (own.mean(), theirs.mean());
    if own <= 1.15 * theirs || own < 1e-3 {
        return;
    }
    let share = (1.15 * theirs / own).clamp(0.35, 1.0);
    let limit = (2.5 * theirs).max(0.5);
    let soft = gaussian(lightness, (0.012 * face_width).max(0.7));
    let mut skin = skin.enlarged(w, h);
    for y in 0..h {
        let skin = skin.part(y, 0..w);
        for ((l, s), k) in lightness.row_mut(y).iter_mut().zip(soft.row(y)).zip(skin) {
            let fine = *l - s;
            let calm = (fine * share).clamp(-limit, limit);
            *l += (calm - fine) * k;
        }
    }
}

/// The mean absolute high-pass of rows, over plain skin.
#[derive(Default)]
struct Roughness {
    sum: f64,
    count: usize,
}

impl Roughness {
    /// Adds a row, where `skin` is plain for `reach` samples on each side.
    fn add(&mut self, row: &[f32], skin: &[f32], reach: usize) {
        let mut total = 0.0f64;
        let mut length = 0usize;
        for x in 0..row.len() {
            // A running window over unbroken skin only.
            if skin[x] < 0.99 {
                (total, length) = (0.0, 0);
                continue;
            }
            total += f64::from(row[x]);
            length += 1;
            if length > 2 * reach + 1 {
                total -= f64::from(row[x - 2 * reach - 1]);
                length -= 1;
            }
            if length == 2 * reach + 1 {
                let mean = total / length as f64;
                self.sum += (f64::from(row[x - reach]) - mean).abs();
                self.count += 1;
            }
        }
    }

    fn mean(&self) -> f32 {
        if self.count == 0 { 0.0 } else { (self.sum / self.count as f64) as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rough_skin_is_softened_and_fine_skin_left_alone() {
        let noise = |x: usize, y: usize| ((x * 7919 + y * 104_729) % 17) as f32 - 8.0;
        let rough = Field::from_fn(120, 60, |x, y| 50.0 + noise(x, y));
        let skin = Field::filled(120, 60, 1.0);
        let plain: Planes = std::array::from_fn(|_| Field::filled(120, 60, 120.0));
        let mut softened = rough.clone();
        match_grain(&mut softened, &plain, &skin, &skin, 100.0);
        let spread = |f: &Field| f.data.iter().map(|v| (v - 50.0).abs()).sum::<f32>();
        assert!(spread(&softened) < 0.7 * spread(&rough));
        let noisy: Planes = std::array::from_fn(|_| rough.clone().map(|v| v * 2.55));
        let mut same = rough.clone();
        match_grain(&mut same, &noisy, &skin, &skin, 100.0);
        assert_eq!(same, rough);
    }
}
