//! A rectangle of a frame as whole planes, for what needs them all at once; [`super::rows`] is for
//! what can go row by row.

use super::color::{Planes, YuvMatrix};
use super::field::Field;
use super::frame::{Frame, FrameFormat, Layout};
use super::rows::{
    GRAY, add_blocks, add_row, chroma_shifts, mean_of_blocks, read, rows, to_8bit, to_yuv,
};

/// A rectangle in frame pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Rect {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

impl Rect {
    /// The part of the box (x0, y0)–(x1, y1) that lies in a frame, widened so that it starts and
    /// ends on whole chroma samples; `None` when nothing of it does.
    pub fn within(format: &FrameFormat, x0: f32, y0: f32, x1: f32, y1: f32) -> Option<Rect> {
        let (sx, sy) = chroma_shifts(format);
        let fit = |low: f32, high: f32, size: u32, shift: u8| {
            let step = 1usize << shift;
            let low = low.floor().clamp(0.0, size as f32) as usize / step * step;
            let high = (high.ceil().clamp(0.0, size as f32) as usize).div_ceil(step) * step;
            (low, high.min(size as usize))
        };
        let (left, right) = fit(x0, x1, format.width, sx);
        let (top, bottom) = fit(y0, y1, format.height, sy);
        (right > left && bottom > top).then_some(Rect {
            x: left,
            y: top,
            width: right - left,
            height: bottom - top,
        })
    }
}

/// Reads a rectangle as RGB 0..=255 (floats, not clipped; gray is repeated, alpha left out).
///
/// Chroma is replicated, which makes averaging it again (see [`native_delta`]) an exact inverse.
pub fn read_rgb(frame: &Frame, rect: Rect) -> Planes {
    let planes = frame.format.planes();
    let matrix = YuvMatrix::new(frame.format.matrix, frame.format.full_range);
    let mut data: [_; 3] = std::array::from_fn(|_| Vec::with_capacity(rect.width * rect.height));
    let mut row = rows(rect.width);
    for y in 0..rect.height {
        read(frame, &planes, &matrix, rect, y, &mut row);
        for (data, values) in data.iter_mut().zip(&row) {
            data.extend_from_slice(values);
        }
    }
    data.map(|data| Field { width: rect.width, height: rect.height, data })
}

/// An RGB difference as differences of the frame's own color planes, in stored sample units and
/// at each plane's own resolution: Y, U, V, or R, G, B, or gray.
pub fn native_delta(format: &FrameFormat, delta: Planes) -> Vec<Field> {
    let unit = 1.0 / to_8bit(format);
    match format.layout {
        Layout::Packed { channels } if channels >= 3 => {
            delta.into_iter().map(|plane| plane.map(|v| v * unit)).collect()
        }
        Layout::Packed { .. } => {
            let [red, green, blue] = delta;
            let gray = red.zip(&green, |r, g| GRAY[0] * r + GRAY[1] * g);
            vec![gray.zip(&blue, |gray, b| (gray + GRAY[2] * b) * unit)]
        }
        Layout::Yuv { shift_x, shift_y, .. } => {
            let matrix = YuvMatrix::new(format.matrix, format.full_range);
            let [mut luma, mut u, mut v] = delta;
            to_yuv([&mut luma.data, &mut u.data, &mut v.data], &matrix, unit);
            if (shift_x, shift_y) != (0, 0) {
                [u, v] = [u, v].map(|plane| subsample(&plane, shift_x, shift_y));
            }
            vec![luma, u, v]
        }
    }
}

/// Averages blocks of `1 << shift` samples; blocks cut by the edge average what is there.
pub fn subsample(field: &Field, shift_x: u8, shift_y: u8) -> Field {
    let block = 1usize << shift_y;
    let (width, height) = (field.width.div_ceil(1 << shift_x), field.height.div_ceil(block));
    let mut out = Field::zeros(width, height);
    for y in 0..height {
        let rows = y * block..((y + 1) * block).min(field.height);
        let sums = out.row_mut(y);
        for row in rows.clone() {
            add_blocks(sums, field.row(row), shift_x);
        }
        mean_of_blocks(sums, field.width, shift_x, rows.len());
    }
    out
}

/// Adds native differences (see [`native_delta`]) to a rectangle of the frame, rounding and
/// clipping to the sample range. Samples whose difference is zero stay as they are.
pub fn add_delta(frame: &mut Frame, rect: Rect, delta: &[Field]) {
    let planes = frame.format.planes();
    let (shift_x, shift_y) = chroma_shifts(&frame.format);
    for (c, field) in delta.iter().enumerate() {
        let (plane, channel, x, y) = match frame.format.layout {
            Layout::Packed { .. } => (planes[0], c, rect.x, rect.y),
            Layout::Yuv { .. } if c == 0 => (planes[0], 0, rect.x, rect.y),
            Layout::Yuv { .. } => (planes[c], 0, rect.x >> shift_x, rect.y >> shift_y),
        };
        for row in 0..field.height {
            add_row(frame, &plane, channel, x, y + row, field.row(row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::Matrix;

    fn format(layout: Layout, depth: u8, full_range: bool) -> FrameFormat {
        FrameFormat { width: 21, height: 13, layout, depth, matrix: Matrix::Bt709, full_range }
    }

    fn textured(format: FrameFormat) -> Frame {
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        for plane in format.planes() {
            for y in 0..plane.height {
                for x in 0..plane.width {
                    for c in 0..plane.channels {
                        let v = (60 + (x * 31 + y * 17 + c * 40) % 120) as u32;
                        frame.set_sample(&plane, x, y, c, v << (format.depth - 8));
                    }
                }
            }
        }
        frame
    }

    fn all_formats() -> Vec<FrameFormat> {
        let mut formats = Vec::new();
        for depth in [8, 10] {
            for (shift_x, shift_y) in [(1, 1), (1, 0), (0, 0)] {
                formats.push(format(Layout::Yuv { shift_x, shift_y, alpha: false }, depth, false));
            }
        }
        for channels in 1..=4 {
            formats.push(format(Layout::Packed { channels }, 8, true));
            formats.push(format(Layout::Packed { channels }, 16, true));
        }
        formats
    }

    #[test]
    fn a_change_lands_where_it_was_asked_and_nowhere_else() {
        for format in all_formats() {
            let before = textured(format);
            let mut after = before.clone();
            let rect = Rect::within(&format, 4.0, 2.0, 12.0, 8.0).unwrap();
            let lift = std::array::from_fn(|_| Field::filled(rect.width, rect.height, 20.0));
            add_delta(&mut after, rect, &native_delta(&format, lift));
            let old = read_rgb(&before, rect);
            let new = read_rgb(&after, rect);
            let channels = if format.layout == (Layout::Packed { channels: 1 }) { 1 } else { 3 };
            for c in 0..channels {
                for (a, b) in new[c].data.iter().zip(&old[c].data) {
                    assert!((a - b - 20.0).abs() < 1.0, "{format:?}: {b} became {a}");
                }
            }
            let all = Rect { x: 0, y: 0, width: 21, height: 13 };
            let (old, new) = (read_rgb(&before, all), read_rgb(&after, all));
            for y in 0..13 {
                for x in 0..21 {
                    let inside = (rect.x..rect.x + rect.width).contains(&x)
                        && (rect.y..rect.y + rect.height).contains(&y);
                    if !inside {
                        assert_eq!(old[1].at(x, y), new[1].at(x, y), "{format:?} at {x},{y}");
                    }
                }
            }
        }
    }

    #[test]
    fn rectangles_end_on_whole_chroma_samples() {
        let format = format(Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 8, false);
        let rect = Rect::within(&format, 3.2, 1.0, 40.0, 40.0).unwrap();
        assert_eq!(rect, Rect { x: 2, y: 0, width: 19, height: 13 });
        assert!(Rect::within(&format, -20.0, -20.0, -3.0, 5.0).is_none());
    }
}
