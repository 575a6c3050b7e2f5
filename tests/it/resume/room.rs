//! A limit on the size of files stands for a disk that is full: the job stops, nothing is lost, and
//! with more room it goes on.

use super::super::clips::{ASTRONAUT, told};
use super::super::common::names_in;
use super::{Desk, FRAMES, frames_of};

#[test]
fn a_disk_that_was_full_and_is_freed_costs_no_more_than_a_segment() {
    let desk = Desk::new();
    let plain = desk.home.path().join("whole.mkv");
    let mut whole = desk.command_of(&ASTRONAUT, &plain, &["--quality", "100"]);
    told(&whole.output().expect("it starts"));
    let size = std::fs::metadata(&plain).expect("the film").len();

    // Segments fit, and all of the film does not: that is found out when it is put together.
    let mut shell = std::process::Command::new("sh");
    let limited = desk.command(&["--quality", "100"]);
    let blocks = size / 512 * 3 / 4;
    shell.arg("-c").arg(format!("ulimit -f {blocks}; exec \"$0\" \"$@\""));
    shell.arg(limited.get_program()).args(limited.get_args());
    shell.envs(limited.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let run = shell.output().expect("the shell");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("frames are kept"), "{said}");
    assert!(desk.work().is_dir() && !desk.output().exists());

    let on = told(&desk.command(&["--quality", "100"]).output().expect("it starts"));
    assert_eq!(on.count("frames_before"), u64::from(FRAMES), "frames were made again");
    assert!(frames_of(&desk.output()) == frames_of(&plain));
    assert_eq!(names_in(desk.home.path()), ["out.mkv", "whole.mkv"]);
}
