//! `[swap] precision = "int8"` with a network that has nothing to gain: the words, and that nothing
//! else changes. What it does where it gains is checked beside its parts.

use std::fs;
use std::path::Path;

use crate::clips::frames;
use crate::common::words;
use crate::people::painted::{face, ground, paint};

use super::film::film;
use super::models::{home, roop};

fn pixels(film: &Path) -> Vec<Vec<u8>> {
    frames(film, "rgb24").into_iter().map(|frame| frame.data.to_vec()).collect()
}

#[test]
fn a_film_that_gains_nothing_is_made_as_without_it_and_that_is_known_afterwards() {
    let home = home();
    let folder = tempfile::tempdir().expect("a folder");
    let target = film(folder.path());
    let source = folder.path().join("source.png");
    fs::copy(folder.path().join("000.png"), &source).expect("a copy");
    let swap = |precision: &str, name: &str| {
        let output = folder.path().join(name);
        let line = format!(
            "-s {} -t {} -o {} --output-video-encoder libx264 --set swap.precision={precision}",
            source.display(),
            target.display(),
            output.display()
        );
        let run = roop(home.path(), &line).output().expect("it starts");
        assert!(run.status.success(), "{}", words(&run));
        (pixels(&output), words(&run))
    };
    let (plain, said) = swap("fp32", "plain.mkv");
    assert!(!said.contains("int8"), "{said}");
    let (first, said) = swap("int8", "first.mkv");
    assert!(first == plain, "its pixels are those of single precision");
    assert!(said.contains("int8 is not used: "), "{said}");
    let calibrated = "is calibrated for int8 with frames of the target, once";
    let here = !said.contains("this processor has no instructions for it");
    assert_eq!(said.contains(calibrated), here, "{said}");
    assert_eq!(said.contains("it has no convolutions that would gain"), here, "{said}");
    let (again, said) = swap("int8", "again.mkv");
    assert!(again == plain);
    assert!(said.contains("int8 is not used: ") && !said.contains(calibrated), "{said}");
}

#[test]
fn pictures_and_exact_networks_are_made_without_it() {
    let home = home();
    let folder = tempfile::tempdir().expect("a folder");
    let picture = |name: &str, person: usize| {
        let mut frame = ground(640, 360, [90, 90, 90]);
        paint(&mut frame, person, &face([320.0, 180.0], 40.0));
        let path = folder.path().join(name);
        let image = image::RgbImage::from_raw(640, 360, frame.data).expect("a picture");
        image.save(&path).expect("a file");
        path
    };
    let (source, target) = (picture("source.png", 1), picture("target.png", 0));
    let film = film(folder.path());
    let says = |target: &Path, name: &str, more: &str, word: &str| {
        let line = format!(
            "-s {} -t {} -o {} --set swap.precision=int8 {more}",
            source.display(),
            target.display(),
            folder.path().join(name).display()
        );
        let run = roop(home.path(), &line).output().expect("it starts");
        let said = words(&run);
        assert!(
            run.status.success() && said.contains(&format!("int8 is not used: {word}")),
            "{said}"
        );
    };
    says(&target, "o.png", "", "it is for films");
    says(&film, "e.mkv", "--exact-ort", "networks are to be run as ONNX Runtime computes them");
}
