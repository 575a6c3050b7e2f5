//! An ffmpeg that dies in the middle of the work: exit 1, and nothing is left.

use rustix::process::Signal;

use super::super::commands::midway::{Midway, long_clip};
use super::super::common::{media, names_in, swap_command};
use super::Desk;

/// Kills the ffmpeg that has this among its arguments; returns the error event.
fn without(pipe: &str) -> serde_json::Value {
    let desk = Desk::new();
    let source = media("grace_hopper.jpg");
    let mut command = swap_command(&source, long_clip(), &desk.path("out.mp4"), &["--json"]);
    let midway = Midway::reach(&mut command, 5);
    assert_eq!(names_in(desk.folder()).len(), 1, "the hidden file");
    let child = midway.child_with(pipe);
    midway.kill(child, Signal::KILL);
    let (status, events) = midway.end();
    assert_eq!(status.code(), Some(1), "{events:?}");
    assert_eq!(names_in(desk.folder()), [""; 0]);
    let last = events.last().expect("an event").clone();
    assert_eq!(last["event"], "error", "{last}");
    assert_eq!(last["kind"], "failed", "{last}");
    last
}

#[test]
fn the_decoder_dies() {
    let error = without("pipe:1");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("cannot decode") && message.contains("long.mp4"), "{message}");
    assert!(message.contains("killed by signal 9"), "{message}");
    assert!(message.contains("the last good frame is"), "{message}");
    assert!(error["hint"].as_str().is_some_and(|h| h.contains("memory")), "{error}");
}

#[test]
fn the_encoder_dies() {
    let error = without("pipe:0");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("cannot write") && message.contains("out.mp4"), "{message}");
    assert!(message.contains("killed by signal 9 after"), "{message}");
    assert!(error["hint"].as_str().is_some_and(|h| h.contains("memory")), "{error}");
}
