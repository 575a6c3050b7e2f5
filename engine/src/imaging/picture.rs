//! Frames as plain 8-bit RGB, for showing to people: conversion, boxes with numbers, sheets.

use super::frame::Frame;
use super::region::{Rect, read_rgb};
use super::sample::{Shrink, thumbnail};

/// An 8-bit RGB picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width * height` pixels.
    pub pixels: Vec<[u8; 3]>,
}

/// Digits 0..=9 as five rows of three bits.
const DIGITS: [[u8; 5]; 10] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 2, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
];

impl Picture {
    /// A picture of one color.
    pub fn plain(width: usize, height: usize, color: [u8; 3]) -> Self {
        Picture { width, height, pixels: vec![color; width * height] }
    }

    /// A rectangle of a frame.
    pub fn part_of(frame: &Frame, rect: Rect) -> Self {
        let [r, g, b] = read_rgb(frame, rect);
        let byte = |v: f32| v.round().clamp(0.0, 255.0) as u8;
        let pixels = (0..rect.width * rect.height)
            .map(|i| [byte(r.data[i]), byte(g.data[i]), byte(b.data[i])])
            .collect();
        Picture { width: rect.width, height: rect.height, pixels }
    }

    /// A whole frame.
    pub fn of(frame: &Frame) -> Self {
        let (width, height) = (frame.format.width as usize, frame.format.height as usize);
        Self::part_of(frame, Rect { x: 0, y: 0, width, height })
    }

    /// A whole frame, shrunk until its longer side has at most `side` pixels (at least 1). Costs
    /// little more memory than the small picture.
    pub fn within(frame: &Frame, side: u32) -> Self {
        let (width, height) = (frame.format.width, frame.format.height);
        let longer = u64::from(width.max(height)).max(1);
        let most = longer.min(u64::from(side.max(1)));
        let fit = |length: u32| ((u64::from(length) * most + longer / 2) / longer).max(1) as u32;
        let (width, height) = (fit(width), fit(height));
        let bytes = thumbnail(frame, width, height, Shrink::Area);
        let pixels = bytes.as_chunks().0.to_vec();
        Picture { width: width as usize, height: height as usize, pixels }
    }

    /// The pixels as bytes, RGB.
    pub fn into_bytes(self) -> Vec<u8> {
        self.pixels.into_iter().flatten().collect()
    }

    /// Fills the part of a rectangle that lies in the picture.
    pub fn fill(&mut self, x0: i64, y0: i64, x1: i64, y1: i64, color: [u8; 3]) {
        let clip = |v: i64, size: usize| v.clamp(0, size as i64) as usize;
        for y in clip(y0, self.height)..clip(y1, self.height) {
            let row = y * self.width;
            self.pixels
                [row + clip(x0, self.width)..row + clip(x1, self.width).max(clip(x0, self.width))]
                .fill(color);
        }
    }

    /// Draws a box (left, top, right, bottom) and a number in its corner, with lines that are
    /// seen at the picture's size.
    pub fn mark(&mut self, bounds: [f32; 4], number: usize, color: [u8; 3]) {
        let [x0, y0, x1, y1] = bounds.map(|v| v.round() as i64);
        let line = (self.width.max(self.height) as i64 / 300).max(2);
        self.fill(x0, y0, x1, y0 + line, color);
        self.fill(x0, y1 - line, x1, y1, color);
        self.fill(x0, y0, x0 + line, y1, color);
        self.fill(x1 - line, y0, x1, y1, color);
        let text = number.to_string();
        let dot = (line * 3 / 2).max(2);
        let (width, height) = ((text.len() as i64 * 4 + 1) * dot, 7 * dot);
        self.fill(x0, y0, x0 + width, y0 + height, color);
        for (k, digit) in text.bytes().enumerate() {
            for (row, bits) in DIGITS[usize::from(digit - b'0') % 10].iter().enumerate() {
                for column in 0..3i64 {
                    if bits >> (2 - column) & 1 == 1 {
                        let x = x0 + (1 + 4 * k as i64 + column) * dot;
                        let y = y0 + (1 + row as i64) * dot;
                        self.fill(x, y, x + dot, y + dot, [10, 14, 26]);
                    }
                }
            }
        }
    }

    /// Shrinks by area or enlarges by repetition to exactly this size.
    #[must_use]
    pub fn resized(&self, width: usize, height: usize) -> Picture {
        use super::field::Field;
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        let planes: [Field; 3] = std::array::from_fn(|c| {
            let data = self.pixels.iter().map(|p| f32::from(p[c])).collect();
            let plane = Field { width: self.width, height: self.height, data };
            let small = plane.shrink(width.min(self.width), height.min(self.height));
            small.enlarge(width, height)
        });
        let pixels = (0..width * height)
            .map(|i| std::array::from_fn(|c| planes[c].data[i].round().clamp(0.0, 255.0) as u8))
            .collect();
        Picture { width, height, pixels }
    }

    /// Pictures of one row side by side, rows below each other, on a dark ground with gaps. Every
    /// picture gets the same height in its row.
    pub fn sheet(rows: &[Vec<Picture>], gap: usize) -> Picture {
        let row_height = |row: &[Picture]| row.iter().map(|p| p.height).max().unwrap_or(0);
        let row_width = |row: &[Picture]| row.iter().map(|p| p.width + gap).sum::<usize>() + gap;
        let width = rows.iter().map(|r| row_width(r)).max().unwrap_or(1);
        let height = rows.iter().map(|r| row_height(r) + gap).sum::<usize>() + gap;
        let mut sheet = Picture::plain(width, height, [10, 14, 26]);
        let mut y = gap;
        for row in rows {
            let mut x = gap;
            for picture in row {
                for line in 0..picture.height {
                    let to = (y + line) * width + x;
                    let from = line * picture.width;
                    sheet.pixels[to..to + picture.width]
                        .copy_from_slice(&picture.pixels[from..from + picture.width]);
                }
                x += picture.width + gap;
            }
            y += row_height(row) + gap;
        }
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Layout, Matrix};

    #[test]
    fn marks_outside_the_picture_are_clipped() {
        let mut picture = Picture::plain(20, 10, [0; 3]);
        picture.mark([-5.0, -5.0, 50.0, 50.0], 12, [255; 3]);
        picture.mark([15.0, 8.0, 5.0, 2.0], 0, [255; 3]);
        assert_eq!(picture.pixels.len(), 200);
    }

    #[test]
    fn a_frame_is_shrunk_until_it_fits() {
        let of = |width: u32, height: u32, side: u32| {
            let format = FrameFormat {
                width,
                height,
                layout: Layout::Packed { channels: 3 },
                depth: 8,
                matrix: Matrix::Bt601,
                full_range: true,
            };
            // The left half is red, the right half blue.
            let row =
                (0..width).flat_map(|x| if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] });
            let data = row.collect::<Vec<u8>>().repeat(height as usize);
            Picture::within(&Frame::new(format, data), side)
        };
        for (size, side, want) in [
            ((1920, 1080), 960, (960, 540)),
            ((100, 400), 40, (10, 40)),
            ((64, 48), 960, (64, 48)),
            ((500, 2), 100, (100, 1)),
        ] {
            let picture = of(size.0, size.1, side);
            assert_eq!((picture.width, picture.height), want);
            assert_eq!(picture.pixels.len(), want.0 * want.1);
            assert_eq!(picture.pixels[0], [255, 0, 0]);
            assert_eq!(picture.pixels[want.0 - 1], [0, 0, 255]);
        }
        let small = of(64, 48, 960);
        assert_eq!(small.pixels[31], [255, 0, 0]);
        assert_eq!(small.pixels[32], [0, 0, 255]);
    }

    #[test]
    fn a_sheet_holds_every_picture() {
        let red = Picture::plain(10, 8, [255, 0, 0]);
        let blue = Picture::plain(6, 4, [0, 0, 255]);
        let sheet = Picture::sheet(&[vec![red.clone(), blue], vec![red]], 2);
        let count = |c: [u8; 3]| sheet.pixels.iter().filter(|p| **p == c).count();
        assert_eq!((count([255, 0, 0]), count([0, 0, 255])), (160, 24));
    }
}
