//! The film: two real faces, one that comes nearer until another photo suits it better, and one
//! that something moves in front of meanwhile.

use crate::faces::FaceModels;
use crate::faces::landmarks::Landmarks;
use crate::faces::recognize::Embedding;
use crate::imaging::frame::Frame;
use crate::imaging::sample::sample_affine;
use crate::imaging::similarity::Affine;

use super::super::SourceFace;
use super::super::portraits::{Portrait, portraits, rgb_frame};

/// Frames of the film.
pub const FRAMES: usize = 34;
/// Width of each half of the picture, and its height.
const SIZE: [usize; 2] = [280, 320];
/// Width of the near face in pixels, at the beginning and at the end.
const NEARER: [f32; 2] = [74.0, 160.0];

/// Who is looked for.
pub fn wanted(models: &FaceModels) -> Vec<Embedding> {
    let who = |portrait: &Portrait| models.analyze_still(&portrait.frame).unwrap().remove(0);
    portraits()[..2].iter().map(|portrait| who(portrait).embedding.unwrap()).collect()
}

/// Who is put in: for the first a small photo and, with the mouth a little more open, a large and
/// darker one; for the second one photo.
pub fn people() -> Vec<Vec<SourceFace>> {
    let [astronaut, _, mona_lisa] = portraits() else { panic!("there are three portraits") };
    let photo = |portrait, width, light, open| {
        let (frame, mut face) = resized(portrait, width, light);
        face.points[14][1] += open * width;
        SourceFace::new(&frame, &face).unwrap()
    };
    let first = vec![photo(astronaut, 80.0, 1.0, 0.0), photo(astronaut, 170.0, 0.7, 0.03)];
    vec![first, vec![photo(mona_lisa, 120.0, 1.0, 0.0)]]
}

/// A portrait whose face is so wide and whose colors are times `light`.
fn resized(portrait: &Portrait, width: f32, light: f32) -> (Frame, Landmarks) {
    let scale = f64::from(portrait.face.width() / width);
    let format = portrait.frame.format;
    let size = [format.width, format.height].map(|v| (f64::from(v) / scale) as usize);
    let map = Affine([[scale, 0.0, 0.0], [0.0, scale, 0.0]]);
    let planes = sample_affine(&portrait.frame, &map, size[0], size[1]);
    let frame = rgb_frame(size[0], size[1], |x, y| planes.each_ref().map(|p| light * p.at(x, y)));
    let points = portrait.face.points.iter().map(|p| p.map(|v| v / scale as f32)).collect();
    (frame, Landmarks { points, presence: 1.0 })
}

/// One frame of the film.
pub fn frame(i: usize) -> Frame {
    let [width, height] = SIZE;
    let t = i as f64;
    let middle = [width as f32 / 2.0, height as f32 / 2.0];
    let sway = [4.0 * (t * 0.23).sin() as f32, 3.0 * (t * 0.17).cos() as f32];
    let place = [middle[0] + sway[0], middle[1] + sway[1]];
    let near = NEARER[0] + (NEARER[1] - NEARER[0]) * (i as f32 / FRAMES as f32);
    let half = |portrait: &Portrait, wide: f32, turn: f64| {
        let scale = f64::from(portrait.face.width() / wide);
        let map = Affine::about(place, portrait.face.xy(4), turn, scale);
        let lower_lip = map.inverse().unwrap().apply(portrait.face.xy(17));
        (sample_affine(&portrait.frame, &map, width, height), lower_lip)
    };
    let (left, _) = half(&portraits()[0], near, 0.02 * (t * 0.13).sin());
    let (right, lip) = half(&portraits()[1], 120.0, 0.02 * (t * 0.19).cos());
    // A dark ball comes from the side and stays before mouth and chin.
    let away = 1.2 * (16.0 - i as f32).max(0.0) / 6.0;
    let ball = [lip[0] + 120.0 * away, lip[1] + 7.0];
    let mut noise = 1u32.wrapping_add(i as u32 * 7919);
    let grains: Vec<f32> = (0..2 * width * height)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 16) as f32 / 65536.0 * 6.0 - 3.0
        })
        .collect();
    let color = |x: usize, y: usize| {
        if x < width {
            return left.each_ref().map(|plane| plane.at(x, y));
        }
        let far = (x as f32 - width as f32 - ball[0]).hypot(y as f32 - ball[1]);
        if far < 34.0 {
            return [46.0, 48.0, 60.0];
        }
        right.each_ref().map(|plane| plane.at(x - width, y))
    };
    rgb_frame(2 * width, height, |x, y| color(x, y).map(|v| v + grains[y * 2 * width + x]))
}
