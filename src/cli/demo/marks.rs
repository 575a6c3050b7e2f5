//! Five colored dots on the portrait's face: what stand-ins for detectors look for, whose weights
//! know no faces (see `tests/models/README.md`).

use crate::imaging::color::YuvMatrix;
use crate::imaging::frame::{Frame, Layout};
use crate::imaging::similarity::{Affine, Point};

/// Eyes, nose and mouth corners in the portrait's pixels.
pub const POINTS: [Point; 5] =
    [[203.0, 101.0], [246.6, 103.6], [225.0, 127.0], [205.0, 141.6], [244.0, 143.0]];
/// The dots' colors, RGB, in the order of the points.
const COLORS: [[f32; 3]; 5] = [
    [255.0, 0.0, 0.0],
    [0.0, 255.0, 0.0],
    [0.0, 0.0, 255.0],
    [255.0, 255.0, 0.0],
    [255.0, 0.0, 255.0],
];
/// Radius of a dot in the portrait's pixels: 0.13 of the distance of the eyes.
const RADIUS: f64 = 5.7;
/// The least radius in the picture's pixels that a detector still sees.
const LEAST: f64 = 3.0;

/// Paints the dots onto a frame of 8-bit YUV or RGB; `map` takes portrait pixels to the frame's.
pub fn put_on(frame: &mut Frame, map: &Affine) {
    let radius = (RADIUS * map.scale()).max(LEAST) as f32;
    let yuv = matches!(frame.format.layout, Layout::Yuv { .. });
    let matrix = YuvMatrix::new(frame.format.matrix, frame.format.full_range);
    let planes = frame.format.planes();
    for (point, color) in POINTS.iter().zip(COLORS) {
        let center = map.apply(*point);
        let stored = if yuv { matrix.to_yuv(color) } else { color };
        for (c, value) in stored.into_iter().enumerate() {
            let (plane, channel) = if yuv { (planes[c], 0) } else { (planes[0], c) };
            let coarse = (planes[0].width as f32 / plane.width as f32).round();
            // From the first sample that may lie in the dot to the last.
            let span = |middle: f32, end: usize| {
                let at = |v: f32| (v / coarse).clamp(0.0, end as f32) as usize;
                at(middle - radius - 1.0)..at(middle + radius + coarse + 1.0)
            };
            for y in span(center[1], plane.height) {
                for x in span(center[0], plane.width) {
                    let place = [x, y].map(|v| (v as f32 + 0.5) * coarse - 0.5);
                    if (place[0] - center[0]).hypot(place[1] - center[1]) <= radius {
                        let value = value.round().clamp(0.0, 255.0) as u32;
                        frame.set_sample(&plane, x, y, channel, value);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::material::portrait;
    use crate::cli::demo::paint;

    const SAME: Affine = Affine([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);

    #[test]
    fn a_picture_shows_every_color_at_its_point_and_nothing_beyond() {
        let mut frame = portrait().unwrap();
        let before = frame.clone();
        put_on(&mut frame, &SAME);
        let plane = frame.format.planes()[0];
        for (point, color) in POINTS.iter().zip(COLORS) {
            let [x, y] = point.map(|v| v.round() as usize);
            let seen = [0, 1, 2].map(|c| frame.sample(&plane, x, y, c) as f32);
            assert_eq!(seen, color, "{point:?}");
            let beyond = x + 8;
            for c in 0..3 {
                let sample = |frame: &Frame| frame.sample(&plane, beyond, y, c);
                assert_eq!(sample(&frame), sample(&before), "{point:?}");
            }
        }
    }

    #[test]
    fn a_film_gets_the_same_colors_in_luma_and_chroma() {
        let format = paint::format(640, 360);
        let mut frame = Frame::new(format, vec![128; format.frame_bytes()]);
        let map = Affine([[1.2, 0.0, 20.0], [0.0, 1.2, 10.0]]);
        put_on(&mut frame, &map);
        let planes = format.planes();
        let matrix = YuvMatrix::new(format.matrix, format.full_range);
        for (point, color) in POINTS.iter().zip(COLORS) {
            let [x, y] = map.apply(*point).map(|v| v.round() as usize);
            let sample = |c: usize, k: usize| frame.sample(&planes[c], x / k, y / k, 0) as f32;
            let rgb = matrix.to_rgb(sample(0, 1), sample(1, 2), sample(2, 2));
            for c in 0..3 {
                assert!((rgb[c] - color[c]).abs() < 3.0, "{point:?}: {rgb:?}");
            }
        }
    }

    #[test]
    fn dots_at_the_rim_are_cut_off() {
        let format = paint::format(64, 64);
        let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
        put_on(&mut frame, &Affine([[1.0, 0.0, -203.0], [0.0, 1.0, -101.0]]));
        assert!(frame.sample(&format.planes()[0], 0, 0, 0) > 0);
        put_on(&mut frame, &Affine([[1.0, 0.0, -9000.0], [0.0, 1.0, 9000.0]]));
    }
}
