//! Small pictures out of large frames, cheaply: for looking at a face, not for showing it.

use crate::imaging::color::Planes;
use crate::imaging::frame::{Frame, FrameFormat, Layout, PlaneInfo};
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::Affine;

/// Samples `width × height` pixels whose centers `map` takes to frame positions: RGB 0..=255.
///
/// As [`sample_affine`]; but where the map shrinks, the part of the frame that is looked at is
/// first reduced by a whole factor in the frame's own format, which costs a fraction of averaging
/// in RGB.
pub fn sample(frame: &Frame, map: &Affine, width: usize, height: usize) -> Planes {
    let factor = map.scale().round().clamp(1.0, 64.0) as usize;
    if factor < 2 {
        return sample_affine(frame, map, width, height);
    }
    let (small, [x0, y0]) = reduce(frame, map, [width, height], factor);
    let f = factor as f64;
    let local = |v: f64, origin: usize| (v - origin as f64 + 0.5) / f - 0.5;
    let [[a, b, tx], [c, d, ty]] = map.0;
    let map = Affine([[a / f, b / f, local(tx, x0)], [c / f, d / f, local(ty, y0)]]);
    sample_affine(&small, &map, width, height)
}

/// The part of the frame under a map, with a margin, reduced by a factor; and where it starts.
fn reduce(frame: &Frame, map: &Affine, size: [usize; 2], factor: usize) -> (Frame, [usize; 2]) {
    let (w, h) = (size[0] as f32, size[1] as f32);
    let corners = [[0.0, 0.0], [w, 0.0], [0.0, h], [w, h]].map(|p| map.apply(p));
    let (shift_x, shift_y) = shifts(&frame.format);
    let span = |c: usize, limit: u32, shift: u8| {
        // Blocks that lie on whole chroma samples.
        let block = factor << shift;
        let low = corners.iter().map(|p| p[c]).fold(f32::INFINITY, f32::min) - factor as f32;
        let high = corners.iter().map(|p| p[c]).fold(f32::NEG_INFINITY, f32::max) + factor as f32;
        let low = low.clamp(0.0, (limit - 1) as f32) as usize / block * block;
        let high = (high.clamp(0.0, limit as f32).ceil() as usize).max(low + 1);
        (low, (high - low).div_ceil(block) * block / factor)
    };
    let (x, width) = span(0, frame.format.width, shift_x);
    let (y, height) = span(1, frame.format.height, shift_y);
    let format = FrameFormat { width: width as u32, height: height as u32, ..frame.format };
    let mut data = Vec::with_capacity(format.frame_bytes());
    let targets = format.planes();
    for (i, (plane, target)) in frame.format.planes().iter().zip(&targets).enumerate() {
        let chroma = matches!(frame.format.layout, Layout::Yuv { .. }) && (i == 1 || i == 2);
        let (sx, sy) = if chroma { (shift_x, shift_y) } else { (0, 0) };
        average(frame, plane, [x >> sx, y >> sy], target, factor, &mut data);
    }
    (Frame::new(format, data), [x, y])
}

fn shifts(format: &FrameFormat) -> (u8, u8) {
    match format.layout {
        Layout::Yuv { shift_x, shift_y, .. } => (shift_x, shift_y),
        Layout::Packed { .. } => (0, 0),
    }
}

/// Means of `factor × factor` blocks of a plane; blocks cut by its edge average what is there.
fn average(
    frame: &Frame,
    plane: &PlaneInfo,
    [x0, y0]: [usize; 2],
    target: &PlaneInfo,
    factor: usize,
    out: &mut Vec<u8>,
) {
    let wide = frame.format.sample_bytes() == 2;
    let row_samples = plane.width * plane.channels;
    let mut sums = vec![0u32; target.width * target.channels];
    for ty in 0..target.height {
        let top = (y0 + ty * factor).min(plane.height - 1);
        let bottom = (top + factor).min(plane.height);
        sums.fill(0);
        for y in top..bottom {
            for tx in 0..target.width {
                let left = (x0 + tx * factor).min(plane.width - 1);
                let right = (left + factor).min(plane.width);
                let base = y * row_samples;
                for c in 0..target.channels {
                    let at = |x: usize| base + x * plane.channels + c;
                    let sum = &mut sums[tx * target.channels + c];
                    *sum += if wide {
                        (left..right).map(|x| frame.sample(plane, x, y, c)).sum::<u32>()
                    } else if plane.channels == 1 {
                        let row =
                            &frame.data[plane.offset + base + left..plane.offset + base + right];
                        row.iter().map(|&v| u32::from(v)).sum()
                    } else {
                        (left..right).map(|x| u32::from(frame.data[plane.offset + at(x)])).sum()
                    };
                }
            }
        }
        for (i, &sum) in sums.iter().enumerate() {
            let left = (x0 + i / target.channels * factor).min(plane.width - 1);
            let count = ((bottom - top) * (factor.min(plane.width - left))) as u32;
            let mean = (sum + count / 2) / count;
            if wide {
                out.extend((mean as u16).to_le_bytes());
            } else {
                out.push(mean as u8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::Matrix;

    /// Gray ramps to the right and down, away from clipping.
    fn ramp(layout: Layout, depth: u8) -> Frame {
        let format = FrameFormat {
            width: 203,
            height: 151,
            layout,
            depth,
            matrix: Matrix::Bt709,
            full_range: true,
        };
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        let yuv = matches!(layout, Layout::Yuv { .. });
        for (i, plane) in format.planes().iter().enumerate() {
            for y in 0..plane.height {
                for x in 0..plane.width {
                    for c in 0..plane.channels {
                        let v = if yuv && i > 0 { 128 } else { (20 + x / 2 + y / 2) as u32 };
                        let v = if yuv { v << (depth - 8) } else { v * format.max_value() / 255 };
                        frame.set_sample(plane, x, y, c, v);
                    }
                }
            }
        }
        frame
    }

    #[test]
    fn reduced_samples_lie_where_full_ones_do() {
        let layouts = [
            (Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 8),
            (Layout::Yuv { shift_x: 1, shift_y: 0, alpha: false }, 10),
            (Layout::Packed { channels: 3 }, 8),
            (Layout::Packed { channels: 4 }, 16),
            (Layout::Packed { channels: 1 }, 8),
        ];
        for (layout, depth) in layouts {
            let frame = ramp(layout, depth);
            for scale in [1.0, 1.7, 2.4, 3.0, 4.6] {
                let map = Affine::about([10.0, 10.0], [101.0, 75.0], 0.4, scale);
                let (full, quick) =
                    (sample_affine(&frame, &map, 21, 21), sample(&frame, &map, 21, 21));
                for c in 0..3 {
                    for (a, b) in full[c].data.iter().zip(&quick[c].data) {
                        assert!((a - b).abs() < 1.5, "{layout:?} {scale}: {a} {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn maps_outside_the_frame_read_its_edge() {
        let frame = ramp(Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 8);
        for at in [[-900.0, -900.0], [5000.0, 20.0], [100.0, 4000.0]] {
            let map = Affine::about([5.0, 5.0], at, 0.2, 3.0);
            let out = sample(&frame, &map, 10, 10);
            assert!(out[1].data.iter().all(|v| (10.0..210.0).contains(v)));
        }
    }
}
