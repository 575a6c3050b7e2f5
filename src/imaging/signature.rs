//! A frame in a few numbers, to see how much two frames differ.

use super::frame::Frame;
use super::sample::{Shrink, thumbnail};

/// Columns and rows of the signature.
const SIDE: u32 = 24;
/// Columns and rows of blocks for [`Signature::local_change`].
const BLOCKS: usize = 6;

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
        let sum: u32 = self.0.iter().zip(&other.0).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        sum as f32 / self.0.len() as f32
    }

    /// The largest mean difference of any sixth-by-sixth block, 0..=255: a small part of the
    /// picture may change altogether while the rest stays.
    pub fn local_change(&self, other: &Signature) -> f32 {
        let side = SIDE as usize;
        let block = side / BLOCKS;
        let mut sums = [0u32; BLOCKS * BLOCKS];
        for (i, (a, b)) in self.0.iter().zip(&other.0).enumerate() {
            let (x, y) = (i / 3 % side, i / 3 / side);
            sums[y / block * BLOCKS + x / block] += u32::from(a.abs_diff(*b));
        }
        let most = sums.into_iter().max().unwrap_or(0);
        most as f32 / (block * block * 3) as f32
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
        assert!(a.local_change(&b) > 100.0);
        assert!(!a.is_cut(&b));
        assert!(a.is_cut(&Signature::of(&plain(200, 200))));
    }
}
