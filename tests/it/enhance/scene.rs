//! A pool of small models, a painted frame, and a face whose crop is known pixel by pixel.

use tempfile::TempDir;

use facedeck::faces::{Chosen, Face};
use facedeck::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use facedeck::imaging::similarity::Point;
use facedeck::imaging::template::Template;
use facedeck::inference::Pool;
use facedeck::processors::chain::Chain;
use facedeck::processors::{Changed, Processor, Setup};
use facedeck::profiles::Profile;

use crate::people::networks;

/// Models of the catalog whose weights are files of `tests/models`. Their entries are the
/// catalog's own but for the name and the hash of the file.
pub struct Models {
    pub pool: Pool,
    /// Removed with the pool.
    pub _home: TempDir,
}

/// Pairs of a catalog id and a file of `tests/models`.
pub fn models(files: &[(&str, &str)]) -> Models {
    let (pool, home) = networks::pool(files);
    Models { pool, _home: home }
}

/// Side of the frame.
pub const SIDE: usize = 700;

/// A frame whose samples are f(x, y, channel).
pub fn frame(layout: Layout, depth: u8, f: impl Fn(usize, usize, usize) -> u32) -> Frame {
    let format = FrameFormat {
        width: SIDE as u32,
        height: SIDE as u32,
        layout,
        depth,
        matrix: Matrix::Bt709,
        full_range: matches!(layout, Layout::Packed { .. }),
    };
    let mut frame = Frame::new(format, vec![0; format.frame_bytes()]);
    for (p, plane) in format.planes().iter().enumerate() {
        for y in 0..plane.height {
            for x in 0..plane.width {
                for c in 0..plane.channels {
                    frame.set_sample(plane, x, y, c, f(x, y, p + c));
                }
            }
        }
    }
    frame
}

/// 8-bit RGB that changes from pixel to pixel, 60 to 190.
pub fn textured() -> Frame {
    frame(Layout::Packed { channels: 3 }, 8, |x, y, c| {
        (60 + (x * (3 + c) + y * 5 + 40 * c) % 131) as u32
    })
}

/// A face with these points.
pub fn face(points: [Point; 5]) -> Face {
    let low = |i: usize| points.iter().map(|p| p[i]).fold(f32::INFINITY, f32::min);
    let high = |i: usize| points.iter().map(|p| p[i]).fold(f32::NEG_INFINITY, f32::max);
    Face {
        track: 3,
        score: 0.87,
        bounds: [low(0) - 40.0, low(1) - 60.0, high(0) + 40.0, high(1) + 40.0],
        points,
        landmarks: None,
        points_68: None,
        embedding: None,
        attributes: None,
    }
}

/// A face whose crop of `size` pixels is the frame's own square with its corner at (x, y).
pub fn square(template: Template, size: usize, x: usize, y: usize) -> Face {
    face(template.points(size).map(|p| [p[0] + x as f32, p[1] + y as f32]))
}

/// Runs the processors of a profile on one face.
pub fn run(models: &Models, profile: &Profile, face: &Face, frame: &mut Frame) -> Changed {
    try_run(models, profile, face, frame).unwrap()
}

/// As [`run`], with its errors.
pub fn try_run(
    models: &Models,
    profile: &Profile,
    face: &Face,
    frame: &mut Frame,
) -> facedeck::Result<Changed> {
    let mut chain = build(models, profile)?;
    let faces = [Chosen { face: face.clone(), person: 0 }];
    let work = chain.prepare(frame, &faces)?;
    work.apply(frame)
}

/// The chain of a profile.
pub fn build(models: &Models, profile: &Profile) -> facedeck::Result<Chain> {
    let note = |_: &str| {};
    Chain::build(&Setup { profile, pool: &models.pool, people: &[], still: true, note: &note })
}

/// One sample of an 8-bit RGB frame.
pub fn at(frame: &Frame, x: usize, y: usize, c: usize) -> f32 {
    frame.sample(&frame.format.planes()[0], x, y, c) as f32
}
