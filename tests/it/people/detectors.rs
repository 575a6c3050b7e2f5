//! Detectors, landmark networks, recognizers and attributes, held against what they must give.

use facedeck::faces::FaceModels;
use facedeck::faces::select::sort;
use facedeck::faces::track::Tracker;
use facedeck::imaging::signature::Signature;
use facedeck::imaging::similarity::Point;
use facedeck::inference::for_tests;
use facedeck::profiles::{Faces, Order, Sex};
use serde_json::Value;

use super::networks::{networks, pool, wanting};
use super::painted::{face, ground, paint};
use crate::common::picture;

/// Width of a face of which half a detector's picture shows nothing.
const SMALL: f32 = 50.0;
/// Networks that see palettes.
const MANY: [(&str, &str); 2] =
    [("det_10g", "tiny_det_many.onnx"), ("w600k_r50", "tiny_arcface_many.onnx")];

/// The largest distance of two faces' points.
fn apart(a: &[Point], b: &[Point]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1])).fold(0.0, f32::max)
}

#[test]
fn scrfd_finds_what_insightface_found() {
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = std::fs::read_to_string(golden.join("golden.json")).unwrap();
    let cases: Value = serde_json::from_str::<Value>(&text).unwrap()["cases"].take();
    let faces = wanting("det_10g", "detector", "w600k_r50");
    let files = [("det_10g", "tiny_det.onnx"), ("w600k_r50", "tiny_arcface.onnx")];
    let models = networks(&faces, &files);
    for (name, case) in cases.as_object().unwrap() {
        let frame = picture(&golden.join(format!("{name}_frame.webp")));
        let found = models.analyze_still(&frame).unwrap();
        let Ok(wanted) = serde_json::from_value::<[f32; 5]>(case["detected"].clone()) else {
            assert!(found.is_empty(), "{name}: the reference found none");
            continue;
        };
        assert_eq!(found.len(), 1, "{name}");
        let one = &found[0];
        let sides = (0..4).map(|i| (one.bounds[i] - wanted[i]).abs()).fold(0.0, f32::max);
        let kps: [Point; 5] = serde_json::from_value(case["kps"].clone()).unwrap();
        let points = apart(&one.points, &kps);
        let raw: Vec<f32> = serde_json::from_value(case["embedding"].clone()).unwrap();
        let who = one.embedding.as_ref().unwrap();
        let off = |a: &[f32]| a.iter().zip(&raw).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let largest = raw.iter().map(|v| v.abs()).fold(0.0, f32::max);
        println!(
            "{name}: box {sides:.5}, points {points:.5}, score {:.6}, embedding {:.5} of {largest:.2}",
            (one.score - wanted[4]).abs(),
            off(&who.raw()),
        );
        assert!(sides < 0.05 && points < 0.05, "{name}: {sides} {points}");
        assert!((one.score - wanted[4]).abs() < 1e-6);
        assert!(off(&who.raw()) < 0.02 * largest, "{name}: {}", off(&who.raw()));
    }
}

#[test]
fn scrfd_finds_several_and_they_are_told_apart() {
    let faces = wanting("det_10g", "detector", "w600k_r50");
    let models = networks(&faces, &MANY);
    let places = [[300.0, 200.0], [620.0, 420.0], [960.0, 250.0]];
    let sizes = [110.0, 120.0, 100.0];
    let mut frame = ground(1280, 720, [90, 90, 90]);
    for person in 0..3 {
        paint(&mut frame, person, &face(places[person], sizes[person]));
    }
    let mut found = models.analyze_still(&frame).unwrap();
    sort(&mut found, Order::Score);
    assert_eq!(found.len(), 3);
    for (person, one) in found.iter().enumerate() {
        let off = apart(&one.points, &face(places[person], sizes[person]));
        println!("person {person}: points {off:.3}, score {}", one.score);
        // Halving a picture moves it by half a pixel, which insightface does not undo.
        assert!(off < 1.2, "{person}: {off}");
        assert!((one.score - [0.9, 0.8, 0.7][person]).abs() < 1e-5);
        for (other, another) in found.iter().enumerate() {
            let cosine =
                one.embedding.as_ref().unwrap().cosine(another.embedding.as_ref().unwrap());
            assert_eq!(cosine > 0.5, person == other, "{person} {other}: {cosine}");
        }
    }
    let by_score = |order| {
        let mut sorted = found.clone();
        sort(&mut sorted, order);
        sorted.iter().map(|f| f.score).collect::<Vec<_>>()
    };
    assert_eq!(by_score(Order::Size), [0.8, 0.9, 0.7]);
    assert_eq!(by_score(Order::RightLeft), [0.7, 0.8, 0.9]);
    assert_eq!(by_score(Order::TopBottom), [0.9, 0.7, 0.8]);
    // The threshold of the profile holds.
    let strict = networks(&Faces { score: 0.75, ..faces }, &MANY);
    assert_eq!(strict.detect(&frame).unwrap().len(), 2);
}

/// The camera moves all the time; a large face and a small one come in.
#[test]
fn newcomers_are_found_soon_when_they_are_large_and_all_within_a_second() {
    let faces = wanting("det_10g", "detector", "w600k_r50");
    let models = networks(&faces, &MANY);
    let mut tracker = Tracker::new(&faces, &models, 0.04);
    let (mut large, mut small) = (None, None);
    for i in 0..60u8 {
        // Light that changes stirs as a camera does.
        let mut frame = ground(1280, 720, [60 + 2 * i; 3]);
        paint(&mut frame, 0, &face([300.0, 300.0], 120.0));
        if i >= 7 {
            paint(&mut frame, 1, &face([700.0, 300.0], 110.0));
            paint(&mut frame, 2, &face([1050.0, 300.0], SMALL));
        }
        frame.index = i.into();
        let signature = Signature::of(&frame);
        let found = tracker.next(&models, &frame, signature).unwrap();
        let near = |x: f32| found.iter().any(|one| (one.points[2][0] - x).abs() < 20.0);
        assert!(near(300.0), "frame {i}");
        large = large.or_else(|| near(700.0).then_some(i));
        small = small.or_else(|| near(1050.0).then_some(i));
    }
    println!("large in frame {large:?}, small in frame {small:?}");
    assert!(large.is_some_and(|i| i < 7 + 6), "{large:?}");
    assert!(small.is_some_and(|i| i > 7 + 6 && i <= 7 + 25), "{small:?}");
}

#[test]
fn yunet_finds_the_same_points() {
    let faces = wanting("yunet_2023mar", "detector", "mobilefacenet");
    let models = networks(&faces, &[("yunet_2023mar", "tiny_yunet.onnx")]);
    for (width, height, center) in [(1280, 720, [700.0, 300.0]), (480, 800, [250.0, 500.0])] {
        let points = face(center, 120.0);
        let mut frame = ground(width, height, [90, 90, 90]);
        paint(&mut frame, 0, &points);
        let found = models.detect(&frame).unwrap();
        assert_eq!(found.len(), 1);
        let off = apart(&found[0].points, &points);
        println!("yunet {width}x{height}: points {off:.3}");
        assert!(off < 0.8, "{off}");
        assert!((found[0].score - 0.72f32.sqrt()).abs() < 1e-3, "{}", found[0].score);
        // 1.9 times the longer side of the points' box, around their mean.
        let mean = [0, 1].map(|c| points.iter().map(|p| p[c]).sum::<f32>() / 5.0);
        let half = 0.95 * 1.15 * 120.0;
        let wanted = [mean[0] - half, mean[1] - half, mean[0] + half, mean[1] + half];
        for (got, want) in found[0].bounds.iter().zip(wanted) {
            assert!((got - want).abs() < 1.5, "{:?} {wanted:?}", found[0].bounds);
        }
    }
}

#[test]
fn landmark_networks_give_the_points() {
    let points = face([500.0, 300.0], 130.0);
    let mut frame = ground(1280, 720, [90, 90, 90]);
    paint(&mut frame, 0, &points);
    for (id, file) in [("2dfan4", "tiny_2dfan4.onnx"), ("2d106det", "tiny_2d106det.onnx")] {
        let faces = wanting("det_10g", id, "mobilefacenet");
        let models = networks(&faces, &[("det_10g", "tiny_det.onnx"), (id, file)]);
        let found = models.analyze_still(&frame).unwrap();
        let off = apart(&found[0].points, &points);
        println!("{id}: points {off:.3}");
        assert!(off < 1.0, "{id}: {off}");
        assert_eq!(found[0].points_68.as_ref().map(Vec::len), (id == "2dfan4").then_some(68));
    }
}

#[test]
fn the_mesh_is_fitted_to_any_detectors_faces() {
    // The portraits' own faces carry no dots: painted ones are no faces for the mesh.
    let faces = wanting("det_10g", "face_landmarks_478", "mobilefacenet");
    let models = networks(&faces, &[("det_10g", "tiny_det.onnx")]);
    let mut frame = picture(&crate::common::media("astronaut.png"));
    let known = crate::measure::face(&frame);
    paint(&mut frame, 0, &known.points);
    let found = models.analyze_still(&frame).unwrap();
    assert_eq!(found.len(), 1);
    let off = apart(&found[0].points, &known.points);
    println!("mesh behind scrfd: points {off:.2} of {:.0}", known.width());
    assert!(found[0].landmarks.is_some() && off < 0.08 * known.width(), "{off}");
}

#[test]
fn sex_and_age_are_guessed() {
    let files = [("det_10g", "tiny_det.onnx"), ("genderage", "tiny_genderage.onnx")];
    let (pool, _home) = pool(&files);
    let mut faces = wanting("det_10g", "detector", "mobilefacenet");
    let points = face([500.0, 300.0], 130.0);
    for (color, sex, age) in [([200, 100, 60], Sex::Male, 39.0), ([60, 51, 200], Sex::Female, 20.0)]
    {
        let mut frame = ground(1000, 600, color);
        paint(&mut frame, 0, &points);
        let mut models = FaceModels::load(&faces, &pool).unwrap();
        assert!(models.analyze_still(&frame).unwrap()[0].attributes.is_none(), "not asked for");
        models.add_attributes(&pool).unwrap();
        let guessed = models.analyze_still(&frame).unwrap()[0].attributes.unwrap();
        println!("{color:?}: {guessed:?}");
        // The dots are within what is averaged, too.
        assert_eq!(guessed.sex, sex);
        assert!((guessed.age - age).abs() <= 8.0, "{guessed:?}");
    }
    faces.sex = Some(Sex::Female);
    assert!(FaceModels::load(&faces, &pool).is_ok());
}

#[test]
fn wrong_names_and_missing_models_are_told() {
    for_tests().unwrap();
    let (pool, _home) = pool(&[]);
    let fails = |faces: Faces| FaceModels::load(&faces, &pool).err().unwrap();
    let unknown = fails(wanting("det_11g", "detector", "mobilefacenet"));
    assert_eq!(unknown.exit_code(), 2);
    let wrong = fails(wanting("mobilefacenet", "detector", "mobilefacenet"));
    assert_eq!(wrong.exit_code(), 2);
    let said = wrong.chain();
    assert!(said.contains("mobilefacenet cannot be the detector"), "{said}");
    assert!(wrong.hint_text().unwrap().contains("det_10g"));
    let missing = fails(wanting("det_10g", "detector", "mobilefacenet"));
    assert_eq!(missing.exit_code(), 5, "{}", missing.chain());
    let faces = Faces { age: Some([20, 40]), ..Faces::default() };
    let missing = fails(faces);
    assert_eq!(missing.exit_code(), 5);
    assert!(missing.chain().contains("genderage"), "{}", missing.chain());
}
