//! Killed again and again, itself or its ffmpeg, at times that nobody chose: the film is the same.

use rustix::process::Signal;
use serde_json::Value;

use super::super::clips::{ASTRONAUT, told};
use super::super::commands::midway::Midway;
use super::super::common::names_in;
use super::{AT_MOST, Desk, FRAMES, frames_of, safe};

/// The generator of Numerical Recipes, so that a run can be repeated.
struct Chance(u32);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u64::from(self.0 >> 8) % end
    }
}

/// The last frame that was told of, and how many were safe at the beginning.
fn reached(events: &[Value]) -> (u64, u64) {
    let frame = |event: &Value| (event["event"] == "progress").then(|| event["frame"].as_u64());
    let last = events.iter().rev().find_map(frame).flatten().expect("progress");
    let first = events.iter().find(|event| event["event"] == "safe").expect("where it begins");
    (last, first["frames"].as_u64().expect("a number"))
}

#[test]
fn a_film_that_was_killed_six_times_is_the_film_of_one_run() {
    let desk = Desk::new();
    let whole = desk.home.path().join("whole.mkv");
    let mut plain = desk.command_of(&ASTRONAUT, &whole, &[]);
    told(&plain.output().expect("the binary starts"));
    let whole = frames_of(&whole);
    assert_eq!(whole.lines().count(), FRAMES as usize);

    let mut chance = Chance(7);
    // The last frame of the run before.
    let mut before = 0;
    for round in 0..6 {
        // Not so late that the film is done before the signal comes.
        let at = (before + 1 + chance.below(40)).min(u64::from(FRAMES) - 40);
        let midway = Midway::reach(&mut desk.command(&[]), at);
        let victim = match chance.below(3) {
            0 => midway.find_child_with("pipe:1"),
            1 => midway.find_child_with("pipe:0"),
            _ => None,
        };
        // One ffmpeg may be done, and the next not be there yet.
        let victim = victim.unwrap_or(midway.id());
        midway.kill(victim, Signal::KILL);
        let (status, events) = midway.end();
        assert!(!status.success(), "round {round}");
        assert!(!desk.output().exists());
        let (last, begun) = reached(&events);
        assert!(begun + AT_MOST >= before, "round {round} lost {} frames", before - begun);
        before = last;
    }
    let midway = Midway::reach(&mut desk.command(&[]), before.min(u64::from(FRAMES)));
    let (status, events) = midway.end();
    assert!(status.success(), "{events:?}");
    let (_, begun) = reached(&events);
    assert!(begun + AT_MOST >= before && begun > 0, "{begun} of {before}");
    let summary = events.last().expect("a summary");
    assert_eq!(summary["frames"], FRAMES);
    assert_eq!(summary["frames_before"], begun);
    assert_eq!(safe(&events), Some(u64::from(FRAMES)));
    assert!(frames_of(&desk.output()) == whole, "the frames differ");
    assert_eq!(names_in(desk.home.path()), ["out.mkv", "whole.mkv"]);
}

#[test]
fn ctrl_c_keeps_what_is_finished_and_says_so() {
    let desk = Desk::new();
    let midway = Midway::reach(&mut desk.command(&[]), 60);
    let id = midway.id();
    midway.kill(id, Signal::INT);
    let (status, events) = midway.end();
    assert_eq!(status.code(), Some(130));
    let kept = safe(&events).expect("something is safe");
    assert!(kept > 0);
    let said = events.iter().any(|event| {
        let text = event["message"].as_str().unwrap_or_default();
        text.contains(&format!("{kept} frames are kept"))
    });
    assert!(said, "{events:?}");
    assert!(desk.work().is_dir());
    let told = told(&desk.command(&[]).output().expect("the binary starts"));
    assert_eq!(told.count("frames_before"), kept);
    assert!(told.notes.contains(&format!("an earlier run made {kept} of {FRAMES} frames")));
}
