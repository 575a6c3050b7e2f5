//! Something in front of the lower face in one image: a closed area of another color than the
//! upper face, with a hard edge, that reaches the lower outline.
//!
//! Careful on purpose: it knows microphones, cups, masks and scarves. Hands have the face's own
//! color; no test of color or shading tells them from a face safely.

use crate::error::Result;
use crate::imaging::color::{Planes, planes_to_lab};
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::mask::{Mask, polygon};

use super::super::features::{features, hull, pick, threshold};
use super::super::topology::{LIPS, Topology};
use super::canvas::{Canvas, FACE};
use super::part::fill_holes;

/// Smallest part in canvas pixels.
const AREA: usize = 150;

/// The skin of the upper face: what the lower one is compared with.
struct Skin {
    color: [f32; 3],
    /// Thresholds of the departure in hue and in lightness.
    hue: f32,
    light: f32,
}

/// A canvas with everything that the parts are judged by.
struct Scene<'a> {
    canvas: &'a Canvas,
    lab: Planes,
    /// Change per pixel, over all channels.
    edges: Field,
    /// Distance inside the oval.
    depth: Field,
    lips: Mask,
    near_lips: Mask,
    candidates: Mask,
    skin: Skin,
}

/// The covered part of the canvas; `None` when nothing is in front.
///
/// # Errors
/// When the embedded mesh cannot be read.
pub fn find(canvas: &Canvas) -> Result<Option<Mask>> {
    let topology = Topology::get()?;
    let (width, height) = (canvas.width(), canvas.height());
    let points = &canvas.points;
    let face = threshold(&polygon(width, height, &pick(points, &topology.outline())));
    let oval = threshold(&polygon(width, height, &pick(points, &topology.oval)));
    let lab = planes_to_lab(&canvas.rgb).map(|plane| gaussian(&plane, 1.0));
    let special = features(points, FACE, width, height);
    let Some(skin) = upper_skin(canvas, &lab, &face, &special) else { return Ok(None) };
    let lips = hull(points, &LIPS, width, height);
    let candidates = Mask::from_fn(width, height, |x, y| {
        let i = y * width + x;
        face.data[i] && canvas.level(y) > 0.15 && skin.departs(lab_at(&lab, i))
    });
    let body = candidates
        .clone()
        .combine(&lips, |c, l| c && !l)
        .erode(1.0)
        .dilate(1.0)
        .dilate(2.0)
        .erode(2.0)
        .combine(&face, |b, f| b && f);
    let (labels, sizes) = body.components();
    if sizes.iter().all(|&size| size < AREA) {
        return Ok(None);
    }
    let scene = Scene {
        canvas,
        edges: edges(&lab),
        lab,
        depth: oval.depth(),
        near_lips: lips.dilate(2.0),
        lips,
        candidates,
        skin,
    };
    let mut found = Mask::empty(width, height);
    for (label, _) in sizes.iter().enumerate().filter(|(_, size)| **size >= AREA) {
        let part =
            Mask { width, height, data: labels.iter().map(|&l| l as usize == label).collect() };
        if label > 0 && scene.reaches_in(&part) && scene.is_thing(&part) {
            found = found.combine(&scene.with_lips(part), |a, b| a || b);
        }
    }
    if !found.any() {
        return Ok(None);
    }
    let whole = fill_holes(&found.dilate(4.0).erode(4.0).dilate(1.0), 250);
    Ok(Some(whole.combine(&face, |w, f| w && f)))
}

#[inline]
fn lab_at(lab: &Planes, i: usize) -> [f32; 3] {
    [lab[0].data[i], lab[1].data[i], lab[2].data[i]]
}

fn median(mut values: Vec<f32>) -> f32 {
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f32::total_cmp).1 }
}

fn upper_skin(canvas: &Canvas, lab: &Planes, face: &Mask, special: &Mask) -> Option<Skin> {
    let upper: Vec<usize> = (0..face.data.len())
        .filter(|&i| {
            let v = canvas.level(i / face.width);
            face.data[i] && !special.data[i] && v > -0.35 && v < 0.4
        })
        .collect();
    if upper.len() < 100 {
        return None;
    }
    let color: [f32; 3] =
        std::array::from_fn(|c| median(upper.iter().map(|&i| lab[c].data[i]).collect()));
    let off = |i: &usize, c: usize| lab[c].data[*i] - color[c];
    let hue = median(upper.iter().map(|i| off(i, 1).hypot(off(i, 2))).collect());
    let light = 1.4826 * median(upper.iter().map(|i| off(i, 0).abs()).collect());
    Some(Skin { color, hue: (3.5 * hue).clamp(8.0, 14.0), light: (3.5 * light).clamp(34.0, 42.0) })
}

impl Skin {
    /// Whether a color is not this skin's, lit or in shadow: a shadow keeps the hue and loses
    /// chroma with the light.
    fn departs(&self, [l, a, b]: [f32; 3]) -> bool {
        let share = (l / self.color[0].max(1.0)).clamp(0.15, 1.1);
        let plain = (a - self.color[1]).hypot(b - self.color[2]);
        let shaded = (a - self.color[1] * share).hypot(b - self.color[2] * share);
        plain.min(shaded) > self.hue || (l - self.color[0]).abs() > self.light
    }
}

/// Sobel magnitude over the three channels, the largest of each pixel and its four neighbors.
fn edges(lab: &Planes) -> Field {
    let (width, height) = (lab[0].width, lab[0].height);
    let clip = |v: usize, d: isize, size: usize| v.saturating_add_signed(d).min(size - 1);
    let magnitude = Field::from_fn(width, height, |x, y| {
        let (l, r) = (clip(x, -1, width), clip(x, 1, width));
        let (t, b) = (clip(y, -1, height), clip(y, 1, height));
        let mut sum = 0.0;
        for plane in lab {
            let at = |x: usize, y: usize| plane.at(x, y);
            let gx = at(r, t) + 2.0 * at(r, y) + at(r, b) - at(l, t) - 2.0 * at(l, y) - at(l, b);
            let gy = at(l, b) + 2.0 * at(x, b) + at(r, b) - at(l, t) - 2.0 * at(x, t) - at(r, t);
            sum += (gx * gx + gy * gy) / 64.0;
        }
        sum.sqrt()
    });
    Field::from_fn(width, height, |x, y| {
        let (l, r) = (clip(x, -1, width), clip(x, 1, width));
        let (t, b) = (clip(y, -1, height), clip(y, 1, height));
        magnitude
            .at(x, y)
            .max(magnitude.at(l, y).max(magnitude.at(r, y)))
            .max(magnitude.at(x, t).max(magnitude.at(x, b)))
    })
}

impl Scene<'_> {
    /// Whether a part touches the lower outline and goes well inside.
    fn reaches_in(&self, part: &Mask) -> bool {
        let (mut touching, mut deepest) = (0, 0.0f32);
        for i in (0..part.data.len()).filter(|&i| part.data[i]) {
            let depth = self.depth.data[i];
            deepest = deepest.max(depth);
            touching += usize::from(depth < 5.0 && self.canvas.level(i / part.width) > 0.3);
        }
        touching >= 4 && deepest > 9.0
    }

    /// Whether a part has a hard edge inside the face and is no beard.
    fn is_thing(&self, part: &Mask) -> bool {
        let around = part.dilate(1.0);
        let (mut count, mut sum, mut hard) = (0usize, 0.0f32, 0usize);
        for i in 0..part.data.len() {
            let on_edge = around.data[i] && !part.data[i];
            if on_edge && self.depth.data[i] > 4.0 && !self.near_lips.data[i] {
                count += 1;
                sum += self.edges.data[i];
                hard += usize::from(self.edges.data[i] > 4.0);
            }
        }
        if count < 8 {
            return false;
        }
        let (mean, share) = (sum / count as f32, hard as f32 / count as f32);
        let sharp = (mean > 8.2 && share > 0.75) || (mean > 9.2 && share > 0.4);
        sharp && !(mean < 14.0 && self.is_beard(part))
    }

    /// A beard is on both sides alike, darker than the skin, of its hue, and leaves the lips free.
    fn is_beard(&self, part: &Mask) -> bool {
        let color = self.color_of(part);
        let skin = self.skin.color;
        let dark =
            color[0] < skin[0] - 6.0 && color[1].hypot(color[2]) < 1.1 * skin[1].hypot(skin[2]);
        let covered = self.lips.clone().combine(&self.candidates, |l, c| l && c).count();
        dark && (covered as f32) < 0.7 * self.lips.count() as f32 && self.symmetry(part) > 0.45
    }

    /// Intersection over union of a part and its mirror image about the face's middle line.
    fn symmetry(&self, part: &Mask) -> f32 {
        let middle =
            [10, 152, 1, 168].iter().map(|&v: &usize| self.canvas.points[v][0]).sum::<f32>() / 4.0;
        let (mut both, mut either) = (0usize, 0usize);
        for y in 0..part.height {
            for x in 0..part.width {
                let other = (2.0 * middle - x as f32).round();
                let mirrored =
                    other >= 0.0 && other < part.width as f32 && part.at(other as usize, y);
                both += usize::from(mirrored && part.at(x, y));
                either += usize::from(mirrored || part.at(x, y));
            }
        }
        both as f32 / either.max(1) as f32
    }

    fn color_of(&self, part: &Mask) -> [f32; 3] {
        let weight = part.to_field();
        std::array::from_fn(|c| self.lab[c].weighted_mean(&weight))
    }

    /// The part and those pixels of the lips beside it that look like it.
    fn with_lips(&self, part: Mask) -> Mask {
        let color = self.color_of(&part);
        let near = part.dilate(8.0);
        let mut whole = part;
        for i in 0..whole.data.len() {
            let lip = near.data[i] && self.lips.data[i] && self.candidates.data[i];
            let alike = || {
                let lab = lab_at(&self.lab, i);
                (0..3).map(|c| (lab[c] - color[c]).abs()).sum::<f32>() < 45.0
            };
            whole.data[i] = whole.data[i] || (lip && alike());
        }
        whole
    }
}
