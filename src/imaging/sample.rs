//! Small pictures out of a frame: an affine crop for a network, a thumbnail of the whole.

use fast_image_resize as fir;

use super::color::YuvMatrix;
use super::field::Field;
use super::frame::{Frame, Layout, PlaneInfo};
use super::similarity::Affine;

/// Reads stored samples in 8-bit units, edges replicated.
struct Reader<'a> {
    frame: &'a Frame,
    plane: PlaneInfo,
    channel: usize,
    unit: f32,
    scale_x: f32,
    scale_y: f32,
}

impl Reader<'_> {
    #[inline]
    fn stored(&self, x: usize, y: usize) -> f32 {
        self.frame.sample(&self.plane, x, y, self.channel) as f32
    }

    /// Bilinear sample at a position in luma pixels.
    #[inline]
    fn bilinear(&self, x: f32, y: f32) -> f32 {
        let x = ((x + 0.5) * self.scale_x - 0.5).clamp(0.0, (self.plane.width - 1) as f32);
        let y = ((y + 0.5) * self.scale_y - 0.5).clamp(0.0, (self.plane.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.plane.width - 1), (y0 + 1).min(self.plane.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let top = self.stored(x0, y0) * (1.0 - fx) + self.stored(x1, y0) * fx;
        let bottom = self.stored(x0, y1) * (1.0 - fx) + self.stored(x1, y1) * fx;
        (top * (1.0 - fy) + bottom * fy) * self.unit
    }
}

fn readers(frame: &Frame) -> [Reader<'_>; 3] {
    let planes = frame.format.planes();
    std::array::from_fn(|c| {
        let (plane, channel, unit) = match frame.format.layout {
            Layout::Packed { channels } => {
                let channel = if channels >= 3 { c } else { 0 };
                (planes[0], channel, 255.0 / frame.format.max_value() as f32)
            }
            Layout::Yuv { .. } => (planes[c], 0, 1.0 / (1u32 << (frame.format.depth - 8)) as f32),
        };
        Reader {
            frame,
            plane,
            channel,
            unit,
            scale_x: plane.width as f32 / frame.format.width as f32,
            scale_y: plane.height as f32 / frame.format.height as f32,
        }
    })
}

/// Samples `width × height` pixels whose centers `map` takes to frame positions: RGB 0..=255.
///
/// Bilinear; when the map shrinks by more than 1.5 every pixel is the mean of a grid of samples,
/// so that fine texture does not alias. Positions outside the frame take the nearest edge.
pub fn sample_affine(frame: &Frame, map: &Affine, width: usize, height: usize) -> [Field; 3] {
    let readers = readers(frame);
    let matrix = YuvMatrix::new(frame.format.matrix, frame.format.full_range);
    let yuv = matches!(frame.format.layout, Layout::Yuv { .. });
    let taps = if map.scale() > 1.5 { (map.scale().ceil() as usize).min(16) } else { 1 };
    let [[a, b, tx], [c, d, ty]] = map.0.map(|row| row.map(|v| v as f32));
    let offsets: Vec<(f32, f32)> = (0..taps * taps)
        .map(|i| {
            let at = |k: usize| (k as f32 + 0.5) / taps as f32 - 0.5;
            (at(i % taps), at(i / taps))
        })
        .collect();
    let mut out: [Field; 3] = std::array::from_fn(|_| Field::zeros(width, height));
    for y in 0..height {
        for x in 0..width {
            let mut sum = [0.0f32; 3];
            for (dx, dy) in &offsets {
                let (px, py) = (x as f32 + dx, y as f32 + dy);
                let (fx, fy) = (a * px + b * py + tx, c * px + d * py + ty);
                for (s, reader) in sum.iter_mut().zip(&readers) {
                    *s += reader.bilinear(fx, fy);
                }
            }
            let mean = sum.map(|s| s / offsets.len() as f32);
            let rgb = if yuv { matrix.to_rgb(mean[0], mean[1], mean[2]) } else { mean };
            for (plane, v) in out.iter_mut().zip(rgb) {
                plane.data[y * width + x] = v.clamp(0.0, 255.0);
            }
        }
    }
    out
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
                out.extend(matrix.to_rgb(y, u, v).map(|v| v.round().clamp(0.0, 255.0) as u8));
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
    let options = fir::ResizeOptions::new()
        .resize_alg(fir::ResizeAlg::Convolution(filter))
        .use_alpha(false);
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
                        let scaled = if yuv { v << (depth - 8) } else { v * format.max_value() / 255 };
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
