//! Hair and hats that hang over a face from above.
//!
//! They are darker than the light explains, or of another hue, they touch the upper outline, and
//! they have an edge; a soft shadow has none.

use crate::imaging::field::Field;
use crate::imaging::mask::Mask;

use super::features::{Axes, hull};
use super::shading::Residual;
use super::topology::{BROWS, EYES};

/// Hair is looked for above this height (0 = eyes, 1 = chin).
const LOWEST: f32 = 0.12;
/// Parts that touch the outline above this height are hair.
const SEED: f32 = -0.30;
/// Above hair that reaches over this height there is only hair.
const FILL: f32 = -0.33;
/// The residual must change at least this much across the edge.
const CONTRAST: f32 = 0.45;

/// The hair over a face. `face` is the outline with the forehead, `depth` the distance
/// to its edge, `features` as in
/// [`super::features::features`], all on one coarse grid where the face is `face_width` wide.
pub fn find(
    residual: &Residual,
    face: &Mask,
    depth: &Field,
    features: &Mask,
    points: &[[f32; 3]],
    face_width: f32,
) -> Mask {
    let (width, height) = (face.width, face.height);
    let axes = Axes::of(points);
    let v = |i: usize| axes.v((i % width) as f32, (i / width) as f32);
    let spread = residual.spread.iter().sum::<f32>() / 3.0;
    let log = |i: usize| [0, 1, 2].map(|c: usize| residual.planes[c].data[i]);
    let mut eyes = Mask::empty(width, height);
    for (eye, brow) in EYES.iter().zip(&BROWS) {
        let both: Vec<usize> = eye.iter().chain(brow).copied().collect();
        eyes = eyes.combine(&hull(points, &both, width, height), |a, b| a || b);
    }
    let eyes = eyes.dilate((0.05 * face_width).max(1.0));
    let odd = Mask {
        width,
        height,
        data: (0..width * height)
            .map(|i| {
                if !face.data[i] || features.data[i] || eyes.data[i] || v(i) >= LOWEST {
                    return false;
                }
                let r = log(i);
                let mean = r.iter().sum::<f32>() / 3.0;
                let hue = r.iter().map(|c| (c - mean).powi(2)).sum::<f32>().sqrt();
                mean < -(0.6f32.max(2.6 * spread)) || hue > 0.22f32.max(3.12 * spread)
            })
            .collect(),
    };
    let unit = (0.01 * face_width).max(1.0);
    if !odd.any() {
        return odd;
    }
    let odd = odd.erode(unit).dilate(unit).dilate(2.0 * unit).erode(2.0 * unit);
    let (labels, sizes) = odd.components();
    let mut seeded = vec![false; sizes.len()];
    for i in 0..labels.len() {
        let edge = face.data[i] && depth.data[i] < 0.05 * face_width;
        if edge
            && v(i) < SEED
            && sizes[labels[i] as usize] as f32 > 0.0012 * face_width * face_width
        {
            seeded[labels[i] as usize] = true;
        }
    }
    let mut hair = Mask::empty(width, height);
    for label in 1..sizes.len() as u32 {
        if !seeded[label as usize] {
            continue;
        }
        let part = Mask { width, height, data: labels.iter().map(|&l| l == label).collect() };
        let near = |i: usize| {
            face.data[i]
                && !odd.data[i]
                && depth.data[i] > 0.03 * face_width
                && v(i) < LOWEST - 0.03
        };
        if has_edge(&part, near, face_width, log) {
            hair = hair.combine(&part, |a, b| a || b);
        }
    }
    fill_above(hair, face, &axes)
}

/// Whether color or brightness jumps at a part's border. Parts with hardly any border inside the
/// face are taken as they are.
fn has_edge(
    part: &Mask,
    near: impl Fn(usize) -> bool,
    face_width: f32,
    log: impl Fn(usize) -> [f32; 3],
) -> bool {
    let reach = (0.025 * face_width).max(1.0);
    let mut outside = part.dilate(reach);
    for (i, v) in outside.data.iter_mut().enumerate() {
        *v = *v && !part.data[i] && near(i);
    }
    let inside = outside.dilate(2.0 * reach).combine(part, |a, b| a && b);
    if outside.count() < 12 || inside.count() < 12 {
        return true;
    }
    let mean = |mask: &Mask| {
        let mut sum = [0.0f32; 3];
        for i in (0..mask.data.len()).filter(|&i| mask.data[i]) {
            for (s, v) in sum.iter_mut().zip(log(i)) {
                *s += v;
            }
        }
        sum.map(|s| s / mask.count() as f32)
    };
    let (a, b) = (mean(&outside), mean(&inside));
    let (la, lb) = (a.iter().sum::<f32>() / 3.0, b.iter().sum::<f32>() / 3.0);
    let hue = (0..3).map(|c| ((a[c] - la) - (b[c] - lb)).powi(2)).sum::<f32>().sqrt();
    (la - lb).max(2.0 * hue) > CONTRAST
}

/// Everything of the face that lies above hair is hair.
fn fill_above(mut hair: Mask, face: &Mask, axes: &Axes) -> Mask {
    let reach = hair.width + hair.height;
    let column = |i: usize| {
        let across = axes.across((i % face.width) as f32, (i / face.width) as f32);
        ((across + reach as f32).round().max(0.0) as usize).min(2 * reach)
    };
    let v = |i: usize| axes.v((i % face.width) as f32, (i / face.width) as f32);
    let mut lowest = vec![f32::NEG_INFINITY; 2 * reach + 1];
    for i in 0..hair.data.len() {
        if hair.data[i] && v(i) < FILL {
            let c = column(i);
            lowest[c] = lowest[c].max(v(i));
        }
    }
    for i in 0..hair.data.len() {
        hair.data[i] = face.data[i] && (hair.data[i] || v(i) <= lowest[column(i)]);
    }
    hair
}
