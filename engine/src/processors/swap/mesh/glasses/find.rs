//! Whether a face wears glasses, and where their frame is.

use crate::imaging::field::Field;
use crate::imaging::mask::{Mask, polygon};
use crate::imaging::similarity::Point;

use super::super::features::{hull, threshold};
use super::super::topology::EYES;
use super::crop::{Crop, SIZE};
use super::rim::Rim;
use super::thin::{self, Thin};

/// Shares of the rims, of their lower halves, and of the bridge that have to be seen. (Wearers: at
/// least .72, .74 and 1; others: at most .57 and .41.)
const AROUND: f32 = 0.65;
const BELOW: f32 = 0.6;
const BRIDGE: f32 = 0.6;
/// The response of a clear structure.
const CLEAR: f32 = 0.42;
/// Columns between the eyes.
const BETWEEN: std::ops::Range<usize> = 120..137;

/// The frame's pixels in a crop; `None` without glasses.
pub fn frame_in(crop: &Crop) -> Option<Mask> {
    let thin = thin::find(&crop.rgb);
    let eyes = EYES.map(|eye| hull(&crop.points, &eye, SIZE[0], SIZE[1]));
    let mut outside_eyes = thin.response.clone();
    for eye in &eyes {
        let near = eye.dilate(2.0);
        for (v, &n) in outside_eyes.data.iter_mut().zip(&near.data) {
            *v = if n { 0.0 } else { *v };
        }
    }
    let rims = EYES.map(|eye| {
        // A lens hangs lower than the eye.
        let [x, y] = middle(&crop.points, &eye);
        Rim::trace(&outside_eyes, [x, y + 8.0])
    });
    let rows = bridge_rows(crop)?;
    let worn = rims.iter().all(|r| r.around() >= AROUND && r.below() >= BELOW)
        && bridge_share(&thin.response, rows.clone()) >= BRIDGE;
    worn.then(|| draw(&thin, &rims, &eyes, rows))
}

/// The middle of some points' box.
fn middle(points: &[[f32; 3]], indices: &[usize]) -> Point {
    [0, 1].map(|c: usize| {
        let values = indices.iter().map(|&i| points[i][c]);
        let low = values.clone().fold(f32::INFINITY, f32::min);
        (low + values.fold(f32::NEG_INFINITY, f32::max)) / 2.0
    })
}

/// Rows that a bridge can be in; `None` when they lie outside the crop.
fn bridge_rows(crop: &Crop) -> Option<std::ops::Range<usize>> {
    let first = (crop.points[168][1] - 16.0).max(0.0) as usize;
    let end = ((crop.points[197][1] + 4.0).max(0.0) as usize).min(SIZE[1]);
    (first < end).then_some(first..end)
}

fn bridge_share(response: &Field, rows: std::ops::Range<usize>) -> f32 {
    let crossed = |&x: &usize| rows.clone().any(|y| response.at(x, y) > 0.3);
    BETWEEN.filter(crossed).count() as f32 / BETWEEN.len() as f32
}

/// Rims, bridge, hinges and what is seen of the temples.
fn draw(thin: &Thin, rims: &[Rim; 2], eyes: &[Mask; 2], rows: std::ops::Range<usize>) -> Mask {
    let [width, height] = SIZE;
    let mut band = Mask::empty(width, height);
    let mut core = Mask::empty(width, height);
    let mut lenses = Mask::empty(width, height);
    for rim in rims {
        stroke(&mut band, &rim.path, 4.5);
        stroke(&mut core, &rim.path, 1.5);
        lenses = lenses.combine(&threshold(&polygon(width, height, &rim.path)), |a, b| a || b);
    }
    let (left, right) = (rims[0].bounds(), rims[1].bounds());
    let bridge = (left[2] - 3.0).max(0.0) as usize..(right[0] + 4.0).max(0.0) as usize;
    let mut frame = Mask::from_fn(width, height, |x, y| {
        let i = y * width + x;
        let response = thin.response.data[i];
        let clear = thin.dark.data[i] > 16.0 || response > CLEAR;
        (clear && band.data[i])
            || (core.data[i] && response > 0.15)
            || (response > CLEAR && bridge.contains(&x) && rows.contains(&y))
    });
    // Beside each lens: from 14 pixels within its outer edge to 34 beyond it.
    let beside = |x: f32, y: f32| {
        let spans = [
            (&rims[0], left[0] - 34.0, left[0] + 14.0, left[1]),
            (&rims[1], right[2] - 14.0, right[2] + 34.0, right[1]),
        ];
        spans.iter().any(|(rim, from, to, top)| {
            x >= *from && x < *to && y >= top - 8.0 && y < rim.center[1] + 4.0
        })
    };
    let dark = Mask::from_fn(width, height, |x, y| {
        let i = y * width + x;
        thin.dark.data[i] > 22.0 && !lenses.data[i] && beside(x as f32, y as f32)
    });
    let near = frame.dilate(2.0);
    frame = frame.combine(&touching(&dark.erode(1.0).dilate(1.0), &near), |a, b| a || b);
    frame = frame.dilate(2.0).erode(2.0);
    for eye in eyes {
        frame = frame.combine(eye, |f, e| f && !e);
    }
    let (labels, sizes) = frame.components();
    for (v, &label) in frame.data.iter_mut().zip(&labels) {
        *v = *v && sizes[label as usize] >= 20;
    }
    frame
}

/// The parts of a mask that meet another.
fn touching(mask: &Mask, other: &Mask) -> Mask {
    let (labels, sizes) = mask.components();
    let mut meets = vec![false; sizes.len()];
    for (&label, &o) in labels.iter().zip(&other.data) {
        meets[label as usize] |= o;
    }
    Mask {
        width: mask.width,
        height: mask.height,
        data: labels.iter().map(|&l| l > 0 && meets[l as usize]).collect(),
    }
}

/// Sets every pixel within `reach` of a closed path.
fn stroke(mask: &mut Mask, path: &[Point], reach: f32) {
    for (i, &a) in path.iter().enumerate() {
        let b = path[(i + 1) % path.len()];
        let span = |c: usize, limit: usize| {
            let low = (a[c].min(b[c]) - reach).floor().max(0.0) as usize;
            let high = (a[c].max(b[c]) + reach).ceil().max(0.0) as usize;
            low..(high + 1).min(limit)
        };
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = (dx * dx + dy * dy).max(1e-6);
        for y in span(1, mask.height) {
            for x in span(0, mask.width) {
                let (px, py) = (x as f32 - a[0], y as f32 - a[1]);
                let t = ((px * dx + py * dy) / length).clamp(0.0, 1.0);
                if (px - t * dx).hypot(py - t * dy) <= reach {
                    mask.data[y * mask.width + x] = true;
                }
            }
        }
    }
}
