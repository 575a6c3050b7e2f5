//! Blinks: as the target's eyes close, its own lids take the place of the source's eyes.
//!
//! The source's photo shows open eyes; squeezed into a closed lid it leaves a slit of white. So in
//! proportion to how far an eye is closed, the target's eye region, laid over the swapped face's
//! geometry and matched to its skin, is blended in. Open eyes are not touched.

use serde::{Deserialize, Serialize};

use crate::faces::landmarks::Landmarks;
use crate::imaging::color::{Planes, rgb_to_lab};
use crate::imaging::field::Field;
use crate::imaging::filter::gaussian;
use crate::imaging::frame::Frame;
use crate::imaging::mask::{Mask, polygon};
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::{Affine, Point};

use super::details::{Window, iris};
use super::features::{hull, pick, threshold};
use super::pose::{apertures, smoothstep};
use super::raster::rasterize;
use super::topology::{BROWS, EYE_RINGS, EYES, IRISES, Topology};

/// An eye counts as open above the first share of its own open aperture, as shut below the second.
const SHUT: (f32, f32) = (0.90, 0.62);
/// The range in which an open eye's aperture is believed to lie.
const OPEN: (f32, f32) = (0.26, 0.42);
/// How fast the weight may fall and rise a frame.
const STEP: (f32, f32) = (-0.3, 0.6);

/// How far each eye of the target is shut, and the color of its irises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Lids {
    /// 0 = the source's eye, 1 = the target's lid; right and left.
    pub shut: [f32; 2],
    /// Mean Lab of each of the target's irises while they were seen.
    pub irises: [Option<[f32; 3]>; 2],
}

/// Follows the eyes of one track.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LidTracker {
    open: [f32; 2],
    frames: u32,
    lids: Lids,
}

impl LidTracker {
    /// Starts at a face; a video's first frame is believed to show open eyes, a still is not
    /// believed to.
    pub fn new(landmarks: &Landmarks, still: bool) -> Self {
        let floor = if still { OPEN.0 } else { 0.30 };
        let open = apertures(landmarks).map(|e| e.clamp(floor, OPEN.1));
        LidTracker { open, frames: 0, lids: Lids::default() }
    }

    /// The state of the next frame.
    pub fn next(&mut self, frame: &Frame, landmarks: &Landmarks) -> Lids {
        let first = self.frames == 0;
        self.frames = self.frames.saturating_add(1);
        let decay = if self.frames < 60 { 0.001 } else { 0.0002 };
        for (k, aperture) in apertures(landmarks).into_iter().enumerate() {
            let open = &mut self.open[k];
            *open += if aperture > *open { 0.2 * (aperture - *open) } else { -decay };
            *open = open.clamp(OPEN.0, OPEN.1);
            let wished = smoothstep((SHUT.0 - aperture / *open) / (SHUT.0 - SHUT.1));
            let shut = &mut self.lids.shut[k];
            *shut = if first { wished } else { *shut + (wished - *shut).clamp(STEP.0, STEP.1) };
            if *shut < 0.5 {
                let seen = iris_color(frame, landmarks, k);
                let gain = 0.2 * (1.0 - *shut);
                self.lids.irises[k] = Some(match self.lids.irises[k] {
                    Some(old) => std::array::from_fn(|c| old[c] + gain * (seen[c] - old[c])),
                    None => seen,
                });
            }
        }
        self.lids
    }
}

/// Mean Lab of the middle of an iris.
pub fn iris_color(frame: &Frame, landmarks: &Landmarks, eye: usize) -> [f32; 3] {
    const SIDE: usize = 6;
    let (center, radius) = iris(&landmarks.points, IRISES[eye]);
    let step = f64::from(1.4 * radius) / SIDE as f64;
    let half = (SIDE as f32 - 1.0) / 2.0;
    let map = Affine::about([half, half], center, 0.0, step);
    let rgb = sample_affine(frame, &map, SIDE, SIDE);
    let mean = rgb.map(|p| p.data.iter().sum::<f32>() / (SIDE * SIDE) as f32);
    rgb_to_lab(mean)
}

/// Blends the target's lids into the lit Lab planes of the swapped face.
///
/// `shaped` and `original` are the meshes in pixels of the planes; `covered` says where the
/// swapped face is; `source_irises` are the source's iris colors under the target's light.
#[allow(clippy::too_many_arguments)]
pub fn blend(
    lab: &mut Planes,
    rgb: &Planes,
    topology: &Topology,
    shaped: &[[f32; 3]],
    original: &[[f32; 3]],
    lids: &Lids,
    source_irises: &[[f32; 3]; 2],
    face_width: f32,
) {
    for k in 0..2 {
        if lids.shut[k] > 0.0 {
            let eye = Eye { index: k, shut: lids.shut[k], face_width };
            let irises = lids.irises[k].map(|own| (source_irises[k], own));
            eye.blend(lab, rgb, topology, shaped, original, irises);
        }
    }
}

struct Eye {
    index: usize,
    shut: f32,
    face_width: f32,
}

impl Eye {
    fn blend(
        &self,
        lab: &mut Planes,
        rgb: &Planes,
        topology: &Topology,
        shaped: &[[f32; 3]],
        original: &[[f32; 3]],
        irises: Option<([f32; 3], [f32; 3])>,
    ) {
        let fw = self.face_width;
        let contour = pick(shaped, &EYE_RINGS[self.index]);
        let size = (lab[0].width, lab[0].height);
        let Some(window) = Window::around(&contour, 0.15 * fw, size.0, size.1) else { return };
        let (w, h) = (window.width, window.height);
        let local: Vec<[f32; 3]> =
            shaped.iter().map(|p| [p[0] - window.x as f32, p[1] - window.y as f32, p[2]]).collect();
        let flat: Vec<Point> = original.iter().map(|p| [p[0], p[1]]).collect();
        let map = rasterize(topology, &local, &flat, w, h);
        let mut target: Planes = std::array::from_fn(|_| Field::zeros(w, h));
        let mut own: Planes = std::array::from_fn(|_| Field::zeros(w, h));
        for i in 0..w * h {
            let (x, y) = (window.x + i % w, window.y + i / w);
            for c in 0..3 {
                own[c].data[i] = lab[c].at(x, y);
            }
            if map.covered(i) {
                let [u, v] = map.source[i];
                let color = rgb_to_lab([0, 1, 2].map(|c: usize| rgb[c].bilinear(u, v)));
                for c in 0..3 {
                    target[c].data[i] = color[c];
                }
            }
        }
        let skin = self.skin_around(&local, &map.triangle, w, h);
        let offset = skin_offset(&own, &target, &skin, 0.05 * fw);
        for c in 0..3 {
            for (t, o) in target[c].data.iter_mut().zip(&offset[c].data) {
                *t += o;
            }
        }
        if let Some((source, before)) = irises {
            self.tint_iris(&mut target, &offset, &local, source, before);
        }
        let ring = pick(&local, &EYE_RINGS[self.index]);
        let weight = gaussian(&polygon(w, h, &ring), 0.02 * fw);
        for i in 0..w * h {
            if map.covered(i) {
                let (x, y) = (window.x + i % w, window.y + i / w);
                for c in 0..3 {
                    let place = &mut lab[c].data[y * size.0 + x];
                    *place += (target[c].data[i] - *place) * weight.data[i] * self.shut;
                }
            }
        }
    }

    /// The skin around the eye, without eye and brow.
    fn skin_around(&self, points: &[[f32; 3]], triangles: &[u16], w: usize, h: usize) -> Field {
        let fw = self.face_width;
        let grown = |mask: Mask, share: f32| mask.dilate((share * fw).max(1.0));
        let ring = threshold(&polygon(w, h, &pick(points, &EYE_RINGS[self.index])));
        let eye = threshold(&polygon(w, h, &pick(points, &EYES[self.index])));
        let brow = hull(points, &BROWS[self.index], w, h);
        let not = |a: bool, b: bool| a && !b;
        let mut skin =
            grown(ring, 0.05).combine(&grown(eye, 0.02), not).combine(&grown(brow, 0.01), not);
        for (s, t) in skin.data.iter_mut().zip(triangles) {
            *s = *s && *t != super::raster::NONE;
        }
        skin.to_field()
    }

    /// Gives the iris that still shows through a half-closed lid the source's color.
    fn tint_iris(
        &self,
        target: &mut Planes,
        offset: &Planes,
        points: &[[f32; 3]],
        source: [f32; 3],
        before: [f32; 3],
    ) {
        let (w, h) = (target[0].width, target[0].height);
        let (center, radius) = iris(points, IRISES[self.index]);
        let eye = polygon(w, h, &pick(points, &EYES[self.index]));
        let disc = Field::from_fn(w, h, |x, y| {
            let distance = (x as f32 - center[0]).hypot(y as f32 - center[1]);
            (1.1 * radius + 0.5 - distance).clamp(0.0, 1.0) * eye.at(x, y)
        });
        let weight = gaussian(&disc, (0.008 * self.face_width).max(0.6));
        let shares = [0.35, 0.8, 0.8];
        for c in 0..3 {
            let mean = offset[c].weighted_mean(&disc);
            let change = (source[c] - before[c] - mean).clamp(-25.0, 25.0) * shares[c];
            for (t, k) in target[c].data.iter_mut().zip(&weight.data) {
                *t += change * k;
            }
        }
    }
}

/// What must be added to the target so that its skin matches the swapped face's, locally.
fn skin_offset(own: &Planes, target: &Planes, skin: &Field, sigma: f32) -> Planes {
    let bottom = gaussian(skin, sigma);
    std::array::from_fn(|c| {
        let limit = if c == 0 { 40.0 } else { 20.0 };
        let difference = own[c]
            .clone()
            .zip(&target[c], |o, t| (o - t).clamp(-limit, limit))
            .zip(skin, |d, s| d * s);
        gaussian(&difference, sigma).zip(&bottom, |t, b| t / (b + 0.02))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};

    fn face(aperture: f32) -> Landmarks {
        let mut points = vec![[100.0, 100.0, 0.0]; 478];
        for (k, eye) in EYES.iter().enumerate() {
            let x = 50.0 + 80.0 * k as f32;
            points[eye[0]] = [x, 80.0, 0.0];
            points[eye[8]] = [x + 40.0, 80.0, 0.0];
            for (i, (a, b)) in super::super::topology::LIDS[k].into_iter().enumerate() {
                let x = x + 10.0 * (i + 1) as f32;
                points[a] = [x, 80.0 - 20.0 * aperture, 0.0];
                points[b] = [x, 80.0 + 20.0 * aperture, 0.0];
            }
        }
        Landmarks { points, presence: 1.0 }
    }

    fn frame() -> Frame {
        let format = FrameFormat {
            width: 200,
            height: 160,
            layout: Layout::Packed { channels: 3 },
            depth: 8,
            matrix: Matrix::Bt601,
            full_range: true,
        };
        Frame::new(format, vec![90; format.frame_bytes()])
    }

    #[test]
    fn a_blink_shuts_within_three_frames_and_opens_again() {
        let frame = frame();
        let mut tracker = LidTracker::new(&face(0.32), false);
        for _ in 0..10 {
            assert_eq!(tracker.next(&frame, &face(0.32)).shut, [0.0; 2]);
        }
        let shut: Vec<f32> = (0..3).map(|_| tracker.next(&frame, &face(0.08)).shut[0]).collect();
        assert!(shut[0] <= 0.6 && shut[2] == 1.0, "{shut:?}");
        let open: Vec<f32> = (0..6).map(|_| tracker.next(&frame, &face(0.32)).shut[0]).collect();
        assert!(open[0] >= 0.69 && open[5] == 0.0, "{open:?}");
    }

    #[test]
    fn open_eyes_of_a_still_are_left_alone() {
        let mut tracker = LidTracker::new(&face(0.27), true);
        assert_eq!(tracker.next(&frame(), &face(0.27)).shut, [0.0; 2]);
    }
}
