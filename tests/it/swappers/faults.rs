//! What is not as it should be is told, and nothing is swapped.

use facedeck::imaging::template::Template;
use facedeck::profiles::Profile;

use super::scene::{embedding, known, profile, run};
use crate::enhance::scene::{face, models, square, textured};

/// The error of a swap with this file as inswapper_128.
fn error(file: &str, profile: &Profile) -> facedeck::Error {
    let models = models(&[("inswapper_128", file)]);
    let before = textured();
    let mut after = before.clone();
    let face = square(Template::Arcface128, 128, 100, 100);
    let who = [known(&[embedding(&[(0, 1.0)])])];
    let error = run(&models, profile, &who, &face, &mut after).unwrap_err();
    assert_eq!(before.data, after.data, "{}", error.chain());
    error
}

#[track_caller]
fn says(error: &facedeck::Error, code: u8, words: &[&str]) {
    let said = format!("{} ({})", error.chain(), error.hint_text().unwrap_or_default());
    assert_eq!(error.exit_code(), code, "{said}");
    for word in words {
        assert!(said.contains(word), "no '{word}' in: {said}");
    }
}

#[test]
fn files_that_cannot_be_used() {
    let good = profile("inswapper_128");
    says(&error("tiny_inswapper_nan.onnx", &good), 1, &["inswapper_128", "no numbers"]);
    says(&error("tiny_inswapper_noemap.onnx", &good), 1, &["emap"]);
    says(&error("tiny_inswapper_shuffled.onnx", &good), 1, &["emap", "last"]);
    says(&error("tiny_hyperswap_256.onnx", &good), 1, &["inswapper_128", "catalog entry"]);
}

#[test]
fn profiles_that_make_no_sense() {
    let file = "tiny_inswapper_128.onnx";
    let mut bad = profile("inswapper_128");
    bad.faces.recognizer = "mobilefacenet".into();
    says(&error(file, &bad), 2, &["mobilefacenet", "w600k_r50"]);
    let mut bad = profile("inswapper_128");
    bad.swap.pixel_boost = 5;
    says(&error(file, &bad), 2, &["swap.pixel_boost", "5"]);
    says(&error(file, &profile("gfpgan_1.4")), 2, &["gfpgan_1.4", "no swapper", "hyperswap"]);
    says(&error(file, &profile("simswap_256")), 5, &["simswap_256"]);
    let mut weighted = profile("inswapper_128");
    weighted.swap.weight = Some(0.2);
    says(&error(file, &weighted), 5, &["w600k_r50"]);
}

#[test]
fn faces_that_cannot_be_aligned_or_recognized() {
    let models = models(&[("inswapper_128", "tiny_inswapper_128.onnx")]);
    let profile = profile("inswapper_128");
    let mut frame = textured();
    let who = [known(&[embedding(&[(0, 1.0)])])];
    let point = face([[50.0, 60.0]; 5]);
    let error = run(&models, &profile, &who, &point, &mut frame).unwrap_err();
    says(&error, 1, &["landmarks", "coincide"]);
    let mut unknown = who;
    unknown[0].photos[0].face.embedding = None;
    let face = square(Template::Arcface128, 128, 100, 100);
    let error = run(&models, &profile, &unknown, &face, &mut frame).unwrap_err();
    says(&error, 1, &["photo.png", "recognized"]);
}
