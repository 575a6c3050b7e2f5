//! Ctrl-C and its kin: exit 130, nothing is left, nobody is left.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::super::common::{media, names_in, swap_command};
use super::midway::{Midway, is_gone, long_clip};

fn stopped_by(signal: Signal) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = media("grace_hopper.jpg");
    let output = folder.path().join("out.mp4");
    let mut command = swap_command(&source, long_clip(), &output, &["--json"]);
    let midway = Midway::reach(&mut command, 5);
    let children = midway.children();
    assert_eq!(children.len(), 2, "a decoder and an encoder");
    assert_eq!(names_in(folder.path()).len(), 1, "the hidden file");
    let sent = Instant::now();
    midway.kill(midway.id(), signal);
    let (status, events) = midway.end();
    println!("{signal:?}: ended after {:?}", sent.elapsed());
    assert!(sent.elapsed() < Duration::from_secs(10), "{:?}", sent.elapsed());
    assert_eq!(status.code(), Some(130), "{status}");
    let last = events.last().expect("an event");
    assert_eq!(last["event"], "error", "{last}");
    assert_eq!(last["kind"], "interrupted", "{last}");
    assert_eq!(last["exit_code"], 130, "{last}");
    assert_eq!(names_in(folder.path()), [""; 0]);
    assert!(children.iter().all(|&id| is_gone(id)), "an ffmpeg lives on");
}

#[test]
fn ctrl_c() {
    stopped_by(Signal::INT);
}

#[test]
fn the_system_goes_down() {
    stopped_by(Signal::TERM);
}

#[test]
fn the_line_is_cut() {
    stopped_by(Signal::HUP);
}

#[test]
fn killed_without_a_word_it_leaves_no_final_name_and_no_ffmpeg() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = media("grace_hopper.jpg");
    let output = folder.path().join("out.mp4");
    let midway = Midway::reach(&mut swap_command(&source, long_clip(), &output, &["--json"]), 5);
    let children = midway.children();
    midway.kill(midway.id(), Signal::KILL);
    midway.end();
    assert!(!output.exists(), "half a film must not have the name of a whole one");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !children.iter().all(|&id| is_gone(id)) {
        assert!(Instant::now() < deadline, "an ffmpeg lives on");
        std::thread::sleep(Duration::from_millis(20));
    }
}
