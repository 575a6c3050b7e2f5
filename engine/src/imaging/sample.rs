//! Small pictures out of a frame: an affine crop for a network, a thumbnail of the whole.

use fast_image_resize as fir;
use multiversion::multiversion;

use super::color::YuvMatrix;
use super::field::Field;
use super::frame::{Frame, Layout, PlaneInfo};
use super::shrunk::Shrunk;
use super::similarity::Affine;
use super::taps::{Samples, Scale, Way, add_row};

/// One color plane, or one channel of a packed frame, read in 8-bit units with its edges
/// replicated.
pub(super) struct Reader<'a> {
    data: &'a [u8],
    pub(super) width: usize,
    pub(super) height: usize,
    /// Samples from one pixel of a row to the next.
    stride: usize,
    wide: bool,
    unit: f32,
    scale: [f32; 2],
}

impl<'a> Reader<'a> {
    /// The three color planes of a frame; gray three times.
    pub(super) fn all(frame: &'a Frame) -> [Reader<'a>; 3] {
        let planes = frame.format.planes();
        std::array::from_fn(|c| match frame.format.layout {
            Layout::Packed { channels } => {
                let channel = if channels >= 3 { c } else { 0 };
                Reader::new(frame, &planes[0], channel, 255.0 / frame.format.max_value() as f32)
            }
            Layout::Yuv { .. } => {
                let unit = 1.0 / (1u32 << (frame.format.depth - 8)) as f32;
                Reader::new(frame, &planes[c], 0, unit)
            }
        })
    }

    fn new(frame: &'a Frame, plane: &PlaneInfo, channel: usize, unit: f32) -> Self {
        let bytes = frame.format.sample_bytes();
        Reader {
            data: &frame.data[plane.offset + channel * bytes..],
            width: plane.width,
            height: plane.height,
            stride: plane.channels,
            wide: bytes == 2,
            unit,
            scale: [
                plane.width as f32 / frame.format.width as f32,
                plane.height as f32 / frame.format.height as f32,
            ],
        }
    }

    /// A sample by its number in the plane, row after row.
    #[inline]
    fn stored<const WIDE: bool>(&self, at: usize) -> f32 {
        let i = at * self.stride;
        if WIDE {
            f32::from(u16::from_le_bytes([self.data[2 * i], self.data[2 * i + 1]]))
        } else {
            f32::from(self.data[i])
        }
    }

    /// Bilinear sample at a position in samples of this plane.
    #[inline]
    fn bilinear<const WIDE: bool>(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let (upper, lower) = (y0 * self.width, y1 * self.width);
        let (a, b) = (self.stored::<WIDE>(upper + x0), self.stored::<WIDE>(upper + x1));
        let (c, d) = (self.stored::<WIDE>(lower + x0), self.stored::<WIDE>(lower + x1));
        let (top, bottom) = (a + (b - a) * fx, c + (d - c) * fx);
        top + (bottom - top) * fy
    }

    /// Bilinear sample at a position in luma pixels, in 8-bit units.
    #[inline]
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = ((x + 0.5) * self.scale[0] - 0.5, (y + 0.5) * self.scale[1] - 0.5);
        let stored =
            if self.wide { self.bilinear::<true>(x, y) } else { self.bilinear::<false>(x, y) };
        stored * self.unit
    }

    /// Adds stored samples of row `y`, from column `x0` on, to sums.
    pub(super) fn add_to<const WIDE: bool>(&self, sums: &mut [u32], x0: usize, y: usize) {
        let start = (y * self.width + x0) * self.stride;
        if WIDE {
            let samples = self.data[2 * start..].chunks(2).step_by(self.stride);
            for (sum, sample) in sums.iter_mut().zip(samples) {
                *sum += u32::from(sample[0]) | u32::from(sample[1]) << 8;
            }
        } else if self.stride == 1 {
            // The same as below, in a form that compilers make vectors of.
            for (sum, &sample) in sums.iter_mut().zip(&self.data[start..]) {
                *sum += u32::from(sample);
            }
        } else {
            for (sum, &sample) in
                sums.iter_mut().zip(self.data[start..].iter().step_by(self.stride))
            {
                *sum += u32::from(sample);
            }
        }
    }

    /// Samples a whole crop. Where the map shrinks this plane, every pixel is a mean of what it
    /// covers, so that fine texture does not alias.
    fn crop<const WIDE: bool>(&self, map: &Affine, width: usize, height: usize) -> Field {
        // Columns and rows of the crop as positions in this plane.
        let way = Way([0, 1].map(|k: usize| {
            let [a, b, t] = map.0[k];
            let scale = f64::from(self.scale[k]);
            [a * scale, b * scale, (t + 0.5) * scale - 0.5].map(|v| v as f32)
        }));
        let shrink = map.scale() as f32 * self.scale[0].max(self.scale[1]);
        if shrink >= 2.0 {
            let corners = [(0, 0), (width, 0), (0, height), (width, height)]
                .map(|(x, y)| way.0.map(|[a, b, t]| a * x as f32 + b * y as f32 + t));
            let low = corners.iter().fold([f32::MAX; 2], |l, c| [l[0].min(c[0]), l[1].min(c[1])]);
            let high = corners.iter().fold([f32::MIN; 2], |h, c| [h[0].max(c[0]), h[1].max(c[1])]);
            let shrunk = Shrunk::of::<WIDE>(self, low, high, shrink as usize);
            return look_up(&shrunk, &way, &[[0.0; 2]], self.unit, width, height);
        }
        let quarters = [[-0.25, -0.25], [0.25, -0.25], [-0.25, 0.25], [0.25, 0.25]];
        let places = if shrink <= 1.5 { &[[0.0; 2]][..] } else { &quarters };
        look_up(&Stored::<WIDE>(self), &way, places, self.unit, width, height)
    }
}

/// The stored samples of a plane, of one or two bytes.
struct Stored<'a, const WIDE: bool>(&'a Reader<'a>);

impl<const WIDE: bool> Samples for Stored<'_, WIDE> {
    fn size(&self) -> [usize; 2] {
        [self.0.width, self.0.height]
    }

    fn scale(&self) -> Scale {
        Scale::WHOLE
    }

    #[inline]
    fn fetch(&self, at: usize) -> f32 {
        self.0.stored::<WIDE>(at)
    }
}

/// A crop of which every pixel is the mean of look-ups at these places around its center, times `unit`.
fn look_up(
    samples: &impl Samples,
    way: &Way,
    places: &[[f32; 2]],
    unit: f32,
    width: usize,
    height: usize,
) -> Field {
    let mut out = Field::zeros(width, height);
    let unit = unit / places.len() as f32;
    for y in 0..height {
        let row = out.row_mut(y);
        for [across, down] in places {
            add_row(samples, way, [*across, y as f32 + down], row);
        }
        row.iter_mut().for_each(|v| *v *= unit);
    }
    out
}

/// Samples `width × height` pixels whose centers `map` takes to frame positions: RGB 0..=255.
///
/// Bilinear, or an average where the map shrinks. Positions outside the frame take the nearest
/// edge.
pub fn sample_affine(frame: &Frame, map: &Affine, width: usize, height: usize) -> [Field; 3] {
    let matrix = YuvMatrix::new(frame.format.matrix, frame.format.full_range);
    let mut out = Reader::all(frame).map(|reader| {
        if reader.wide {
            reader.crop::<true>(map, width, height)
        } else {
            reader.crop::<false>(map, width, height)
        }
    });
    let yuv = matches!(frame.format.layout, Layout::Yuv { .. });
    finish(&mut out, yuv.then_some(&matrix));
    out
}

/// Makes RGB within 0..=255 of what was looked up.
#[multiversion(targets("x86_64+avx+avx2"))]
fn finish([red, green, blue]: &mut [Field; 3], matrix: Option<&YuvMatrix>) {
    let pixels = red.data.iter_mut().zip(&mut green.data).zip(&mut blue.data);
    for ((r, g), b) in pixels {
        let stored = [*r, *g, *b];
        let rgb = matrix.map_or(stored, |m| m.to_rgb(stored[0], stored[1], stored[2]));
        [*r, *g, *b] = rgb.map(|v| v.clamp(0.0, 255.0));
    }
}

/// How a thumbnail averages what it shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shrink {
    /// Area average: cheap and without aliasing.
    Area,
    /// Triangle filter whose support grows with the shrinking, as Pillow's `BILINEAR`.
    Triangle,
}

/// The whole frame stretched to `width × height`: RGB bytes, interleaved.
///
/// Each stored plane is resized by itself; only the small result is converted to RGB.
pub fn thumbnail(frame: &Frame, width: u32, height: u32, shrink: Shrink) -> Vec<u8> {
    let format = &frame.format;
    let resized: Vec<(Vec<u8>, usize)> = format
        .planes()
        .iter()
        .take(3)
        .map(|plane| (resize_plane(frame, plane, width, height, shrink), plane.channels))
        .collect();
    let pixels = (width * height) as usize;
    let mut out = Vec::with_capacity(pixels * 3);
    let matrix = YuvMatrix::new(format.matrix, format.full_range);
    for i in 0..pixels {
        match format.layout {
            Layout::Yuv { .. } => {
                let [y, u, v] = [0, 1, 2].map(|c: usize| f32::from(resized[c].0[i]));
                out.extend(matrix.to_rgb(y, u, v).map(|v| (v.clamp(0.0, 255.0) + 0.5) as u8));
            }
            Layout::Packed { .. } => {
                let (data, channels) = &resized[0];
                let color = usize::from(*channels >= 3);
                out.extend([0, 1, 2].map(|c: usize| data[i * channels + c * color]));
            }
        }
    }
    out
}

/// One plane as 8-bit samples at the new size.
fn resize_plane(
    frame: &Frame,
    plane: &PlaneInfo,
    width: u32,
    height: u32,
    shrink: Shrink,
) -> Vec<u8> {
    let count = plane.width * plane.height * plane.channels;
    let pixel = match plane.channels {
        1 => fir::PixelType::U8,
        2 => fir::PixelType::U8x2,
        3 => fir::PixelType::U8x3,
        _ => fir::PixelType::U8x4,
    };
    let narrowed: Vec<u8>;
    let bytes: &[u8] = if frame.format.sample_bytes() == 1 {
        &frame.data[plane.offset..plane.offset + count]
    } else {
        let shift = frame.format.depth - 8;
        narrowed = frame.data[plane.offset..plane.offset + 2 * count]
            .chunks_exact(2)
            .map(|b| (u16::from_le_bytes([b[0], b[1]]) >> shift).min(255) as u8)
            .collect();
        &narrowed
    };
    let mut out = fir::images::Image::new(width, height, pixel);
    let filter = match shrink {
        Shrink::Area => fir::FilterType::Box,
        Shrink::Triangle => fir::FilterType::Bilinear,
    };
    let options =
        fir::ResizeOptions::new().resize_alg(fir::ResizeAlg::Convolution(filter)).use_alpha(false);
    let resized = fir::images::ImageRef::new(plane.width as u32, plane.height as u32, bytes, pixel)
        .map_err(|e| e.to_string())
        .and_then(|source| {
            fir::Resizer::new().resize(&source, &mut out, &options).map_err(|e| e.to_string())
        });
    debug_assert!(resized.is_ok(), "plane sizes always match: {resized:?}");
    out.into_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::frame::{FrameFormat, Matrix};

    fn ramp(layout: Layout, depth: u8) -> Frame {
        let format = FrameFormat {
            width: 64,
            height: 48,
            layout,
            depth,
            matrix: Matrix::Bt709,
            full_range: true,
        };
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        for (i, plane) in format.planes().iter().enumerate() {
            for y in 0..plane.height {
                for x in 0..plane.width {
                    for c in 0..plane.channels {
                        // Gray ramp: neutral chroma, luma grows to the right.
                        let yuv = matches!(layout, Layout::Yuv { .. });
                        let v = if yuv && i > 0 { 128 } else { 3 * x as u32 };
                        let scaled =
                            if yuv { v << (depth - 8) } else { v * format.max_value() / 255 };
                        frame.set_sample(plane, x, y, c, scaled);
                    }
                }
            }
        }
        frame
    }

    fn layouts() -> Vec<Frame> {
        vec![
            ramp(Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 8),
            ramp(Layout::Yuv { shift_x: 1, shift_y: 0, alpha: false }, 10),
            ramp(Layout::Packed { channels: 3 }, 8),
            ramp(Layout::Packed { channels: 4 }, 16),
            ramp(Layout::Packed { channels: 1 }, 8),
        ]
    }

    #[test]
    fn an_affine_crop_reads_the_ramp_in_every_layout() {
        for frame in layouts() {
            for scale in [0.5, 1.0, 2.0] {
                let map = Affine([[scale, 0.0, 10.0], [0.0, scale, 8.0]]);
                let crop = sample_affine(&frame, &map, 12, 12);
                for (c, plane) in crop.iter().enumerate() {
                    let want = 3.0 * (10.0 + 6.0 * scale as f32);
                    let got = plane.at(6, 6);
                    assert!((got - want).abs() < 0.8, "{:?} {c} {scale}: {got}", frame.format);
                }
            }
        }
    }

    #[test]
    fn a_thumbnail_keeps_the_ramp_in_every_layout() {
        for frame in layouts() {
            for shrink in [Shrink::Area, Shrink::Triangle] {
                let small = thumbnail(&frame, 16, 12, shrink);
                for c in 0..3 {
                    let got = f32::from(small[(6 * 16 + 8) * 3 + c]);
                    assert!((got - 3.0 * 33.5).abs() < 2.5, "{:?} {got}", frame.format);
                }
            }
        }
    }
}
