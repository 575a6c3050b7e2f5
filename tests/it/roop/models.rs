//! roop's own networks' places taken by small ones: `--profile roop` from its catalog entries.

use std::path::{Path, PathBuf};
use std::process::Command;

use image::RgbImage;
use tempfile::TempDir;

use crate::common::{facedeck, words};
use crate::people::painted::{face, ground, paint};

/// A home into which small models were imported as roop's.
pub fn home() -> TempDir {
    let home = tempfile::tempdir().expect("a folder");
    for (id, file) in [
        ("det_10g", "tiny_det_many.onnx"),
        ("w600k_r50", "tiny_arcface_many.onnx"),
        ("inswapper_128", "tiny_inswapper_128.onnx"),
        ("gfpgan_1.4", "tiny_gfpgan.onnx"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(file);
        let mut command = facedeck();
        command.env("FACEDECK_HOME", home.path()).args(["models", "import"]).arg(path);
        let run = command.args(["--as", id]).output().expect("it starts");
        assert!(run.status.success(), "{id}: {}", words(&run));
    }
    home
}

/// A picture of painted people at these places.
fn painted(folder: &Path, name: &str, people: &[(usize, f32)]) -> PathBuf {
    let mut frame = ground(640, 360, [90, 90, 90]);
    for (person, x) in people {
        paint(&mut frame, *person, &face([*x, 180.0], 40.0));
    }
    let path = folder.join(name);
    let image = RgbImage::from_raw(640, 360, frame.data).expect("a picture");
    image.save(&path).expect("a file");
    path
}

/// Runs roop's words after `facedeck swap`, with the profile from the environment.
pub fn roop(home: &Path, line: &str) -> Command {
    let mut command = facedeck();
    command.env("FACEDECK_HOME", home).env("FACEDECK_PROFILE", "roop").arg("swap");
    command.args(line.split_whitespace());
    command
}

/// In which thirds of the picture pixels differ.
fn changed(before: &Path, after: &Path) -> [bool; 3] {
    let [a, b] = [before, after].map(|path| image::open(path).expect("a picture").to_rgb8());
    let mut thirds = [false; 3];
    for (x, y, pixel) in a.enumerate_pixels() {
        if b.get_pixel(x, y) != pixel {
            thirds[(x as usize * 3 / 640).min(2)] = true;
        }
    }
    thirds
}

#[test]
fn roops_command_lines_run_unchanged() {
    let home = home();
    let folder = tempfile::tempdir().expect("a folder");
    let source = painted(folder.path(), "source.png", &[(2, 320.0)]);
    // The surest is in the middle: palette 0.
    let target = painted(folder.path(), "target.png", &[(1, 110.0), (0, 320.0), (2, 530.0)]);
    let swap = |name: &str, more: &str| {
        let output = folder.path().join(name);
        let files =
            format!("-s {} -t {} -o {}", source.display(), target.display(), output.display());
        let run = roop(home.path(), &format!("{files} {more}")).output().expect("it starts");
        assert!(run.status.success(), "{more}: {}", words(&run));
        changed(&target, &output)
    };
    assert_eq!(swap("a.png", ""), [false, true, false], "who looks like the surest face");
    assert_eq!(swap("b.png", "--reference-face-position 1"), [true, false, false]);
    assert_eq!(swap("c.png", "--many-faces"), [true; 3]);
    let all = "--frame-processor face_swapper --keep-fps --skip-audio --reference-face-position 2 \
               --reference-frame-number 0 --similar-face-distance 0.85 --temp-frame-format png \
               --temp-frame-quality 0 --output-video-encoder libx264 --output-video-quality 35 \
               --max-memory 8 --execution-provider cpu --execution-threads 4";
    assert_eq!(swap("d.png", all), [false, false, true]);
    // Everybody is within 4 of everybody, but roop takes the first match only.
    let far = swap("e.png", "--similar-face-distance 4");
    assert_eq!(far.iter().filter(|changed| **changed).count(), 1, "{far:?}");
    let enhanced = swap("f.png", "--frame-processor face_swapper face_enhancer");
    assert_eq!(enhanced, [false, true, false]);
    let [plain, sharp] = ["a.png", "f.png"].map(|n| std::fs::read(folder.path().join(n)).unwrap());
    assert_ne!(plain, sharp, "the enhancer did something");
}

#[test]
fn the_named_profile_and_the_variable_do_the_same() {
    let home = home();
    let folder = tempfile::tempdir().expect("a folder");
    let source = painted(folder.path(), "source.png", &[(2, 320.0)]);
    let target = painted(folder.path(), "target.png", &[(0, 320.0)]);
    let output = |name: &str| folder.path().join(name);
    let line = |name: &str| {
        let output = output(name);
        format!("-s {} -t {} -o {}", source.display(), target.display(), output.display())
    };
    let run = roop(home.path(), &line("a.png")).output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    let mut named = roop(home.path(), &format!("{} --profile roop", line("b.png")));
    let run = named.env_remove("FACEDECK_PROFILE").output().expect("it starts");
    assert!(run.status.success(), "{}", words(&run));
    let [a, b] = ["a.png", "b.png"].map(|name| std::fs::read(output(name)).expect("a picture"));
    assert_eq!(a, b);
}

#[test]
fn a_swapper_brings_the_recognizer_that_it_was_made_for() {
    let home = home();
    let folder = tempfile::tempdir().expect("a folder");
    let source = painted(folder.path(), "source.png", &[(2, 320.0)]);
    let target = painted(folder.path(), "target.png", &[(0, 320.0)]);
    let swap = |name: &str, more: &str| {
        let output = folder.path().join(name);
        let mut command = facedeck();
        command.env("FACEDECK_HOME", home.path()).arg("swap");
        command.arg("-s").arg(&source).arg("-t").arg(&target).arg("-o").arg(&output);
        command.args("--model inswapper_128 --detector det_10g --landmarks detector".split(' '));
        command.args(more.split_whitespace()).output().expect("it starts")
    };
    let run = swap("a.png", "");
    assert!(run.status.success(), "{}", words(&run));
    assert_eq!(changed(&target, &folder.path().join("a.png")), [false, true, false]);
    let run = swap("b.png", "--recognizer mobilefacenet");
    assert_eq!(run.status.code(), Some(2));
    assert!(words(&run).contains("reads identities of w600k_r50"), "{}", words(&run));
}
