//! A frame scaled into a detector's input: aspect kept, at the top left of a black canvas.
//!
//! The scaling is OpenCV's `resize` with `INTER_LINEAR` on bytes: bilinear without averaging, with
//! weights of 11 bits. Detectors that were trained and are used behind it see the same pixels here.

use multiversion::multiversion;

use crate::imaging::color::YuvMatrix;
use crate::imaging::frame::{Frame, Layout, PlaneInfo};

/// One in OpenCV's fixed-point weights (`INTER_RESIZE_COEF_SCALE`).
const ONE: f64 = 2048.0;

/// A picture for a detector.
pub struct Canvas {
    /// R, G and B, each row by row.
    pub rgb: [Vec<u8>; 3],
    /// Canvas pixels per frame pixel, on both axes.
    pub scale: f32,
}

impl Canvas {
    /// Fills a canvas of this size as insightface's SCRFD does, up or down.
    pub fn of(frame: &Frame, (width, height): (usize, usize)) -> Self {
        let (new_width, new_height) = Self::filled(frame, (width, height));
        let rgb = resized(frame, new_width, new_height).map(|small| {
            let mut plane = vec![0; width * height];
            for (to, from) in plane.chunks_exact_mut(width).zip(small.chunks_exact(new_width)) {
                to[..from.len()].copy_from_slice(from);
            }
            plane
        });
        let scale = new_height as f64 / f64::from(frame.format.height);
        Canvas { rgb, scale: scale as f32 }
    }

    /// What a frame fills of a canvas of this size.
    pub fn filled(frame: &Frame, (width, height): (usize, usize)) -> (usize, usize) {
        let (w, h) = (f64::from(frame.format.width), f64::from(frame.format.height));
        let ratio = h / w;
        let (new_width, new_height) = if ratio > height as f64 / width as f64 {
            ((height as f64 / ratio) as usize, height)
        } else {
            (width, (width as f64 * ratio) as usize)
        };
        (new_width.max(1), new_height.max(1))
    }
}

/// The whole frame at another size: R, G and B. Stored planes are scaled each by itself.
fn resized(frame: &Frame, width: usize, height: usize) -> [Vec<u8>; 3] {
    let planes = frame.format.planes();
    let scaled = |plane: &PlaneInfo| {
        linear(&narrowed(frame, plane), [plane.width, plane.height, plane.channels], width, height)
    };
    match frame.format.layout {
        Layout::Packed { channels } => {
            let (step, color) = (usize::from(channels), usize::from(channels > 2));
            let all = scaled(&planes[0]);
            let one = |c: usize| all.iter().skip(c * color).step_by(step).copied().collect();
            [0, 1, 2].map(one)
        }
        Layout::Yuv { .. } => {
            let matrix = YuvMatrix::new(frame.format.matrix, frame.format.full_range);
            let mut planes = [0, 1, 2].map(|i: usize| scaled(&planes[i]));
            to_rgb(&mut planes, &matrix);
            planes
        }
    }
}

/// Makes R, G and B of Y, U and V.
#[multiversion(targets("x86_64+avx+avx2"))]
fn to_rgb([first, second, third]: &mut [Vec<u8>; 3], matrix: &YuvMatrix) {
    for ((a, b), c) in first.iter_mut().zip(second).zip(third) {
        let rgb = matrix.to_rgb(f32::from(*a), f32::from(*b), f32::from(*c));
        // Clipped first, so that adding a half and cutting off is rounding.
        [*a, *b, *c] = rgb.map(|v| (v.clamp(0.0, 255.0) + 0.5) as i32 as u8);
    }
}

/// The samples of a plane as bytes.
fn narrowed<'a>(frame: &'a Frame, plane: &PlaneInfo) -> std::borrow::Cow<'a, [u8]> {
    let count = plane.width * plane.height * plane.channels;
    let bytes = &frame.data[plane.offset..plane.offset + count * frame.format.sample_bytes()];
    if frame.format.sample_bytes() == 1 {
        return bytes.into();
    }
    let shift = frame.format.depth - 8;
    let wide = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    wide.map(|v| (v >> shift).min(255) as u8).collect()
}

/// Where each new sample of an axis comes from: the first of two neighbors, and their weights.
fn steps(from: usize, to: usize) -> Vec<(usize, [i32; 2])> {
    let scale = 1.0 / (to as f64 / from as f64);
    (0..to)
        .map(|i| {
            let at = ((i as f64 + 0.5) * scale - 0.5) as f32;
            let first = at.floor();
            let (first, part) = match first as i64 {
                n if n < 0 => (0, 0.0),
                n if n as usize + 1 >= from => (from - 1, 0.0),
                n => (n as usize, at - first),
            };
            let weight = |v: f32| (f64::from(v) * ONE).round_ties_even() as i32;
            (first, [weight(1.0 - part), weight(part)])
        })
        .collect()
}

/// Where an axis shrinks by a whole number: that, and what all new samples take of the two in the
/// middle of theirs.
fn whole_step(steps: &[(usize, [i32; 2])]) -> Option<(usize, [i32; 2])> {
    let [(first, weights), (second, _), ..] = *steps else { return None };
    let every = second - first;
    let same = |(i, step): (usize, &(usize, [i32; 2]))| *step == (first + i * every, weights);
    let all = first == every.saturating_sub(1) / 2 && steps.iter().enumerate().all(same);
    all.then_some((every, weights))
}

/// What lies in the middle of every `EVERY` samples of a row. The common sizes of films are whole
/// multiples of a detector's, and a step that is known becomes vectors.
fn pick<const EVERY: usize>(row: &[u8], [a, b]: [i32; 2], out: &mut [i32]) {
    let first = (EVERY - 1) / 2;
    for (out, part) in out.iter_mut().zip(row.as_chunks::<EVERY>().0) {
        *out = i32::from(part[first]) * a + i32::from(part[first + 1]) * b;
    }
}

/// OpenCV's bilinear `resize` of interleaved bytes of `[width, height, channels]`.
fn linear(data: &[u8], [w, h, channels]: [usize; 3], width: usize, height: usize) -> Vec<u8> {
    let (columns, rows) = (steps(w, width), steps(h, height));
    let every = (channels == 1).then(|| whole_step(&columns)).flatten();
    let across = |y: usize, out: &mut [i32]| {
        let row = &data[y * w * channels..][..w * channels];
        match every {
            Some((2, weights)) => return pick::<2>(row, weights, out),
            Some((3, weights)) => return pick::<3>(row, weights, out),
            Some((6, weights)) => return pick::<6>(row, weights, out),
            _ => {}
        }
        if channels == 1 {
            // The same as below, without a loop for each sample.
            for (out, &(x, [a, b])) in out.iter_mut().zip(&columns) {
                *out = i32::from(row[x]) * a + i32::from(row[(x + 1).min(w - 1)]) * b;
            }
            return;
        }
        for (out, &(x, [a, b])) in out.chunks_exact_mut(channels).zip(&columns) {
            let (left, right) = (x * channels, (x + 1).min(w - 1) * channels);
            for (c, out) in out.iter_mut().enumerate() {
                *out = i32::from(row[left + c]) * a + i32::from(row[right + c]) * b;
            }
        }
    };
    let mut out = vec![0; width * height * channels];
    // The last rows that were scaled; neighbors share them.
    let none = || (usize::MAX, vec![0; width * channels]);
    let mut last: [(usize, Vec<i32>); 2] = [none(), none()];
    for (out, (y, weights)) in out.chunks_exact_mut(width * channels).zip(rows) {
        let below = (y + 1).min(h - 1);
        if last[0].0 != y {
            last.swap(0, 1);
            if last[0].0 != y {
                last[0].0 = y;
                across(y, &mut last[0].1);
            }
        }
        if last[1].0 != below {
            last[1].0 = below;
            across(below, &mut last[1].1);
        }
        mix([&last[0].1, &last[1].1], weights, out);
    }
    out
}

/// A row between two that were scaled.
#[multiversion(targets("x86_64+avx+avx2"))]
fn mix([top, bottom]: [&[i32]; 2], [a, b]: [i32; 2], out: &mut [u8]) {
    for (out, (&top, &bottom)) in out.iter_mut().zip(top.iter().zip(bottom)) {
        // The shifts are OpenCV's (`VResizeLinear` on bytes).
        let sum = ((a * (top >> 4)) >> 16) + ((b * (bottom >> 4)) >> 16);
        *out = ((sum + 2) >> 2).clamp(0, 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Matrix};

    fn frame(layout: Layout, depth: u8, width: u32, height: u32) -> Frame {
        let format =
            FrameFormat { width, height, layout, depth, matrix: Matrix::Bt709, full_range: true };
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        for (i, plane) in format.planes().iter().enumerate() {
            for y in 0..plane.height {
                for x in 0..plane.width {
                    for c in 0..plane.channels {
                        let chroma = matches!(layout, Layout::Yuv { .. }) && i > 0;
                        let v = if chroma { 128 } else { (x + 2 * y) as u32 % 256 };
                        frame.set_sample(plane, x, y, c, v << (depth - 8));
                    }
                }
            }
        }
        frame
    }

    #[test]
    fn bytes_are_scaled_as_opencv_does() {
        // Positions 1/6, 3/2 and 17/6; then steps of 4/7 from -3/14.
        assert_eq!(linear(&[0, 100, 200, 50], [4, 1, 1], 3, 1), [17, 150, 75]);
        let wide = linear(&[0, 100, 200, 50], [4, 1, 1], 7, 1);
        assert_eq!(wide, [0, 36, 93, 150, 189, 104, 50]);
        // Halved: the mean of four.
        assert_eq!(linear(&[1, 2, 4, 4], [2, 2, 1], 1, 1), [3]);
    }

    #[test]
    fn a_whole_step_gives_what_any_gives() {
        let data: Vec<u8> = (0..120 * 4).map(|i| (i * 89 % 251) as u8).collect();
        // Three times the same channel is no single one: it goes the general way.
        let thrice: Vec<u8> = data.iter().flat_map(|&v| [v; 3]).collect();
        for (width, step) in [(60, 2), (40, 3), (20, 6), (120, 1), (30, 4)] {
            assert_eq!(whole_step(&steps(120, width)).map(|(every, _)| every), Some(step));
            let one = linear(&data, [120, 4, 1], width, 2);
            let three = linear(&thrice, [120, 4, 3], width, 2);
            assert!(three.chunks(3).zip(&one).all(|(a, &b)| a == [b; 3]), "{width}");
        }
        assert_eq!(whole_step(&steps(120, 50)), None);
        assert_eq!(whole_step(&steps(60, 120)), None);
    }

    #[test]
    fn the_aspect_is_kept_and_the_rest_is_black() {
        for (layout, depth) in [
            (Layout::Packed { channels: 3 }, 8),
            (Layout::Packed { channels: 4 }, 16),
            (Layout::Packed { channels: 1 }, 8),
            (Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 8),
            (Layout::Yuv { shift_x: 1, shift_y: 0, alpha: false }, 10),
        ] {
            let canvas = Canvas::of(&frame(layout, depth, 80, 60), (160, 160));
            assert!(canvas.rgb.iter().all(|plane| plane.len() == 160 * 160));
            assert_eq!(canvas.scale, 2.0);
            let sample = |canvas: &Canvas, x: usize, y: usize, c: usize| canvas.rgb[c][y * 160 + x];
            for c in 0..3 {
                // Column 41 lies a quarter of a pixel right of column 20, row 21 so below row 10.
                let v = f32::from(sample(&canvas, 41, 21, c));
                assert!((v - 40.75).abs() < 1.5, "{layout:?} {depth} {c}: {v}");
                assert_eq!(sample(&canvas, 80, 120, c), 0);
            }
            let tall = Canvas::of(&frame(layout, depth, 30, 60), (160, 160));
            assert!((tall.scale - 160.0 / 60.0).abs() < 1e-6);
            assert_eq!(sample(&tall, 80, 80, 0), 0);
            assert!(sample(&tall, 79, 80, 0) > 80);
        }
    }
}
