//! Pictures in, pictures out: whose face it is, what stays untouched, what the files keep.

mod choice;
mod files;

use std::path::Path;
use std::sync::OnceLock;

use facedeck::faces::Face;
use facedeck::imaging::frame::Frame;
use tempfile::TempDir;

use crate::common::{media, picture, swap, words};
use crate::measure::{differences, expression_error, face, identity, least, mean, person};

const PORTRAITS: [&str; 3] = ["astronaut.png", "grace_hopper.jpg", "mona_lisa.jpg"];

/// A swap that must succeed; returns what was said.
fn swapped(source: &Path, target: &Path, output: &Path, more: &[&str]) -> String {
    let run = swap(source, target, output, more);
    assert!(run.status.success(), "{}", words(&run));
    words(&run)
}

/// A folder for one test.
fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// One swap of a portrait into another, and what the judge says about it.
struct Pair {
    name: String,
    target: Frame,
    output: Frame,
    before: Face,
    after: Face,
    /// Cosine to the source before and after.
    cosine: [f32; 2],
}

/// The six ordered pairs of portraits, each swapped once.
fn pairs() -> &'static [Pair] {
    static PAIRS: OnceLock<Vec<Pair>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let folder = folder();
        let all = PORTRAITS.iter().flat_map(|s| PORTRAITS.iter().map(move |t| (*s, *t)));
        all.filter(|(source, target)| source != target)
            .map(|(source, target)| {
                let path = folder.path().join(format!("{source}-{target}.png"));
                swapped(&media(source), &media(target), &path, &[]);
                let source_person = person(&media(source));
                let (target_frame, output) = (picture(&media(target)), picture(&path));
                let (before, after) = (face(&target_frame), face(&output));
                let cosine = [&before, &after].map(|f| identity(f).cosine(&source_person));
                let name = format!("{source} in {target}");
                Pair { name, target: target_frame, output, before, after, cosine }
            })
            .collect()
    })
}

#[test]
fn the_face_is_the_sources() {
    let after: Vec<f32> = pairs().iter().map(|p| p.cosine[1]).collect();
    for pair in pairs() {
        let [before, after] = pair.cosine;
        println!("{}: cosine {before:.3} -> {after:.3}", pair.name);
    }
    println!("mean {:.3}, least {:.3}", mean(&after), least(&after));
    assert!(mean(&after) >= 0.62, "mean cosine {}", mean(&after));
    assert!(least(&after) >= 0.48, "least cosine {}", least(&after));
    for pair in pairs() {
        let [before, after] = pair.cosine;
        assert!(after >= before + 0.20, "{}: {before} -> {after}", pair.name);
    }
}

#[test]
fn the_expression_is_the_targets() {
    for pair in pairs() {
        let error = expression_error(pair.after.mesh().unwrap(), pair.before.mesh().unwrap());
        println!("{}: expression error {error:.4}", pair.name);
        assert!(error <= 0.035, "{}: {error}", pair.name);
    }
}

#[test]
fn nothing_but_the_face_is_touched() {
    for pair in pairs() {
        let change = differences(&pair.target, &pair.output, &[pair.before.mesh().unwrap()]);
        println!("{}: mean change inside {:.1}", pair.name, change.inside);
        assert_eq!(change.outside, 0, "{}: pixels changed outside the face", pair.name);
        assert!(change.inside > 3.0, "{}: {}", pair.name, change.inside);
    }
}

#[test]
fn several_photos_of_one_person_are_taken_together() {
    let folder = folder();
    let (mirrored, output) = (folder.path().join("mirrored.png"), folder.path().join("out.png"));
    let source = media("grace_hopper.jpg");
    image::open(&source).expect("a portrait").fliph().save(&mirrored).expect("a picture");
    let second = mirrored.display().to_string();
    let said = swapped(&source, &media("astronaut.png"), &output, &["-s", &second]);
    assert!(!said.contains("does not look like"), "{said}");
    let cosine = identity(&face(&picture(&output))).cosine(&person(&source));
    let name = "grace_hopper.jpg in astronaut.png";
    let alone = pairs().iter().find(|p| p.name == name).expect("the pair").cosine[1];
    println!("two photos: cosine {cosine:.3}, one: {alone:.3}");
    assert!(cosine >= alone - 0.05, "{cosine}, with one photo {alone}");
}

#[test]
fn a_photo_of_somebody_else_is_noticed() {
    let folder = folder();
    let output = folder.path().join("out.png");
    let stranger = media("mona_lisa.jpg").display().to_string();
    let source = media("grace_hopper.jpg");
    let said = swapped(&source, &media("astronaut.png"), &output, &["-s", &stranger]);
    let line = said.lines().find(|l| l.contains("does not look like the person in"));
    let line = line.unwrap_or_else(|| panic!("no note in: {said}"));
    assert!(line.contains("mona_lisa.jpg") && line.contains("grace_hopper.jpg"), "{line}");
    assert!(output.is_file(), "it is a note, not an error");
}
