//! Faces that stand on their heads.

use std::path::Path;

use super::*;
use crate::imaging::turn::Turn;
use crate::media::image_file::read;

fn portrait() -> Frame {
    let media = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/media"));
    read(&media.join("astronaut.png")).unwrap().frame
}

fn models(angles: &[Turn]) -> FaceModels {
    crate::inference::for_tests().unwrap();
    let faces = Faces { angles: angles.to_vec(), ..Faces::default() };
    FaceModels::load(&faces, &Pool::new(Store::open().unwrap(), Settings::processor(1))).unwrap()
}

/// How far the points of two faces are apart, in widths of the face.
fn apart(a: &Face, points: &[[f32; 2]; 5]) -> f32 {
    let far = a.points.iter().zip(points).map(|(p, q)| (p[0] - q[0]).hypot(p[1] - q[1]));
    far.fold(0.0, f32::max) / a.width()
}

#[test]
fn turned_faces_are_found_when_they_are_asked_for() {
    let (upright, all) = (models(&[Turn::Upright]), models(&Turn::ALL));
    let portrait = portrait();
    let known = upright.analyze_still(&portrait).unwrap().remove(0);
    let mut by_themselves = Vec::new();
    for turn in [Turn::Right, Turn::Over, Turn::Left] {
        // What lies so after it was turned stands upright after it was turned back.
        let frame = match turn {
            Turn::Right => Turn::Left,
            Turn::Left => Turn::Right,
            same => same,
        }
        .upright(&portrait);
        let points = known.points.map(|point| turn.back(&frame.format, point));
        let near = |face: &Face| apart(face, &points) < 0.3;
        if upright.analyze_still(&frame).unwrap().iter().any(near) {
            by_themselves.push(turn);
        }
        let found = all.analyze_still(&frame).unwrap();
        let [face] = found.as_slice() else { panic!("{turn:?}: {} faces", found.len()) };
        assert!(apart(face, &points) < 0.05, "{turn:?}: {} apart", apart(face, &points));
        let alike = face.embedding.as_ref().unwrap().cosine(known.embedding.as_ref().unwrap());
        assert!(alike > 0.9, "{turn:?}: alike by {alike}");
    }
    // The detector knows faces that lie on their side, in stills that show little else.
    assert!(!by_themselves.contains(&Turn::Over), "{by_themselves:?}");
}

#[test]
fn upright_faces_are_what_they_were() {
    let portrait = portrait();
    let one = |models: FaceModels| models.analyze_still(&portrait).unwrap();
    let (plain, asked) = (one(models(&[Turn::Upright])), one(models(&Turn::ALL)));
    assert_eq!(plain.len(), asked.len());
    assert!(apart(&plain[0], &asked[0].points) < 1e-6);
}
