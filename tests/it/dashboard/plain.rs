//! `facedeck --plain`: changes as lines.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use super::super::common::media;
use super::super::service::Desk;

#[test]
fn changes_are_printed_as_lines_until_it_is_interrupted() {
    let desk = Desk::new();
    let mut command = desk.command(&["--plain"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("0 running"));
    let target = desk.work().join("target.png");
    std::fs::copy(media("astronaut.png"), &target).unwrap();
    let (source, target) =
        (media("grace_hopper.jpg").display().to_string(), target.display().to_string());
    desk.ok(&["add", "-s", &source, "-t", &target]);
    let mut seen = Vec::new();
    for line in lines.by_ref() {
        assert!(line.chars().all(|letter| !letter.is_control()), "{line:?}");
        let last = line.contains("done: ");
        seen.push(line);
        if last {
            break;
        }
    }
    let told = seen.join("\n");
    assert!(told.contains("queued") && told.contains("running"), "{told}");
    assert!(told.contains("target-swapped.png"), "{told}");
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert!(child.wait().unwrap().success());
}
