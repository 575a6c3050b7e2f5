//! How a picture lies in bytes.

use super::kernel::{GROUP, PIXELS, TAPS};
use crate::inference::winograd::Pads;

/// A picture in bytes: `[inputs / 4][rows][stride][columns][4]`, with its edges; where pixels are
/// skipped, each row's even columns and its odd ones by themselves.
pub(super) struct Map {
    pub height: usize,
    pub width: usize,
    pub stride: usize,
    pub pads: Pads,
    /// Rows of results.
    pub high: usize,
    /// Columns of results.
    pub wide: usize,
    /// Words of a row, or of half of it.
    pub part: usize,
    /// Words of a group of channels.
    pub plane: usize,
}

impl Map {
    /// `None` where there is nothing to compute, or nothing to mirror.
    pub fn new(height: usize, width: usize, stride: usize, pads: Pads) -> Option<Map> {
        let out = |side: usize, pads: usize| Some((side + pads).checked_sub(3)? / stride + 1);
        let high = out(height, pads.top + pads.bottom)?;
        let wide = out(width, pads.left + pads.right)?;
        let least = if pads.mirrored { 2 } else { 1 };
        if height.min(width) < least {
            return None;
        }
        // Pixels are read in sixteens, beyond the end of a row, too.
        let part = wide.next_multiple_of(PIXELS) + 2;
        let plane = (height + pads.top + pads.bottom) * stride * part;
        Some(Map { height, width, stride, pads, high, wide, part, plane })
    }

    /// Rows with their edges.
    pub fn rows(&self) -> usize {
        self.height + self.pads.top + self.pads.bottom
    }

    /// Words of a row.
    pub fn row(&self) -> usize {
        self.stride * self.part
    }

    /// Sixteens of pixels in a row of results.
    pub fn across(&self) -> usize {
        self.wide.div_ceil(PIXELS)
    }

    /// Where the bytes of a sixteen begin.
    pub fn place(&self, index: usize) -> usize {
        let (row, column) = (index / self.across(), index % self.across());
        (row * self.stride * self.row() + column * PIXELS) * GROUP
    }

    /// From a place to where each filter begins, in bytes.
    pub fn taps(&self) -> [usize; TAPS] {
        std::array::from_fn(|tap| {
            let (row, column) = (tap / 3, tap % 3);
            let part = column % self.stride * self.part + column / self.stride;
            (row * self.row() + part) * GROUP
        })
    }

    /// The picture's row that a row with edges shows; `None` for zeros.
    pub fn source(&self, row: usize) -> Option<usize> {
        mirrored(row, self.pads.top, self.height, self.pads.mirrored)
    }
}

/// Where a place with an edge before it lies; `None` for zeros.
fn mirrored(place: usize, edge: usize, side: usize, mirror: bool) -> Option<usize> {
    match place.checked_sub(edge) {
        Some(place) if place < side => Some(place),
        None if mirror => Some(edge - place),
        Some(place) if mirror => (2 * (side - 1)).checked_sub(place),
        _ => None,
    }
}
