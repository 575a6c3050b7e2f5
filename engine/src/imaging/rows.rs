//! A rectangle of a frame, row by row: as RGB, and what is to change of it back into the frame's
//! own samples.
//!
//! Changes travel as differences: where a difference is zero the sample is not touched, so
//! everything outside a blended face leaves bit for bit as it was decoded. A few rows at a time stay
//! in the processor's cache, and nothing is allocated for the size of a face.

use std::ops::Range;

use multiversion::multiversion;

use super::color::YuvMatrix;
use super::frame::{Frame, FrameFormat, Layout, PlaneInfo};
use super::region::Rect;

/// A row of R, G and B: 0..=255, not clipped.
pub type Row = [Vec<f32>; 3];

/// Weights of R, G and B in gray. BT.601 luma: what "gray" means to the image formats that store it.
pub(super) const GRAY: [f32; 3] = [0.299, 0.587, 0.114];

/// log2 of the chroma subsampling, across and down.
pub fn chroma_shifts(format: &FrameFormat) -> (u8, u8) {
    match format.layout {
        Layout::Yuv { shift_x, shift_y, .. } => (shift_x, shift_y),
        Layout::Packed { .. } => (0, 0),
    }
}

/// The factor from stored samples to 8-bit units.
pub(super) fn to_8bit(format: &FrameFormat) -> f32 {
    match format.layout {
        // Limited and full range both scale by powers of two in YUV (BT.2100 and H.273).
        Layout::Yuv { .. } => 1.0 / (1u32 << (format.depth - 8)) as f32,
        Layout::Packed { .. } => 255.0 / format.max_value() as f32,
    }
}

/// Changes a rectangle of the frame. `span` tells which pixels of a row of the rectangle change;
/// `change` gets the first of them or an earlier one, the number of the row, and RGB from there on, and
/// leaves there by how much each value is to grow.
///
/// Chroma is replicated for it and its changes are averaged, which is an exact inverse; the rectangle
/// has to start on whole chroma samples (see [`Rect::within`]).
pub fn change_rows(
    frame: &mut Frame,
    rect: Rect,
    span: impl Fn(usize) -> Range<usize>,
    mut change: impl FnMut([usize; 2], &mut Row),
) {
    let planes = frame.format.planes();
    let (shift_x, shift_y) = chroma_shifts(&frame.format);
    let format = frame.format;
    let unit = 1.0 / to_8bit(&format);
    let matrix = YuvMatrix::new(format.matrix, format.full_range);
    let mut row = rows(rect.width);
    let block = 1usize << shift_y;
    let mut chroma = [0, 1].map(|_| vec![0.0; rect.width.div_ceil(1 << shift_x)]);
    for top in (0..rect.height).step_by(block) {
        let rows = top..(top + block).min(rect.height);
        let Some(part) = part_of(rect, rows.clone().map(&span), 1 << shift_x) else { continue };
        let left = part.x - rect.x;
        row.iter_mut().for_each(|values| values.resize(part.width, 0.0));
        if let Layout::Packed { channels } = format.layout {
            for y in rows {
                read(frame, &planes, &matrix, part, y, &mut row);
                change([left, y], &mut row);
                if channels < 3 {
                    to_gray(&mut row);
                }
                let colors = if channels < 3 { 1 } else { 3 };
                for (c, values) in row.iter_mut().enumerate().take(colors) {
                    values.iter_mut().for_each(|v| *v *= unit);
                    add_row(frame, &planes[0], c, part.x, part.y + y, values);
                }
            }
            continue;
        }
        for sums in &mut chroma {
            sums.clear();
            sums.resize(part.width.div_ceil(1 << shift_x), 0.0);
        }
        for y in rows.clone() {
            read(frame, &planes, &matrix, part, y, &mut row);
            change([left, y], &mut row);
            to_yuv(row.each_mut().map(Vec::as_mut_slice), &matrix, unit);
            add_row(frame, &planes[0], 0, part.x, part.y + y, &row[0]);
            for (sums, values) in chroma.iter_mut().zip(&row[1..]) {
                add_blocks(sums, values, shift_x);
            }
        }
        for (c, sums) in chroma.iter_mut().enumerate() {
            mean_of_blocks(sums, part.width, shift_x, rows.len());
            let (x, y) = (part.x >> shift_x, (part.y + top) >> shift_y);
            add_row(frame, &planes[c + 1], 0, x, y, sums);
        }
    }
}

/// The part of a rectangle in which some of its rows change, widened to whole steps; `None` when
/// nothing does.
fn part_of(rect: Rect, spans: impl Iterator<Item = Range<usize>>, step: usize) -> Option<Rect> {
    let spans = spans.filter(|span| !span.is_empty());
    let all = spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
    let (left, right) = (all.start / step * step, all.end.next_multiple_of(step).min(rect.width));
    (left < right).then(|| Rect { x: rect.x + left, width: right - left, ..rect })
}

/// Room for a row.
pub(super) fn rows(width: usize) -> Row {
    std::array::from_fn(|_| vec![0.0; width])
}

/// Reads row `y` of a rectangle as RGB (floats, not clipped; gray is repeated, alpha left out).
#[multiversion(targets("x86_64+avx+avx2"))]
pub(super) fn read(
    frame: &Frame,
    planes: &[PlaneInfo],
    matrix: &YuvMatrix,
    rect: Rect,
    y: usize,
    row: &mut Row,
) {
    let unit = to_8bit(&frame.format);
    match frame.format.layout {
        Layout::Yuv { shift_x, shift_y, .. } => {
            for (c, values) in row.iter_mut().enumerate() {
                let (sx, sy) = if c == 0 { (0, 0) } else { (shift_x, shift_y) };
                read_row(frame, &planes[c], 0, rect.x, (rect.y + y) >> sy, sx, unit, values);
            }
            let [first, second, third] = row;
            for ((a, b), c) in first.iter_mut().zip(second).zip(third) {
                [*a, *b, *c] = matrix.to_rgb(*a, *b, *c);
            }
        }
        Layout::Packed { channels } => {
            for (c, values) in row.iter_mut().enumerate() {
                let channel = if channels >= 3 { c } else { 0 };
                read_row(frame, &planes[0], channel, rect.x, rect.y + y, 0, unit, values);
            }
        }
    }
}

/// Reads one channel of a row of a plane, from luma pixel `x0` on, each sample `1 << shift` times.
#[multiversion(targets("x86_64+avx+avx2"))]
#[allow(clippy::too_many_arguments)]
fn read_row(
    frame: &Frame,
    plane: &PlaneInfo,
    channel: usize,
    x0: usize,
    y: usize,
    shift: u8,
    unit: f32,
    values: &mut [f32],
) {
    let bytes = frame.format.sample_bytes();
    let stride = plane.channels;
    let start = plane.offset + (y * plane.width * stride + channel) * bytes;
    let samples = &frame.data[start..];
    // The first two are the same as the third, in forms that compilers make vectors of.
    if bytes == 1 && stride == 1 && shift == 0 {
        for (v, &sample) in values.iter_mut().zip(&samples[x0..]) {
            *v = f32::from(sample) * unit;
        }
    } else if bytes == 1 && stride == 1 && shift == 1 && x0.is_multiple_of(2) {
        let mut samples = samples[x0 / 2..].iter().map(|&sample| f32::from(sample) * unit);
        let (pairs, rest) = values.as_chunks_mut::<2>();
        for (pair, sample) in pairs.iter_mut().zip(&mut samples) {
            *pair = [sample; 2];
        }
        rest.iter_mut().zip(samples).for_each(|(last, sample)| *last = sample);
    } else if bytes == 1 {
        for (x, v) in values.iter_mut().enumerate() {
            *v = f32::from(samples[((x0 + x) >> shift) * stride]) * unit;
        }
    } else {
        for (x, v) in values.iter_mut().enumerate() {
            let i = 2 * ((x0 + x) >> shift) * stride;
            *v = f32::from(u16::from_le_bytes([samples[i], samples[i + 1]])) * unit;
        }
    }
}

/// Changes of RGB as changes of Y, U and V, in stored sample units.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(super) fn to_yuv([first, second, third]: [&mut [f32]; 3], matrix: &YuvMatrix, unit: f32) {
    for ((a, b), c) in first.iter_mut().zip(second).zip(third) {
        [*a, *b, *c] = matrix.delta([*a, *b, *c]).map(|v| v * unit);
    }
}

/// Changes of RGB as changes of gray, in the first of the three.
fn to_gray(row: &mut Row) {
    let [red, green, blue] = row;
    for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
        *r = GRAY[0] * *r + GRAY[1] * *g + GRAY[2] * *b;
    }
}

/// Adds a row to the sums of its blocks of `1 << shift` samples.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(super) fn add_blocks(sums: &mut [f32], values: &[f32], shift: u8) {
    if shift == 1 {
        let pairs = values.chunks_exact(2);
        let rest: f32 = pairs.remainder().iter().sum();
        let whole = values.len() / 2;
        for (sum, pair) in sums.iter_mut().zip(pairs) {
            *sum += pair[0] + pair[1];
        }
        if let Some(last) = sums.get_mut(whole) {
            *last += rest;
        }
    } else {
        for (sum, block) in sums.iter_mut().zip(values.chunks(1 << shift)) {
            *sum += block.iter().sum::<f32>();
        }
    }
}

/// Makes means of the sums of `rows` rows; blocks cut by the edge have fewer samples.
pub(super) fn mean_of_blocks(sums: &mut [f32], width: usize, shift: u8, rows: usize) {
    let block = 1usize << shift;
    let whole = width / block;
    for sum in &mut sums[..whole] {
        *sum /= (block * rows) as f32;
    }
    if let Some(last) = sums.get_mut(whole) {
        *last /= ((width - whole * block) * rows) as f32;
    }
}

/// Adds changes in stored sample units to a row of a plane from pixel `x0` on, rounding and clipping
/// to the sample range. Samples whose change is zero stay as they are.
#[multiversion(targets("x86_64+avx+avx2"))]
pub(super) fn add_row(
    frame: &mut Frame,
    plane: &PlaneInfo,
    channel: usize,
    x0: usize,
    y: usize,
    changes: &[f32],
) {
    let max = frame.format.max_value() as f32;
    let bytes = frame.format.sample_bytes();
    let stride = plane.channels;
    let start = plane.offset + ((y * plane.width + x0) * stride + channel) * bytes;
    let samples = &mut frame.data[start..];
    // Cut off above zero: `round` is a call on processors without an instruction for it. A whole
    // sample plus zero comes out as it was.
    let added = |old: f32, change: f32| ((old + change).clamp(0.0, max) + 0.5) as i32;
    match (bytes, stride) {
        (1, 1) => {
            for (sample, &change) in samples.iter_mut().zip(changes) {
                *sample = added(f32::from(*sample), change) as u8;
            }
        }
        (1, _) => {
            for (sample, &change) in samples.iter_mut().step_by(stride).zip(changes) {
                *sample = added(f32::from(*sample), change) as u8;
            }
        }
        _ => {
            for (x, &change) in changes.iter().enumerate() {
                let at = &mut samples[2 * x * stride..2 * x * stride + 2];
                let old = u16::from_le_bytes([at[0], at[1]]);
                let new = added(f32::from(old), change) as u16;
                at.copy_from_slice(&new.to_le_bytes());
            }
        }
    }
}
