//! Part of a plane averaged down by a whole factor: what a crop that shrinks is sampled from.

use super::sample::Reader;
use super::taps::{Samples, Scale};

/// A part of a plane, each sample the mean of `by × by` stored ones.
pub(super) struct Shrunk {
    /// Row after row, in stored sample units.
    data: Vec<f32>,
    width: usize,
    height: usize,
    /// The first column and row, counted in shrunk samples from the plane's corner.
    origin: [usize; 2],
    by: usize,
}

impl Shrunk {
    /// The part of a plane around the box (x0, y0)–(x1, y1) of stored samples; blocks that are cut
    /// by the plane's edges average what is there.
    pub(super) fn of<const WIDE: bool>(
        reader: &Reader<'_>,
        [x0, y0]: [f32; 2],
        [x1, y1]: [f32; 2],
        by: usize,
    ) -> Shrunk {
        // A block further on each side than the positions, for the neighbors of the outermost.
        let span = |low: f32, high: f32, size: usize| {
            let last = size.div_ceil(by) - 1;
            let block = |v: f32| (v / by as f32).clamp(0.0, last as f32) as usize;
            let (low, high) = (block(low).saturating_sub(1), (block(high) + 1).min(last));
            (low, high - low + 1)
        };
        let (left, width) = span(x0, x1, reader.width);
        let (top, height) = span(y0, y1, reader.height);
        let columns = (left * by)..((left + width) * by).min(reader.width);
        let mut sums = vec![0u32; columns.len()];
        let mut data = Vec::with_capacity(width * height);
        for row in top..top + height {
            let rows = (row * by)..((row + 1) * by).min(reader.height);
            let count = rows.len();
            sums.fill(0);
            for y in rows {
                reader.add_to::<WIDE>(&mut sums, columns.start, y);
            }
            data.extend(
                sums.chunks(by)
                    .map(|block| block.iter().sum::<u32>() as f32 / (count * block.len()) as f32),
            );
        }
        Shrunk { data, width, height, origin: [left, top], by }
    }
}

impl Samples for Shrunk {
    fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    fn scale(&self) -> Scale {
        Scale { by: self.by as f32, origin: self.origin.map(|n| n as f32) }
    }

    #[inline]
    fn fetch(&self, at: usize) -> f32 {
        self.data[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
    use crate::imaging::taps::{Way, add_row};

    /// What lies at a position in stored samples of the plane.
    fn at(shrunk: &Shrunk, x: f32, y: f32) -> f32 {
        let mut one = [0.0];
        add_row(shrunk, &Way([[0.0, 0.0, x], [0.0, 0.0, y]]), [0.0; 2], &mut one);
        one[0]
    }

    fn frame(depth: u8, channels: u8) -> Frame {
        let (width, height) = (41, 23);
        let layout = Layout::Packed { channels };
        let matrix = Matrix::Bt709;
        let format = FrameFormat { width, height, layout, depth, matrix, full_range: true };
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        let plane = format.planes()[0];
        for y in 0..23 {
            for x in 0..41 {
                frame.set_sample(&plane, x, y, 0, (3 * x + 2 * y) as u32);
            }
        }
        frame
    }

    #[test]
    fn a_slope_is_the_same_slope() {
        for (depth, channels) in [(8, 1), (8, 3), (16, 1), (16, 4)] {
            let frame = frame(depth, channels);
            let reader = &Reader::all(&frame)[0];
            for by in [2, 3, 5] {
                let (low, high) = ([10.0, 8.0], [30.0, 16.0]);
                let shrunk = if depth == 8 {
                    Shrunk::of::<false>(reader, low, high, by)
                } else {
                    Shrunk::of::<true>(reader, low, high, by)
                };
                for [x, y] in [low, high, [17.25, 11.5]] {
                    let got = at(&shrunk, x, y);
                    let want = 3.0 * x + 2.0 * y;
                    assert!((got - want).abs() < 1e-3, "{depth} {channels} {by}: {got} for {want}");
                }
            }
        }
    }

    #[test]
    fn beyond_the_edge_the_last_block_goes_on() {
        let frame = frame(8, 1);
        let reader = &Reader::all(&frame)[0];
        let shrunk = Shrunk::of::<false>(reader, [-50.0, -9.0], [90.0, 60.0], 4);
        assert_eq!((shrunk.width, shrunk.height), (11, 6));
        // The last block is one column wide and three rows high.
        let corner = 3.0 * 40.0 + 2.0 * 21.0;
        assert!((at(&shrunk, 200.0, 200.0) - corner).abs() < 1e-3);
        assert!((at(&shrunk, -5.0, -5.0) - (3.0 * 1.5 + 2.0 * 1.5)).abs() < 1e-3);
    }
}
