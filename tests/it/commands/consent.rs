//! The terms of use: asked for once, remembered, never assumed.

use std::process::Command;

use tempfile::TempDir;

use super::super::common::{fails, media, names_in, swap_command, words};

/// A swap by somebody who has never used facedeck before.
fn newcomer(home: &TempDir, folder: &TempDir, more: &[&str]) -> Command {
    let (source, target) = (media("grace_hopper.jpg"), media("mona_lisa.jpg"));
    let mut command = swap_command(&source, &target, &folder.path().join("out.png"), more);
    command.env_remove("FACEDECK_ACCEPT_TERMS").env("FACEDECK_HOME", home.path());
    command
}

fn folders() -> (TempDir, TempDir) {
    let new = || tempfile::tempdir().expect("a folder");
    (new(), new())
}

#[test]
fn nobody_to_ask_is_an_error_that_names_the_flag() {
    let (home, folder) = folders();
    let says = ["the terms of use have not been accepted", "--accept-terms", "consent"];
    fails(&mut newcomer(&home, &folder, &[]), folder.path(), 2, &says);
    assert_eq!(names_in(home.path()), [""; 0], "a no is not remembered");
    // A no by the variable is one, too.
    let mut no = newcomer(&home, &folder, &[]);
    fails(no.env("FACEDECK_ACCEPT_TERMS", "0"), folder.path(), 2, &says);
}

#[test]
fn once_accepted_it_is_remembered() {
    let (home, folder) = folders();
    let first = newcomer(&home, &folder, &["--accept-terms"]).output().expect("it starts");
    assert!(first.status.success(), "{}", words(&first));
    let record = home.path().join("config/consent.toml");
    let text = std::fs::read_to_string(&record).expect("the record");
    assert!(text.contains("terms = ") && text.contains("by = \"flag\""), "{text}");
    let second = newcomer(&home, &folder, &["--overwrite"]).output().expect("it starts");
    assert!(second.status.success(), "{}", words(&second));
    assert_eq!(std::fs::read_to_string(&record).expect("the record"), text);
    // A record that is torn counts as none.
    std::fs::write(&record, &text[..text.len() / 2]).expect("the record");
    let says = ["have not been accepted"];
    fails(&mut newcomer(&home, &folder, &["--overwrite"]), folder.path(), 2, &says);
}
