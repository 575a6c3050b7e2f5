//! Masks from networks and landmarks, on crops whose colors say what they show.

use facedeck::error::Result;
use facedeck::faces::Face;
use facedeck::imaging::aligned::Aligned;
use facedeck::imaging::color::Planes;
use facedeck::imaging::field::Field;
use facedeck::imaging::template::Template;
use facedeck::processors::Setup;
use facedeck::processors::masks::{Networks, points_68};
use facedeck::profiles::Profile;
use facedeck::profiles::sections::{FROM_DETECTOR, MaskKind};

use crate::common;

use super::scene::{Models, face, models, square};

/// Colors and what `tiny_bisenet` takes them for: skin, mouth, left eye, hair, background.
const SKIN: [f32; 3] = [150.0, 130.0, 120.0];
const MOUTH: [f32; 3] = [220.0, 40.0, 40.0];
const EYE: [f32; 3] = [40.0, 40.0, 150.0];
const HAIR: [f32; 3] = [40.0, 200.0, 60.0];
const DARK: [f32; 3] = [10.0, 10.0, 10.0];

fn networks() -> Models {
    models(&[("bisenet_resnet_34", "tiny_bisenet.onnx"), ("xseg_3", "tiny_xseg.onnx")])
}

fn profile(kinds: &[MaskKind]) -> Profile {
    let mut profile = Profile::default();
    profile.mask.kinds = kinds.to_vec();
    profile
}

fn build(models: &Models, profile: &Profile) -> Result<Networks> {
    let note = |_: &str| {};
    Networks::build(&Setup { profile, pool: &models.pool, people: &[], still: true, note: &note })
}

/// Vertical stripes of these colors.
fn stripes(size: usize, colors: &[[f32; 3]]) -> Planes {
    std::array::from_fn(|c| Field::from_fn(size, size, |x, _| colors[x * colors.len() / size][c]))
}

/// The mask of a crop whose space is the frame's.
fn mask(models: &Models, profile: &Profile, face: &Face, crop: &Planes) -> Field {
    let size = crop[0].width;
    let aligned = Aligned::new(&Template::Ffhq512.points(size), Template::Ffhq512, size).unwrap();
    let mask = build(models, profile).unwrap().mask(face, &aligned, crop).unwrap();
    assert_eq!((mask.width, mask.height), (size, size));
    assert!(mask.data.iter().all(|v| (0.0..=1.0).contains(v)));
    mask
}

fn somebody() -> Face {
    square(Template::Ffhq512, 512, 0, 0)
}

#[test]
fn without_such_masks_everything_is_let_through() {
    let models = models(&[]);
    let profile = profile(&[MaskKind::Box, MaskKind::Ellipse]);
    assert!(build(&models, &profile).unwrap().is_empty());
    let mask = mask(&models, &profile, &somebody(), &stripes(96, &[SKIN]));
    assert!(mask.data.iter().all(|&v| v == 1.0));
}

#[test]
fn a_region_mask_lets_the_named_parts_through() {
    let models = networks();
    let crop = stripes(500, &[SKIN, MOUTH, EYE, HAIR, DARK]);
    for (regions, through) in [
        (vec!["skin"], [1.0, 0.0, 0.0, 0.0, 0.0]),
        (vec!["mouth"], [0.0, 1.0, 0.0, 0.0, 0.0]),
        (vec!["left-eye"], [0.0, 0.0, 1.0, 0.0, 0.0]),
        (vec!["skin", "mouth", "left-eye"], [1.0, 1.0, 1.0, 0.0, 0.0]),
        (vec!["nose", "glasses"], [0.0; 5]),
    ] {
        let mut profile = profile(&[MaskKind::Region]);
        profile.mask.regions = regions.iter().map(|&name| name.to_owned()).collect();
        let mask = mask(&models, &profile, &somebody(), &crop);
        for (i, want) in through.iter().enumerate() {
            let got = mask.at(50 + 100 * i, 250);
            assert!((got - want).abs() < 1e-3, "{regions:?}, stripe {i}: {got}");
        }
    }
}

#[test]
fn edges_are_soft_inside_and_hard_outside_whatever_the_crops_size() {
    let models = networks();
    for size in [128, 256, 512, 640] {
        let crop = stripes(size, &[SKIN, HAIR]);
        let mask = mask(&models, &profile(&[MaskKind::Region]), &somebody(), &crop);
        let edge = size / 2;
        assert_eq!(mask.at(edge + 2, size / 2), 0.0, "{size}");
        // 5 and 10 pixels inside a blur of sigma 5: 2 Φ(1) − 1 and 2 Φ(2) − 1. Resizing the
        // network's own edge costs up to a pixel of position.
        for (inside, want) in [(5, 0.683), (10, 0.954)] {
            let half = |x: usize| mask.at(x, size / 2);
            let got = (half(edge - inside) + half(edge - inside - 1)) / 2.0;
            assert!((got - want).abs() < 0.09, "{size}, {inside} inside: {got}");
        }
        assert!(mask.at(size / 8, size / 2) > 0.99, "{size}");
    }
}

#[test]
fn what_hides_a_face_is_left_alone() {
    let models = networks();
    let profile = profile(&[MaskKind::Occlusion]);
    let mask = mask(&models, &profile, &somebody(), &stripes(300, &[SKIN, [60.0, 60.0, 200.0]]));
    assert!(mask.at(60, 150) > 0.999 && mask.at(240, 150) == 0.0);
    // Red in the place of blue would hide nothing: the channels come in the network's order.
    let red = stripes(300, &[SKIN, [200.0, 60.0, 60.0]]);
    assert!(super::masks::mask(&models, &profile, &somebody(), &red).at(240, 150) > 0.999);
}

#[test]
fn the_least_of_all_masks_counts() {
    let models = networks();
    let blue = [60.0, 60.0, 200.0];
    let crop = stripes(300, &[SKIN, HAIR, blue]);
    let both = profile(&[MaskKind::Box, MaskKind::Region, MaskKind::Occlusion]);
    let mask = mask(&models, &both, &somebody(), &crop);
    // Skin that nothing hides; hair that nothing hides; an eye, to the parser, that is hidden.
    assert!(mask.at(40, 150) > 0.999);
    assert_eq!((mask.at(150, 150), mask.at(260, 150)), (0.0, 0.0));
}

#[test]
fn an_area_is_the_hull_of_its_points() {
    let models = models(&[]);
    let mut face = somebody();
    // A lattice that puts every mouth point on the border of the square 100–300 × 200–280.
    let mut points = vec![[0.0f32, 0.0]; 68];
    for (i, p) in points[48..].iter_mut().enumerate() {
        let corners = [[100.0, 200.0], [300.0, 200.0], [300.0, 280.0], [100.0, 280.0]];
        *p = corners[i % 4];
    }
    face.points_68 = Some(points);
    let mut profile = profile(&[MaskKind::Area]);
    profile.mask.areas = vec!["mouth".into()];
    let mask = mask(&models, &profile, &face, &stripes(512, &[SKIN]));
    assert!((mask.at(200, 240) - 1.0).abs() < 1e-3);
    for (x, y) in [(200, 198), (200, 283), (97, 240), (303, 240), (10, 10)] {
        assert_eq!(mask.at(x, y), 0.0, "{x}, {y}");
    }
    assert!((mask.at(105, 240) - 0.683).abs() < 0.05, "{}", mask.at(105, 240));
    profile.mask.areas.clear();
    let nothing = super::masks::mask(&models, &profile, &face, &stripes(512, &[SKIN]));
    assert!(nothing.data.iter().all(|&v| v == 0.0));
}

#[test]
fn the_mesh_gives_the_68_points_too() {
    let frame = common::picture(&common::media("grace_hopper.jpg"));
    let found = common::models().analyze_still(&frame).unwrap().remove(0);
    let mesh = found.landmarks.as_ref().unwrap();
    let points = points_68::of_mesh(mesh);
    assert_eq!(points.len(), points_68::COUNT);
    let center = |range: std::ops::Range<usize>| {
        let n = range.len() as f32;
        points[range].iter().fold([0.0f32; 2], |s, p| [s[0] + p[0] / n, s[1] + p[1] / n])
    };
    let near = |a: [f32; 2], b: [f32; 2], share: f32| {
        let distance = (a[0] - b[0]).hypot(a[1] - b[1]);
        assert!(distance < share * mesh.width(), "{a:?} is not {b:?}");
    };
    // What iBUG's numbers mean, by the five points of the alignment.
    near(center(36..42), found.points[0], 0.03);
    near(center(42..48), found.points[1], 0.03);
    near(points[30], found.points[2], 0.08);
    near(points[48], found.points[3], 0.01);
    near(points[54], found.points[4], 0.01);
    let [left, top, right, bottom] = found.bounds;
    assert!(points[0][0] < left + 0.15 * (right - left));
    assert!(points[16][0] > right - 0.15 * (right - left));
    assert!(points[8][1] > bottom - 0.05 * (bottom - top));
    // The jaw goes around from the picture's left, brows are above the eyes, lips in each other.
    assert!(points[..8].windows(2).all(|p| p[0][1] < p[1][1]));
    assert!(points[17][1] < points[36][1] && points[26][1] < points[45][1]);
    assert!(points[51][1] < points[62][1] && points[57][1] > points[66][1]);

    // All areas together cover the face and nothing else.
    let models = models(&[]);
    let areas = profile(&[MaskKind::Area]);
    let aligned = Aligned::new(&found.points, Template::Ffhq512, 512).unwrap();
    let blank = stripes(512, &[SKIN]);
    let mask = build(&models, &areas).unwrap().mask(&found, &aligned, &blank).unwrap();
    let at = |p: [f32; 2]| {
        let [x, y] = aligned.point(p);
        mask.bilinear(x, y)
    };
    for p in found.points {
        assert!(at(p) > 0.99, "{p:?}: {}", at(p));
    }
    assert_eq!(at([left - 20.0, found.points[2][1]]), 0.0);
    assert_eq!(at([found.points[2][0], bottom + 15.0]), 0.0);
}

#[test]
fn what_is_wrong_with_a_mask_is_said() {
    let models = networks();
    let mut wrong = profile(&[MaskKind::Region]);
    wrong.mask.regions = vec!["skin".into(), "ear".into()];
    let error = build(&models, &wrong).err().unwrap();
    assert_eq!(error.exit_code(), 2);
    assert!(error.message().contains("\"ear\"") && error.hint_text().unwrap().contains("nose"));

    let mut wrong = profile(&[MaskKind::Area]);
    wrong.mask.areas = vec!["forehead".into()];
    let error = build(&models, &wrong).err().unwrap();
    assert!(error.message().contains("\"forehead\""), "{error:?}");

    wrong.mask.areas = vec!["mouth".into()];
    wrong.faces.landmarks = FROM_DETECTOR.into();
    let error = build(&models, &wrong).err().unwrap();
    assert_eq!(error.exit_code(), 2);
    assert!(error.hint_text().unwrap().contains("2dfan4"), "{error:?}");

    let aligned = Aligned::new(&Template::Ffhq512.points(64), Template::Ffhq512, 64).unwrap();
    let areas = build(&models, &profile(&[MaskKind::Area])).unwrap();
    let bare = face(Template::Ffhq512.points(64));
    let error = areas.mask(&bare, &aligned, &stripes(64, &[SKIN])).unwrap_err();
    assert_eq!(error.exit_code(), 2);

    let none = super::scene::models(&[]);
    let error = build(&none, &profile(&[MaskKind::Occlusion])).err().unwrap();
    assert_eq!(error.exit_code(), 5);
    assert!(error.chain().contains("xseg_3"), "{}", error.chain());
}
