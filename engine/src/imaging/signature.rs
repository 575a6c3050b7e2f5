//! A frame in a few numbers, to see how much two frames differ.

use serde::{Deserialize, Serialize};

use super::frame::Frame;
use super::sample::{Shrink, thumbnail};

/// Columns and rows of the signature.
const SIDE: u32 = 24;
/// Columns and rows of blocks for [`Change::local`].
const BLOCKS: usize = 6;

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
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// The signature of a frame.
    pub fn of(frame: &Frame) -> Self {
        Signature(thumbnail(frame, SIDE, SIDE, Shrink::Area))
    }

    /// Whether it is whole: what was read from a file may not be.
    pub fn is_whole(&self) -> bool {
        self.0.len() == 3 * (SIDE * SIDE) as usize
    }

    /// Mean absolute difference of two frames, 0..=255.
    pub fn change(&self, other: &Signature) -> f32 {
        let sum: u32 = self.0.iter().zip(&other.0).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        sum as f32 / self.0.len() as f32
    }

    /// The difference of two frames with small motion taken out: what each of them shows that
    /// the other does not show within one cell of the same place, whichever is more. A camera
    /// that pans, tilts and zooms changes little; new content and light change all.
    pub fn change_but_for_motion(&self, other: &Signature) -> Change {
        let (a, b) = (self.beyond(other), other.beyond(self));
        Change { mean: a.mean.max(b.mean), local: a.local.max(b.local) }
    }

    /// How far this frame's cells lie outside the range of the other's cells around them.
    fn beyond(&self, other: &Signature) -> Change {
        let side = SIDE as usize;
        let block = side / BLOCKS;
        let mut sums = [0u32; BLOCKS * BLOCKS];
        for y in 0..side {
            for x in 0..side {
                let mut beyond = 0;
                for c in 0..3 {
                    let (mut low, mut high) = (u8::MAX, 0);
                    for v in y.saturating_sub(1)..(y + 2).min(side) {
                        for u in x.saturating_sub(1)..(x + 2).min(side) {
                            let value = other.0[3 * (v * side + u) + c];
                            (low, high) = (low.min(value), high.max(value));
                        }
                    }
                    let own = self.0[3 * (y * side + x) + c];
                    beyond += u32::from(low.saturating_sub(own).max(own.saturating_sub(high)));
                }
                sums[y / block * BLOCKS + x / block] += beyond;
            }
        }
        let count = (3 * block * block) as f32;
        let most = sums.iter().max().copied().unwrap_or(0);
        let total: u32 = sums.iter().sum();
        Change { mean: total as f32 / (count * sums.len() as f32), local: most as f32 / count }
    }

    /// Whether the two frames belong to different shots. Camera moves and lights stay below;
    /// cuts between similar shots that slip through cost a detection, nothing else.
    pub fn is_cut(&self, other: &Signature) -> bool {
        self.change(other) > 28.0
    }
}

#[cfg(test)]
impl Signature {
    /// That of a frame of one gray.
    pub(crate) fn plain(value: u8) -> Self {
        Signature(vec![value; 3 * (SIDE * SIDE) as usize])
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
        let texture = |shift: f32, period: f32| {
            let mut frame = plain(0, 0);
            for (i, v) in frame.data.iter_mut().enumerate() {
                let (x, y) = ((i / 3 % 96) as f32 + shift, (i / 288) as f32);
                *v = (128.0 + 90.0 * (x / period).sin() * (y / 14.0).cos()) as u8;
            }
            Signature::of(&frame)
        };
        let (still, panned, other) = (texture(0.0, 9.0), texture(4.0, 9.0), texture(0.0, 23.0));
        assert!(still.change(&panned) > 10.0);
        assert!(still.change_but_for_motion(&panned).mean < 2.0);
        assert!(still.change_but_for_motion(&other).mean > 10.0);
    }
}
