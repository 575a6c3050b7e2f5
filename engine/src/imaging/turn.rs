//! Quarter turns: for networks that know upright faces only.

use serde::{Deserialize, Serialize};

use super::frame::{Frame, FrameFormat, Layout};
use super::similarity::{Point, spanned};

/// How far something is turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum Turn {
    /// Upright.
    #[default]
    Upright,
    /// By 90 degrees: the top is on the right.
    Right,
    /// By 180 degrees.
    Over,
    /// By 270 degrees: the top is on the left.
    Left,
}

impl Turn {
    /// All of them.
    pub const ALL: [Turn; 4] = [Turn::Upright, Turn::Right, Turn::Over, Turn::Left];

    /// Clockwise, in degrees.
    pub fn degrees(self) -> i64 {
        match self {
            Turn::Upright => 0,
            Turn::Right => 90,
            Turn::Over => 180,
            Turn::Left => 270,
        }
    }

    /// The turn whose "down" is nearest to this direction.
    pub fn of_down([x, y]: Point) -> Turn {
        match (x.abs() > y.abs(), x > 0.0, y < 0.0) {
            // The top on the right has the bottom on the left.
            (true, false, _) => Turn::Right,
            (true, true, _) => Turn::Left,
            (false, _, true) => Turn::Over,
            (false, _, false) => Turn::Upright,
        }
    }

    /// Columns and rows of a picture of this size when what is so turned stands upright.
    fn size(self, width: usize, height: usize) -> (usize, usize) {
        match self {
            Turn::Upright | Turn::Over => (width, height),
            Turn::Right | Turn::Left => (height, width),
        }
    }

    /// The linear part of the map from a frame to a picture in which what is so turned is upright.
    pub fn matrix(self) -> [[f64; 2]; 2] {
        match self {
            Turn::Upright => [[1.0, 0.0], [0.0, 1.0]],
            Turn::Right => [[0.0, 1.0], [-1.0, 0.0]],
            Turn::Over => [[-1.0, 0.0], [0.0, -1.0]],
            Turn::Left => [[0.0, -1.0], [1.0, 0.0]],
        }
    }

    /// The frame turned back, so that what is so turned in it stands upright.
    pub fn upright(self, frame: &Frame) -> Frame {
        let format = self.format(&frame.format);
        let mut data = vec![0; format.frame_bytes()];
        for (from, to) in frame.format.planes().iter().zip(format.planes()) {
            let step = from.channels * frame.format.sample_bytes();
            let from_row = from.width * step;
            // Where a sample of the new plane comes from: the first one, one column on, one row on.
            let (right, bottom) = (from.width - 1, from.height - 1);
            let at = |x: usize, y: usize| (from.offset + y * from_row + x * step) as isize;
            let (step_by, row_by) = (step as isize, from_row as isize);
            let (first, column, row) = match self {
                Turn::Upright => (at(0, 0), step_by, row_by),
                Turn::Right => (at(right, 0), row_by, -step_by),
                Turn::Over => (at(right, bottom), -step_by, -row_by),
                Turn::Left => (at(0, bottom), -row_by, step_by),
            };
            let rows = data[to.offset..].chunks_exact_mut(to.width * step).take(to.height);
            for (y, out) in rows.enumerate() {
                let mut source = first + y as isize * row;
                for sample in out.chunks_exact_mut(step) {
                    sample.copy_from_slice(&frame.data[source as usize..][..step]);
                    source += column;
                }
            }
        }
        Frame { format, data, ..*frame }
    }

    fn format(self, format: &FrameFormat) -> FrameFormat {
        let (width, height) = self.size(format.width as usize, format.height as usize);
        let layout = match (self, format.layout) {
            (Turn::Right | Turn::Left, Layout::Yuv { shift_x, shift_y, alpha }) => {
                Layout::Yuv { shift_x: shift_y, shift_y: shift_x, alpha }
            }
            (_, layout) => layout,
        };
        FrameFormat { width: width as u32, height: height as u32, layout, ..*format }
    }

    /// A point of the frame that [`Self::upright`] made of one with this format, in that one.
    pub fn back(self, format: &FrameFormat, [x, y]: Point) -> Point {
        let (right, bottom) = (format.width as f32 - 1.0, format.height as f32 - 1.0);
        match self {
            Turn::Upright => [x, y],
            Turn::Right => [right - y, x],
            Turn::Over => [right - x, bottom - y],
            Turn::Left => [y, bottom - x],
        }
    }

    /// As [`Self::back`], of a box (left, top, right, bottom).
    pub fn back_bounds(self, format: &FrameFormat, [x0, y0, x1, y1]: [f32; 4]) -> [f32; 4] {
        spanned(self.back(format, [x0, y0]), self.back(format, [x1, y1]))
    }
}

impl From<Turn> for i64 {
    fn from(turn: Turn) -> i64 {
        turn.degrees()
    }
}

impl TryFrom<i64> for Turn {
    type Error = String;

    fn try_from(degrees: i64) -> Result<Self, String> {
        let found = Turn::ALL.into_iter().find(|turn| turn.degrees() == degrees);
        found.ok_or_else(|| format!("{degrees} degrees are no quarter turn"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::Matrix;

    fn frame(layout: Layout, depth: u8) -> Frame {
        let matrix = Matrix::Bt709;
        let format = FrameFormat { width: 7, height: 4, layout, depth, matrix, full_range: true };
        let data = (0..format.frame_bytes()).map(|i| i as u8).collect();
        Frame::new(format, data)
    }

    #[test]
    fn every_sample_lies_where_its_point_says() {
        for layout in [
            Layout::Packed { channels: 3 },
            Layout::Yuv { shift_x: 0, shift_y: 0, alpha: true },
            Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false },
            Layout::Yuv { shift_x: 1, shift_y: 0, alpha: false },
        ] {
            for depth in [8, 10] {
                let frame = frame(layout, depth);
                for turn in Turn::ALL {
                    let upright = turn.upright(&frame);
                    let (old, new) = (frame.format.planes(), upright.format.planes());
                    for y in 0..new[0].height {
                        for x in 0..new[0].width {
                            let [u, v] = turn.back(&frame.format, [x as f32, y as f32]);
                            let was = frame.sample(&old[0], u as usize, v as usize, 0);
                            assert_eq!(upright.sample(&new[0], x, y, 0), was, "{turn:?} {x} {y}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn chroma_turns_with_the_rest() {
        let frame = frame(Layout::Yuv { shift_x: 1, shift_y: 0, alpha: false }, 8);
        let upright = Turn::Left.upright(&frame);
        assert_eq!(upright.format.layout, Layout::Yuv { shift_x: 0, shift_y: 1, alpha: false });
        let (old, new) = (frame.format.planes()[2], upright.format.planes()[2]);
        assert_eq!((new.width, new.height), (old.height, old.width));
        // Clockwise: the left bottom corner comes to the left top.
        assert_eq!(upright.sample(&new, 0, 0, 0), frame.sample(&old, 0, old.height - 1, 0));
        assert_eq!(upright.sample(&new, 3, 0, 0), frame.sample(&old, 0, 0, 0));
    }

    #[test]
    fn two_turns_are_one_and_four_are_none() {
        let frame = frame(Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 10);
        let twice = Turn::Right.upright(&Turn::Right.upright(&frame));
        assert_eq!(twice.data, Turn::Over.upright(&frame).data);
        assert_eq!(Turn::Left.upright(&Turn::Right.upright(&frame)).data, frame.data);
    }

    #[test]
    fn down_tells_the_turn() {
        for (down, turn) in [
            ([0.0, 1.0], Turn::Upright),
            ([0.6, 0.7], Turn::Upright),
            ([-1.0, 0.2], Turn::Right),
            ([0.3, -0.9], Turn::Over),
            ([0.9, -0.3], Turn::Left),
        ] {
            assert_eq!(Turn::of_down(down), turn);
        }
    }

    #[test]
    fn boxes_come_back_whole() {
        let format = frame(Layout::Packed { channels: 1 }, 8).format;
        assert_eq!(Turn::Right.back_bounds(&format, [1.0, 2.0, 3.0, 5.0]), [1.0, 1.0, 4.0, 3.0]);
        assert!(Turn::try_from(45).is_err());
    }
}
