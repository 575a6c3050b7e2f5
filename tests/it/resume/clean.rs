//! `facedeck clean`: what was cut off is listed, and thrown away when the user wants it.

use rustix::process::Signal;
use serde_json::Value;

use super::super::commands::midway::Midway;
use super::super::common::{facedeck, names_in};
use super::{Desk, FRAMES};

fn clean(more: &[&str]) -> (Option<i32>, String, String) {
    let run = facedeck().arg("clean").args(more).output().expect("the binary starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (run.status.code(), text(&run.stdout), text(&run.stderr))
}

#[test]
fn what_was_cut_off_is_listed_and_thrown_away_when_somebody_says_so() {
    let desk = Desk::new();
    let folder = desk.home.path().to_str().expect("a path").to_owned();
    assert!(clean(&[&folder]).2.contains("nothing was cut off"));

    let midway = Midway::reach(&mut desk.command(&[]), 60);
    let id = midway.id();
    // While somebody works there it is shown and never touched.
    let (code, shown, said) = clean(&["--yes", &folder]);
    assert_eq!(code, Some(0), "{said}");
    assert!(shown.contains("out.mkv") && shown.contains("is being made"), "{shown}");
    midway.kill(id, Signal::KILL);
    midway.end();
    assert!(desk.work().is_dir());

    let (code, shown, _) = clean(&["--list", &folder]);
    assert_eq!(code, Some(0));
    assert!(shown.contains(&format!(" of {FRAMES}")) && shown.contains("out.mkv"), "{shown}");
    let (_, json, _) = clean(&["--list", "--json", &folder]);
    let event: Value = serde_json::from_str(json.trim()).expect("a line of JSON");
    assert_eq!((&event["event"], &event["busy"]), (&"unfinished".into(), &false.into()));
    assert!(
        event["frames"].as_u64() > Some(0) && event["bytes"].as_u64() > Some(10_000),
        "{event}"
    );

    // Nobody is there to be asked.
    let (code, _, said) = clean(&[&folder]);
    assert_eq!(code, Some(2));
    assert!(said.contains("would be lost") && said.contains("--yes"), "{said}");
    assert!(desk.work().is_dir());
    // It is not that old.
    assert!(clean(&["--yes", "--older-than", "1", &folder]).2.contains("nothing was cut off"));
    assert!(desk.work().is_dir());

    let output = desk.output();
    let (code, _, said) = clean(&["--yes", output.to_str().expect("a path")]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("free again"), "{said}");
    assert_eq!(names_in(desk.home.path()), [""; 0]);
    assert_eq!(clean(&[output.to_str().expect("a path")]).0, Some(2));
}
