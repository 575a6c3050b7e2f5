//! What every test needs: the binary with everything provisioned, pictures, clips, measurements.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use facedeck::faces::FaceModels;
use facedeck::imaging::frame::Frame;
use facedeck::media::image_file;
use facedeck::provision::{self, Provisioned};

/// ffmpeg and ONNX Runtime, found or fetched once.
pub fn provisioned() -> &'static Provisioned {
    provision::for_tests().expect("ffmpeg and ONNX Runtime are needed")
}

/// A picture that belongs to the project.
pub fn media(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
}

/// The binary, with the terms accepted and nothing of the user's own settings.
pub fn facedeck() -> Command {
    let found = provisioned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_facedeck"));
    command
        .env("FACEDECK_ACCEPT_TERMS", "1")
        // Or the record that the terms were accepted would be the user's own.
        .env("FACEDECK_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("home"))
        .env("ORT_DYLIB_PATH", &found.runtime.path)
        .env("FACEDECK_FFMPEG", &found.ffmpeg.ffmpeg)
        .env_remove("FACEDECK_GRAPHICS");
    command
}

/// `facedeck swap` with these arguments after source, target and output.
pub fn swap_command(source: &Path, target: &Path, output: &Path, more: &[&str]) -> Command {
    let mut command = facedeck();
    command.arg("swap").arg("-s").arg(source).arg("-t").arg(target).arg("-o").arg(output);
    command.args(more);
    command
}

/// Runs `facedeck swap` with these arguments after source, target and output.
pub fn swap(source: &Path, target: &Path, output: &Path, more: &[&str]) -> Output {
    swap_command(source, target, output, more).output().expect("the binary starts")
}

/// Runs a command that must fail with this exit code, say all of these words, and leave this folder
/// as it was, hidden files included. Returns all that was said.
pub fn fails(command: &mut Command, folder: &Path, code: i32, says: &[&str]) -> String {
    let before = names_in(folder);
    let run = command.output().expect("the binary starts");
    let said = words(&run);
    assert_eq!(run.status.code(), Some(code), "{command:?}: {said}");
    for word in says {
        assert!(said.contains(word), "no '{word}' in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(names_in(folder), before, "{command:?} left something: {said}");
    said
}

/// What a run said on standard error.
pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs ffmpeg; panics with its words when it fails.
pub fn ffmpeg(arguments: &[&str]) {
    let output = Command::new(&provisioned().ffmpeg.ffmpeg)
        .args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"])
        .args(arguments)
        .output()
        .expect("ffmpeg starts");
    assert!(output.status.success(), "ffmpeg {arguments:?}: {}", words(&output));
}

/// Names of everything in a folder, hidden files too, sorted.
pub fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The networks, in this process.
pub fn models() -> FaceModels {
    facedeck::inference::environment::for_tests().expect("the runtime loads");
    FaceModels::load_embedded().expect("the networks load")
}

/// A picture file as a frame.
pub fn picture(path: &Path) -> Frame {
    image_file::read(path).expect("the picture reads").frame
}
