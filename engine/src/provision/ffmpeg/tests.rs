//! Finding ffmpeg among fake programs.

use std::fs;

use super::super::command::tests::write_script;
use super::*;

/// A fake program that prints this text and ends with this code.
fn fake(folder: &Path, name: &str, text: &str, code: u8) {
    fs::create_dir_all(folder).unwrap();
    let script = format!("#!/bin/sh\necho '{text}'\nexit {code}\n");
    write_script(&folder.join(name), &script);
}

fn pair(folder: &Path, version: &str) {
    fake(folder, "ffmpeg", &format!("ffmpeg version {version} Copyright"), 0);
    fake(folder, "ffprobe", &format!("ffprobe version {version} Copyright"), 0);
}

fn places(root: &Path, path: &[&str]) -> Places {
    let path = std::env::join_paths(path.iter().map(|p| root.join(p))).unwrap();
    Places { asked: None, own: root.join("own"), path, anew: true }
}

#[test]
fn old_and_broken_ones_are_skipped() {
    let root = tempfile::tempdir().unwrap();
    pair(&root.path().join("old"), "4.3.9");
    fake(&root.path().join("broken"), "ffmpeg", "segfault", 139);
    pair(&root.path().join("good"), "6.1.1-3ubuntu5");
    let tools = places(root.path(), &["old", "broken", "good"]).find().unwrap();
    assert_eq!(tools.version, "6.1.1-3ubuntu5");
    assert_eq!(tools.ffmpeg, root.path().join("good/ffmpeg"));
    assert_eq!(tools.ffprobe, root.path().join("good/ffprobe"));
}

#[test]
fn the_own_folder_comes_before_the_path() {
    let root = tempfile::tempdir().unwrap();
    pair(&root.path().join("own/bin"), "7.0");
    pair(&root.path().join("path"), "6.0");
    assert_eq!(places(root.path(), &["path"]).find().unwrap().version, "7.0");
}

#[test]
fn every_fault_is_named() {
    let root = tempfile::tempdir().unwrap();
    pair(&root.path().join("old"), "4.3");
    fake(&root.path().join("broken"), "ffmpeg", "no codec here", 1);
    fake(&root.path().join("alone"), "ffmpeg", "ffmpeg version 6.0 x", 0);
    let mut here = places(root.path(), &["old", "broken", "alone"]);
    // Without this the old folder's ffprobe would serve the lone ffmpeg.
    fs::remove_file(root.path().join("old/ffprobe")).unwrap();
    let error = here.find().unwrap_err();
    assert_eq!(error.exit_code(), 5);
    assert_eq!(error.hint_text(), Some("facedeck doctor --fix"));
    for word in ["4.3 is older than 4.4", "no codec here", "has no ffprobe"] {
        assert!(error.message().contains(word), "{word} not in: {}", error.message());
    }
    here.path = OsString::new();
    assert_eq!(here.find().unwrap_err().message(), "ffmpeg is not installed");
}

#[test]
fn what_was_asked_for_is_never_replaced() {
    let root = tempfile::tempdir().unwrap();
    pair(&root.path().join("good"), "6.0");
    let mut here = places(root.path(), &["good"]);
    here.asked = Some(root.path().join("nothing"));
    let error = here.find().unwrap_err();
    assert!(error.message().starts_with("FACEDECK_FFMPEG="), "{}", error.message());
    here.asked = Some(root.path().join("own"));
    fs::create_dir(root.path().join("own")).unwrap();
    let error = here.find().unwrap_err();
    assert!(error.message().contains("there is no "), "{}", error.message());
    here.asked = Some(root.path().join("good"));
    assert_eq!(here.find().unwrap().version, "6.0");
    here.asked = Some(root.path().join("good/ffmpeg"));
    assert_eq!(here.find().unwrap().version, "6.0");
}

#[test]
fn versions_are_understood() {
    let git = |avutil: &str| format!("ffmpeg version N-1-gab\nlibavutil      {avutil}");
    for (version, banner, good) in [
        ("4.4.2-0ubuntu0.22.04.1", String::new(), true),
        ("4.3.7", String::new(), false),
        ("n7.1", String::new(), true),
        ("10.0", String::new(), true),
        ("N-115000-gabcdef", git("59. 10.100 / 59. 10.100"), true),
        ("N-90000-gabcdef", git("56. 14.100 / 56. 14.100"), false),
        ("2024-05-20-git-127ded5078", git("59. 20.100"), true),
    ] {
        assert_eq!(new_enough(version, &banner), good, "{version}");
    }
}

#[test]
fn encoders_are_listed() {
    let listing = "Encoders:\n V..... = Video\n .F.... = Frame-level multithreading\n ------\n \
                   V....D libx264              libx264 H.264 (codec h264)\n A....D aac  AAC\n";
    assert_eq!(encoder_names(listing), ["libx264", "aac"]);
}
