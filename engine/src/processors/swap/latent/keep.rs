//! The parts of the target's face that stay: mouth and eyes.

use crate::faces::Face;
use crate::imaging::aligned::Aligned;
use crate::imaging::crop_mask::hull_mask;
use crate::imaging::field::Field;
use crate::imaging::similarity::Point;
use crate::processors::swap::mesh::topology::{EYES, LIPS};

use super::settings::Settings;

/// The parts of iBUG's 68 points: outer lips, the eye on the left and the one on the right.
const LIPS_68: std::ops::Range<usize> = 48..60;
const EYES_68: [std::ops::Range<usize>; 2] = [36..42, 42..48];

// Shares of the distance between the eyes.
/// Beyond the contour of the lips.
const MOUTH_MARGIN: f32 = 0.06;
/// Beyond the contour of the lids: the lashes belong to the eye.
const EYE_MARGIN: f32 = 0.10;
/// One sigma of the edge.
const SOFT: f32 = 0.05;
/// Where only the eye's center is known: half its width and height.
const EYE: [f32; 2] = [0.27, 0.14];
// Shares of the distance between the corners of the mouth, where only those are known.
/// Half the width of the ellipse.
const MOUTH_WIDTH: f32 = 0.54;
/// Half its height: a mouth that laughs.
const MOUTH_HEIGHT: f32 = 0.36;

/// Where the target's own mouth and eyes are in the crop, 1 on them; `None` when neither is kept.
pub fn kept(settings: &Settings, face: &Face, aligned: &Aligned) -> Option<Field> {
    let five = face.points.map(|p| aligned.point(p));
    let unit = distance(five[0], five[1]);
    let hull =
        |points: &[Point], margin: f32| hull_mask(aligned.size, points, margin * unit, SOFT * unit);
    let mouth = settings.keep_mouth.then(|| hull(&mouth(face, aligned, &five), MOUTH_MARGIN));
    let eyes =
        settings.keep_eyes.then(|| [0, 1].map(|i| hull(&eye(face, aligned, &five, i), EYE_MARGIN)));
    mouth
        .into_iter()
        .chain(eyes.into_iter().flatten())
        .reduce(|most, mask| most.zip(&mask, f32::max))
}

/// The contour of the lips, from the best landmarks that the face has.
fn mouth(face: &Face, aligned: &Aligned, five: &[Point; 5]) -> Vec<Point> {
    contour(face, aligned, &LIPS, LIPS_68).unwrap_or_else(|| {
        let ([ax, ay], [bx, by]) = (five[3], five[4]);
        let across = [bx - ax, by - ay];
        let down = [-across[1] * MOUTH_HEIGHT, across[0] * MOUTH_HEIGHT];
        ellipse([(ax + bx) / 2.0, (ay + by) / 2.0], across.map(|v| v * MOUTH_WIDTH), down)
    })
}

/// The contour of the eye on the left (0) or the right (1) of the crop.
fn eye(face: &Face, aligned: &Aligned, five: &[Point; 5], i: usize) -> Vec<Point> {
    contour(face, aligned, &EYES[i], EYES_68[i].clone()).unwrap_or_else(|| {
        let across = [five[1][0] - five[0][0], five[1][1] - five[0][1]];
        let down = [-across[1] * EYE[1], across[0] * EYE[1]];
        ellipse(five[i], across.map(|v| v * EYE[0]), down)
    })
}

/// A part of the face in the crop: from the mesh, else from the 68 points.
fn contour(
    face: &Face,
    aligned: &Aligned,
    mesh: &[usize],
    of_68: std::ops::Range<usize>,
) -> Option<Vec<Point>> {
    let points: Vec<Point> = match (&face.landmarks, &face.points_68) {
        (Some(landmarks), _) => mesh.iter().map(|&i| landmarks.xy(i)).collect(),
        (None, Some(points)) => points.get(of_68)?.to_vec(),
        (None, None) => return None,
    };
    Some(points.into_iter().map(|p| aligned.point(p)).collect())
}

/// Points of an ellipse with these half axes.
fn ellipse(center: Point, across: Point, down: Point) -> Vec<Point> {
    let turn = |i: usize| (i as f32 / 16.0 * std::f32::consts::TAU).sin_cos();
    (0..16)
        .map(turn)
        .map(|(s, c)| [0, 1].map(|k: usize| center[k] + c * across[k] + s * down[k]))
        .collect()
}

fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
