//! Faces painted as five dots, which the small models find: see `tests/models/README.md`.

use facedeck::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use facedeck::imaging::similarity::Point;

/// The dots of three people: eyes, nose, mouth corners.
const PALETTES: [[[u8; 3]; 5]; 3] = [
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [255, 0, 255]],
    [[0, 255, 255], [128, 0, 255], [128, 255, 0], [255, 0, 128], [0, 128, 255]],
    [[0, 255, 128], [255, 128, 255], [128, 255, 128], [0, 128, 128], [128, 255, 255]],
];

/// A face's five points when its eyes are this far apart and its nose is at `center`.
pub fn face(center: Point, eyes: f32) -> [Point; 5] {
    let at = |x: f32, y: f32| [center[0] + x * eyes, center[1] + y * eyes];
    [at(-0.5, -0.57), at(0.5, -0.57), at(0.0, 0.0), at(-0.41, 0.58), at(0.42, 0.58)]
}

/// An RGB frame of one color.
pub fn ground(width: u32, height: u32, color: [u8; 3]) -> Frame {
    let format = FrameFormat {
        width,
        height,
        layout: Layout::Packed { channels: 3 },
        depth: 8,
        matrix: Matrix::Bt709,
        full_range: true,
    };
    Frame::new(format, color.repeat((width * height) as usize))
}

/// Paints somebody's dots.
pub fn paint(frame: &mut Frame, person: usize, points: &[Point; 5]) {
    let eyes = (points[1][0] - points[0][0]).hypot(points[1][1] - points[0][1]);
    let (width, radius) = (frame.format.width as usize, 0.13 * eyes);
    for (point, color) in points.iter().zip(PALETTES[person]) {
        for (i, pixel) in frame.data.chunks_exact_mut(3).enumerate() {
            let [dx, dy] = [(i % width) as f32 - point[0], (i / width) as f32 - point[1]];
            if dx.hypot(dy) <= radius {
                pixel.copy_from_slice(&color);
            }
        }
    }
}
