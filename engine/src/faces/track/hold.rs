//! Faces that a network misses for a moment though they are in sight: without them the old face
//! would flash up.
//!
//! Whether a face is in sight is told by its place: as long as it looks as it did when the face was
//! last seen, it is there. A hand or another head before it looks different, and is left alone.

use serde::{Deserialize, Serialize};

use crate::imaging::aligned::{Aligned, Border, Quality};
use crate::imaging::frame::Frame;
use crate::imaging::similarity::Point;
use crate::imaging::template::Template;

use super::super::Face;
use super::super::detect::intersection_over_union;
use super::super::landmarks::Landmarks;

/// Side of a patch in pixels.
const SIDE: usize = 16;
/// Patches that differ by more than this on average, light and contrast taken out, show different
/// things. In units of a patch's own deviation: the next frame of a moving head is at .1 to .3,
/// a hand over half of the face above .8.
const ALIKE: f32 = 0.5;
/// Deviations below this, of 0..=255, are noise: such a patch shows nothing that could be known again.
const FLAT: f32 = 3.0;

/// A face is not held where another one overlaps its place more than this.
const TAKEN: f32 = 0.25;

/// What the place of a face looks like: its aligned crop in gray, light and contrast taken out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch(Vec<f32>);

impl Patch {
    /// The place of these five points; `None` where it cannot be cut out or nothing is to be seen.
    pub fn of(frame: &Frame, points: &[Point; 5]) -> Option<Patch> {
        let aligned = Aligned::new(points, Template::Arcface112, SIDE).ok()?;
        let [r, g, b] = aligned.crop(frame, Border::Replicate, Quality::Smooth);
        let rgb = r.data.iter().zip(&g.data).zip(&b.data);
        let gray: Vec<f32> = rgb.map(|((r, g), b)| 0.299 * r + 0.587 * g + 0.114 * b).collect();
        let count = gray.len() as f32;
        let mean = gray.iter().sum::<f32>() / count;
        let deviation = (gray.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count).sqrt();
        (deviation > FLAT).then(|| Patch(gray.iter().map(|v| (v - mean) / deviation).collect()))
    }

    /// Whether it is whole: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        self.0.len() == SIDE * SIDE
    }

    /// How much two patches differ: 0 for the same, about 1.1 for any two.
    fn difference(&self, other: &Patch) -> f32 {
        let sum: f32 = self.0.iter().zip(&other.0).map(|(a, b)| (a - b).abs()).sum();
        sum / self.0.len().max(1) as f32
    }

    /// Whether both show the same.
    pub fn is_like(&self, other: &Patch) -> bool {
        self.difference(other) < ALIKE
    }
}

/// A face as it was last seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Glimpse {
    score: f32,
    bounds: [f32; 4],
    points: [Point; 5],
    points_68: Option<Vec<Point>>,
    landmarks: Option<Landmarks>,
    patch: Patch,
}

impl Glimpse {
    /// Of a face in its frame; `None` where nothing could be known again.
    pub fn of(frame: &Frame, face: &Face) -> Option<Glimpse> {
        Some(Glimpse {
            score: face.score,
            bounds: face.bounds,
            points: face.points,
            points_68: face.points_68.clone(),
            landmarks: face.landmarks.clone(),
            patch: Patch::of(frame, &face.points)?,
        })
    }

    /// Whether it is whole: what was read from a file may not.
    pub fn is_whole(&self) -> bool {
        self.patch.is_whole() && self.landmarks.iter().all(Landmarks::is_whole)
    }

    /// Whether both show the same face from the same side.
    pub fn is_like(&self, other: &Glimpse) -> bool {
        self.patch.is_like(&other.patch)
    }

    /// The face in a later frame, moved by so many pixels, when its place there looks the same and
    /// none of the faces that are seen lies there.
    pub fn held(
        &self,
        frame: &Frame,
        track: u64,
        [dx, dy]: [f32; 2],
        seen: &[Face],
    ) -> Option<Face> {
        let moved = |[x, y]: Point| [x + dx, y + dy];
        let points = self.points.map(moved);
        let [x0, y0, x1, y1] = self.bounds;
        let bounds = [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
        if seen.iter().any(|face| intersection_over_union(face.bounds, bounds) > TAKEN) {
            return None;
        }
        if !Patch::of(frame, &points)?.is_like(&self.patch) {
            return None;
        }
        let landmarks = self.landmarks.as_ref().map(|landmarks| {
            let points = landmarks.points.iter().map(|&[x, y, z]| [x + dx, y + dy, z]);
            Landmarks { points: points.collect(), ..*landmarks }
        });
        Some(Face {
            track,
            score: self.score,
            bounds,
            points,
            landmarks,
            points_68: self.points_68.as_ref().map(|all| all.iter().copied().map(moved).collect()),
            embedding: None,
            attributes: None,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::faces::detect::Found;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};

    pub const POINTS: [Point; 5] =
        [[40.0, 50.0], [70.0, 50.0], [55.0, 65.0], [43.0, 82.0], [67.0, 82.0]];

    /// A picture with something like a face, moved by some pixels, in some light; a bar of gray
    /// from the left covers it up to a column.
    pub fn frame(shift: f32, light: f32, covered: usize) -> Frame {
        let (width, height) = (120, 120);
        let format = FrameFormat {
            width,
            height,
            layout: Layout::Packed { channels: 3 },
            depth: 8,
            matrix: Matrix::Bt709,
            full_range: true,
        };
        let spot = |x: f32, y: f32, [cx, cy]: Point, r: f32| {
            (-((x - cx).powi(2) + (y - cy).powi(2)) / (r * r)).exp()
        };
        let mut data = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (u, v) = (x as f32 - shift, y as f32);
                let dark: f32 = POINTS.iter().map(|&p| spot(u, v, p, 6.0)).sum();
                let side = spot(u, v, [80.0, 60.0], 40.0);
                let value = (110.0 + 50.0 * side - 70.0 * dark) * light;
                let value = if (x as usize) < covered { 140.0 } else { value };
                data.extend([value.clamp(0.0, 255.0) as u8; 3]);
            }
        }
        Frame::new(format, data)
    }

    fn glimpse() -> Glimpse {
        let bounds = [30.0, 35.0, 80.0, 95.0];
        let found = Found { bounds, points: POINTS, score: 0.9 };
        Glimpse::of(&frame(0.0, 1.0, 0), &Face::found(&found)).unwrap()
    }

    #[test]
    fn a_face_that_is_still_there_is_held() {
        let held = glimpse().held(&frame(4.0, 1.0, 0), 7, [4.0, 0.0], &[]).unwrap();
        assert_eq!((held.track, held.score), (7, 0.9));
        assert_eq!(held.points[0], [44.0, 50.0]);
        assert_eq!(held.bounds, [34.0, 35.0, 84.0, 95.0]);
        // Somebody else is there by now.
        let other = [held.clone()];
        assert!(glimpse().held(&frame(4.0, 1.0, 0), 7, [4.0, 0.0], &other).is_none());
        // It went on a little faster than it was thought, and a cloud came.
        assert!(glimpse().held(&frame(6.0, 0.7, 0), 7, [4.0, 0.0], &[]).is_some());
    }

    #[test]
    fn what_is_hidden_is_not() {
        assert!(glimpse().held(&frame(4.0, 1.0, 60), 7, [4.0, 0.0], &[]).is_none());
        assert!(glimpse().held(&frame(40.0, 1.0, 0), 7, [0.0, 0.0], &[]).is_none());
        // Nothing at all.
        assert!(glimpse().held(&frame(0.0, 0.0, 0), 7, [0.0, 0.0], &[]).is_none());
    }
}
