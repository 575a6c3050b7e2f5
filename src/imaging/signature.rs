//! A frame in a few numbers, to see how much two frames differ.

use super::frame::Frame;
use super::sample::{Shrink, thumbnail};

/// Columns and rows of the signature.
const SIDE: u32 = 24;
/// Columns and rows of blocks for [`Change::local`].
const BLOCKS: usize = 6;

/// Largest camera motion, in cells, that [`Signature::change_but_for_motion`] looks for.
const MOTION: i32 = 2;

/// How much two frames differ, 0..=255.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Mean absolute difference.
    pub mean: f32,
    /// The largest mean difference of any sixth-by-sixth block: a small part of the picture may
    /// change altogether while the rest stays.
    pub local: f32,
}

/// A frame shrunk to 24×24 RGB.
#[derive(Debug, Clone)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// The signature of a frame.
    pub fn of(frame: &Frame) -> Self {
        Signature(thumbnail(frame, SIDE, SIDE, Shrink::Area))
    }

    /// Mean absolute difference of two frames, 0..=255.
    pub fn change(&self, other: &Signature) -> f32 {
        self.shifted_change(other, 0, 0).mean
    }

    /// The difference of two frames with the camera's motion taken out: of all shifts by up to
    /// two cells the one that explains most.
    pub fn change_but_for_motion(&self, other: &Signature) -> Change {
        let shifts = -MOTION..=MOTION;
        let all = shifts.clone().flat_map(|dy| shifts.clone().map(move |dx| (dx, dy)));
        all.map(|(dx, dy)| self.shifted_change(other, dx, dy))
            .min_by(|a, b| a.mean.total_cmp(&b.mean))
            .unwrap_or(Change { mean: 255.0, local: 255.0 })
    }

    fn shifted_change(&self, other: &Signature, dx: i32, dy: i32) -> Change {
        let side = SIDE as i32;
        let block = side / BLOCKS as i32;
        let mut sums = [(0u32, 0u32); BLOCKS * BLOCKS];
        for y in dy.max(0)..side.min(side + dy) {
            for x in dx.max(0)..side.min(side + dx) {
                let i = 3 * (y * side + x) as usize;
                let k = 3 * ((y - dy) * side + x - dx) as usize;
                let difference: u32 =
                    (0..3).map(|c| u32::from(self.0[i + c].abs_diff(other.0[k + c]))).sum();
                let sum = &mut sums[(y / block * BLOCKS as i32 + x / block) as usize];
                *sum = (sum.0 + difference, sum.1 + 3);
            }
        }
        let mean = |(sum, count): (u32, u32)| sum as f32 / count.max(1) as f32;
        let total = sums.iter().fold((0, 0), |t, s| (t.0 + s.0, t.1 + s.1));
        Change { mean: mean(total), local: sums.into_iter().map(mean).fold(0.0, f32::max) }
    }

    /// Whether the two frames belong to different shots. Camera moves and lights stay below;
    /// cuts between similar shots that slip through cost a detection, nothing else.
    pub fn is_cut(&self, other: &Signature) -> bool {
        self.change(other) > 28.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};

    fn plain(value: u8, corner: u8) -> Frame {
        let format = FrameFormat {
            width: 96,
            height: 96,
            layout: Layout::Packed { channels: 3 },
            depth: 8,
            matrix: Matrix::Bt709,
            full_range: true,
        };
        let mut frame = Frame::new(format, vec![value; format.frame_bytes()]);
        for y in 0..16 {
            for x in 0..16 * 3 {
                frame.data[y * 96 * 3 + x] = corner;
            }
        }
        frame
    }

    #[test]
    fn a_small_part_that_changes_shows_in_the_local_change_only() {
        let (a, b) = (Signature::of(&plain(50, 50)), Signature::of(&plain(50, 200)));
        assert!(a.change(&b) < 6.0);
        assert!(a.change_but_for_motion(&b).local > 30.0);
        assert!(!a.is_cut(&b));
        assert!(a.is_cut(&Signature::of(&plain(200, 200))));
    }

    #[test]
    fn a_pan_is_motion_and_a_new_picture_is_not() {
        let texture = |shift: usize, salt: usize| {
            let mut frame = plain(0, 0);
            for (i, v) in frame.data.iter_mut().enumerate() {
                let (x, y) = ((i / 3 % 96 + shift) / 8, i / 288 / 8);
                *v = ((x * 37 + y * 91 + salt * x * y) % 200) as u8;
            }
            Signature::of(&frame)
        };
        let (still, panned, other) = (texture(0, 0), texture(8, 0), texture(0, 5));
        assert!(still.change(&panned) > 20.0);
        assert!(still.change_but_for_motion(&panned).mean < 1.0);
        assert!(still.change_but_for_motion(&other).mean > 20.0);
    }
}
