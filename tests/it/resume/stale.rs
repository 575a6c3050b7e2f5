//! The same output asked for in another way: what changed is named, and the user decides.

use std::process::Command;

use rustix::process::Signal;

use super::super::clips::{MONA, told};
use super::super::commands::midway::Midway;
use super::super::common::names_in;
use super::{Desk, FRAMES, frames_of};

/// Cuts the film off when something is safe.
fn cut_off(desk: &Desk) {
    let midway = Midway::reach(&mut desk.command(&[]), 60);
    let id = midway.id();
    midway.kill(id, Signal::KILL);
    midway.end();
    assert!(desk.work().is_dir());
}

/// What is said by a run that must end with this code.
fn refused(command: &mut Command, code: i32) -> String {
    let run = command.output().expect("the binary starts");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(run.status.code(), Some(code), "{said}");
    said
}

#[test]
fn other_choices_are_named_and_nothing_is_lost_before_the_user_says_so() {
    let desk = Desk::new();
    cut_off(&desk);
    // An encoder that lost its facedeck may still be at its part.
    let finished = || {
        let names = names_in(&desk.work()).into_iter();
        names.filter(|name| !name.ends_with(".part")).collect::<Vec<_>>()
    };
    let before = finished();
    for (flags, word) in
        [(&["--quality", "70"][..], "video.quality"), (&["--many-faces"], "faces.select")]
    {
        let said = refused(&mut desk.command(flags), 2);
        assert!(said.contains(word) && said.contains("--restart"), "{word}: {said}");
        assert_eq!(finished(), before, "{word}");
        assert!(!desk.output().exists());
    }
    let said = refused(&mut desk.command_of(&MONA, &desk.output(), &[]), 2);
    assert!(said.contains("the source 0 is another file"), "{said}");
    let both = refused(&mut desk.command(&["--restart", "--resume"]), 2);
    assert!(both.is_empty() || both.contains("--restart"), "{both}");

    let anew = told(&desk.command(&["--restart", "--quality", "70"]).output().expect("it starts"));
    assert_eq!((anew.count("frames"), anew.count("frames_before")), (u64::from(FRAMES), 0));
    assert_eq!(names_in(desk.home.path()), ["out.mkv"]);
}

#[test]
fn who_insists_goes_on_and_more_memory_or_threads_change_nothing() {
    let desk = Desk::new();
    cut_off(&desk);
    let on = told(&desk.command(&["--execution-threads", "1"]).output().expect("it starts"));
    assert!(on.count("frames_before") > 0);
    std::fs::remove_file(desk.output()).expect("the output");

    cut_off(&desk);
    let mixed = desk.command(&["--resume", "--many-faces"]).output();
    let on = told(&mixed.expect("it starts"));
    assert!(on.count("frames_before") > 0);
    assert_eq!(frames_of(&desk.output()).lines().count(), FRAMES as usize);
}

#[test]
fn another_film_of_the_same_name_is_not_gone_on_with() {
    let desk = Desk::new();
    cut_off(&desk);
    desk.clips.moving("film.mp4", &MONA, FRAMES);
    let said = refused(&mut desk.command(&[]), 2);
    assert!(said.contains("the target is another file"), "{said}");
}

#[test]
fn two_at_once_do_not_make_one_output() {
    let desk = Desk::new();
    let midway = Midway::reach(&mut desk.command(&[]), 10);
    let said = refused(&mut desk.command(&[]), 2);
    assert!(said.contains("another facedeck is making"), "{said}");
    let (status, _) = midway.end();
    assert!(status.success());
}
