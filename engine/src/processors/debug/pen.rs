//! A pen that writes into a frame's own samples, whatever its pixel format.

use crate::imaging::color::YuvMatrix;
use crate::imaging::frame::{Frame, FrameFormat, Layout, PlaneInfo};
use crate::imaging::lettering;
use crate::imaging::mask::Mask;
use crate::imaging::region::Rect;
use crate::imaging::similarity::Point;

/// A color in the samples of a frame's format: R, G, B, or gray, or Y, U, V.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink([u32; 3]);

impl Ink {
    /// The samples of an sRGB color.
    pub fn of(format: &FrameFormat, color: [u8; 3]) -> Self {
        let rgb = color.map(f32::from);
        let (samples, unit) = match format.layout {
            Layout::Packed { channels } => {
                let unit = format.max_value() as f32 / 255.0;
                // BT.601 luma: what "gray" means to the image formats that store it.
                let gray = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
                (if channels >= 3 { rgb } else { [gray; 3] }, unit)
            }
            Layout::Yuv { .. } => {
                let matrix = YuvMatrix::new(format.matrix, format.full_range);
                (matrix.to_yuv(rgb), (1u32 << (format.depth - 8)) as f32)
            }
        };
        Ink(samples.map(|v| (v * unit).round().clamp(0.0, format.max_value() as f32) as u32))
    }
}

/// Draws on a frame and remembers where. Alpha stays as it is.
pub struct Pen<'a> {
    frame: &'a mut Frame,
    planes: Vec<PlaneInfo>,
    /// Left, top, right, bottom of what was drawn.
    drawn: Option<[i64; 4]>,
}

impl<'a> Pen<'a> {
    /// A pen for this frame.
    pub fn new(frame: &'a mut Frame) -> Self {
        let planes = frame.format.planes();
        Pen { frame, planes, drawn: None }
    }

    /// The frame's format.
    pub fn format(&self) -> &FrameFormat {
        &self.frame.format
    }

    /// Where something was drawn, widened to whole chroma samples.
    pub fn region(&self) -> Option<Rect> {
        let [x0, y0, x1, y1] = self.drawn?.map(|v| v as f32);
        Rect::within(&self.frame.format, x0, y0, x1, y1)
    }

    /// Fills the part of a rectangle that lies in the frame.
    pub fn fill(&mut self, x0: i64, y0: i64, x1: i64, y1: i64, ink: Ink) {
        let (width, height) = self.size();
        let (x0, x1) = (x0.clamp(0, width), x1.clamp(0, width));
        let (y0, y1) = (y0.clamp(0, height), y1.clamp(0, height));
        if x0 >= x1 || y0 >= y1 {
            return;
        }
        for y in y0..y1 {
            for x in x0..x1 {
                self.put(x as usize, y as usize, ink);
            }
        }
        let [l, t, r, b] = self.drawn.unwrap_or([x0, y0, x1, y1]);
        self.drawn = Some([l.min(x0), t.min(y0), r.max(x1), b.max(y1)]);
    }

    /// The border of a box (left, top, right, bottom), the line inside.
    pub fn border(&mut self, bounds: [i64; 4], line: i64, ink: Ink) {
        let [x0, y0, x1, y1] = bounds;
        self.fill(x0, y0, x1, y0 + line, ink);
        self.fill(x0, y1 - line, x1, y1, ink);
        self.fill(x0, y0, x0 + line, y1, ink);
        self.fill(x1 - line, y0, x1, y1, ink);
    }

    /// A disc.
    pub fn disc(&mut self, center: Point, radius: f32, ink: Ink) {
        if !center.iter().all(|v| v.is_finite()) {
            return;
        }
        let [cx, cy] = center;
        let reach = radius.ceil() as i64;
        for dy in -reach..=reach {
            let y = cy.round() as i64 + dy;
            let half = radius * radius - (y as f32 - cy).powi(2);
            if half >= 0.0 {
                let half = half.sqrt();
                let (from, to) = ((cx - half).ceil() as i64, (cx + half).floor() as i64);
                self.fill(from, y, to + 1, y + 1, ink);
            }
        }
    }

    /// The set pixels of a mask whose upper left corner lies at (x, y).
    pub fn stamp(&mut self, mask: &Mask, x: usize, y: usize, ink: Ink) {
        for row in 0..mask.height {
            for column in (0..mask.width).filter(|&column| mask.at(column, row)) {
                let (x, y) = ((x + column) as i64, (y + row) as i64);
                self.fill(x, y, x + 1, y + 1, ink);
            }
        }
    }

    /// A line of text, its upper left corner at (x, y), with dots of this size.
    pub fn write(&mut self, text: &str, x: i64, y: i64, dot: i64, ink: Ink) {
        for (column, row) in lettering::lit(text) {
            let (x, y) = (x + column as i64 * dot, y + row as i64 * dot);
            self.fill(x, y, x + dot, y + dot, ink);
        }
    }

    fn size(&self) -> (i64, i64) {
        (i64::from(self.frame.format.width), i64::from(self.frame.format.height))
    }

    fn put(&mut self, x: usize, y: usize, Ink(samples): Ink) {
        let Pen { frame, planes, .. } = self;
        match frame.format.layout {
            Layout::Packed { channels } => {
                let color = if channels >= 3 { 3 } else { 1 };
                for (c, &v) in samples.iter().enumerate().take(color) {
                    frame.set_sample(&planes[0], x, y, c, v);
                }
            }
            Layout::Yuv { shift_x, shift_y, .. } => {
                frame.set_sample(&planes[0], x, y, 0, samples[0]);
                // A chroma sample takes the color of any of its pixels that is drawn on.
                let (x, y) = (x >> shift_x, y >> shift_y);
                frame.set_sample(&planes[1], x, y, 0, samples[1]);
                frame.set_sample(&planes[2], x, y, 0, samples[2]);
            }
        }
    }
}
