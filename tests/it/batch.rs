//! `facedeck batch`: every source into every target, and what comes of faults.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{facedeck, fails, media, names_in, words};

/// A folder with pictures to swap: a, b and a broken one in `in`, an empty `out`.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        for name in ["in", "out"] {
            std::fs::create_dir(desk.path(name)).expect("a folder");
        }
        std::fs::copy(media("mona_lisa.jpg"), desk.path("in/a.jpg")).expect("a copy");
        std::fs::copy(media("astronaut.png"), desk.path("in/b.png")).expect("a copy");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Breaks a target: it begins like a picture and ends at once.
    fn broken(&self, name: &str) {
        let whole = std::fs::read(media("astronaut.png")).expect("a picture");
        std::fs::write(self.path(name), &whole[..2000]).expect("a file");
    }

    fn batch(&self, more: &[&str]) -> Command {
        let mut command = facedeck();
        command.arg("batch").args(more).current_dir(self.0.path());
        command
    }

    fn run(&self, more: &[&str]) -> Output {
        self.batch(more).output().expect("it starts")
    }

    fn out(&self) -> Vec<String> {
        names_in(&self.path("out"))
    }
}

fn events(run: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&run.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON in every line")).collect()
}

fn results(events: &[Value]) -> Vec<&str> {
    let jobs = events.iter().filter(|event| event["event"] == "job");
    jobs.map(|event| event["result"].as_str().expect("a word")).collect()
}

fn portrait(name: &str) -> String {
    media(name).display().to_string()
}

#[test]
fn one_broken_target_does_not_stop_the_rest() {
    let desk = Desk::new();
    desk.broken("in/aa.png");
    let source = portrait("grace_hopper.jpg");
    let run = desk.run(&["-s", &source, "-t", "in/*", "-o", "out/"]);
    assert_eq!(run.status.code(), Some(1), "{}", words(&run));
    assert_eq!(desk.out(), ["grace_hopper-a.jpg", "grace_hopper-b.png"]);
    let table = String::from_utf8(run.stdout.clone()).expect("UTF-8");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    for word in ["SOURCE", "TARGET", "OUTPUT", "RESULT", "SECONDS", "REASON"] {
        assert!(lines[0].contains(word), "{table}");
    }
    let row = lines.iter().find(|line| line.contains("in/aa.png")).expect("a row");
    assert!(row.contains("failed") && row.contains("aa.png"), "{row}");
    assert_eq!(lines.iter().filter(|line| line.contains(" done ")).count(), 2, "{table}");
    assert!(words(&run).contains("1 of 3 jobs failed"), "{}", words(&run));
}

#[test]
fn every_source_goes_into_every_target() {
    let desk = Desk::new();
    let sources = [portrait("grace_hopper.jpg"), portrait("astronaut.png")];
    let pattern = "out/{index}-{target}-{source}.{ext}";
    let flags = ["--json", "-t", "in/a.jpg", "in/b.png", "-o", pattern, "-s"];
    let run = desk.run(&[&flags[..], &[&sources[0], &sources[1]]].concat());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    let names = ["1-a-grace_hopper.jpg", "2-a-astronaut.jpg", "3-b-grace_hopper.png"];
    assert_eq!(desk.out()[..3], names);
    let events = events(&run);
    assert_eq!(results(&events), ["done"; 4]);
    let last = events.last().expect("an event");
    assert_eq!((&last["event"], &last["done"]), (&"batch".into(), &4.into()), "{last}");
    let job = events.iter().find(|event| event["event"] == "job").expect("a job");
    assert_eq!(job["summary"]["faces_swapped"], 1, "{job}");
    assert!(job["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{job}");
}

#[test]
fn a_folder_is_one_person_and_a_list_names_targets() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("ann")).expect("a folder");
    std::fs::copy(media("grace_hopper.jpg"), desk.path("ann/1.jpg")).expect("a copy");
    std::fs::copy(media("grace_hopper.jpg"), desk.path("ann/2.jpg")).expect("a copy");
    std::fs::write(desk.path("list.txt"), "# targets\nin/a.jpg\n\nin/b.*\n").expect("a list");
    let run = desk.run(&["-s", "ann", "-t", "@list.txt", "-o", "out", "--dry-run", "--json"]);
    assert!(run.status.success(), "{}", words(&run));
    assert_eq!(desk.out(), [""; 0], "a dry run does nothing");
    let events = events(&run);
    assert_eq!(results(&events), ["planned"; 2]);
    assert_eq!(events[0]["output"], "out/ann-a.jpg");
    assert_eq!(events[1]["output"], "out/ann-b.png");
}

#[test]
fn what_exists_is_left_only_when_asked() {
    let desk = Desk::new();
    std::fs::write(desk.path("out/grace_hopper-a.jpg"), b"old").expect("a file");
    let source = portrait("grace_hopper.jpg");
    let flags = ["-s", &source, "-t", "in/a.jpg", "in/b.png", "-o", "out"];
    let says = ["out/grace_hopper-a.jpg exists already", "--skip-existing"];
    fails(&mut desk.batch(&flags), &desk.path("out"), 2, &says);
    let run = desk.run(&[&flags[..], &["--skip-existing", "--json"]].concat());
    assert!(run.status.success(), "{}", words(&run));
    assert_eq!(results(&events(&run)), ["skipped", "done"]);
    assert_eq!(std::fs::read(desk.path("out/grace_hopper-a.jpg")).expect("a file"), b"old");
    let run = desk.run(&[&flags[..], &["--overwrite"]].concat());
    assert!(run.status.success(), "{}", words(&run));
    assert_ne!(std::fs::read(desk.path("out/grace_hopper-a.jpg")).expect("a file"), b"old");
}

#[test]
fn what_makes_no_sense_is_found_before_any_work() {
    let desk = Desk::new();
    let source = portrait("grace_hopper.jpg");
    let source = source.as_str();
    let refuses = |flags: &[&str], says: &[&str]| {
        fails(&mut desk.batch(flags), &desk.path("out"), 2, says);
    };
    refuses(&["-s", source, "-t", "in/*", "-o", "out/x.png"], &["two jobs would write out/x.png"]);
    let both = ["-s", source, "in/a.jpg", "-t", "in/b.png", "-o", "out", "--keep-frames"];
    refuses(&both, &["2 sources would keep their frames in one folder"]);
    refuses(&["-s", source, "-t", "in/*.gif", "-o", "out"], &["in/*.gif finds no file"]);
    refuses(&["-s", source, "-t", "in/gone.png", "-o", "out"], &["cannot find", "in/gone.png"]);
    refuses(&["-s", source, "-t", "in/*", "-o", "out/{sauce}.png"], &["{sauce}", "{source}"]);
    refuses(&["-s", source, "-t", "in/*", "-o", "gone/"], &["the output folder gone"]);
    refuses(&["-s", source, "-t", "in/a.jpg", "-o", "in/{target}.{ext}"], &["also the target"]);
    refuses(&["-t", "in/*", "-o", "out"], &["no source was given", "--source"]);
    refuses(&["-s", "out", "-t", "in/*", "-o", "out"], &["no picture in the folder"]);
    refuses(&["-s", source, "-t", "in/*", "-o", "out", "--weight", "3"], &["--weight", "between"]);
}

#[test]
fn when_all_fail_alike_the_exit_code_says_how() {
    let desk = Desk::new();
    let gray = |name: &str| {
        let picture = image::RgbImage::from_pixel(64, 64, image::Rgb([90, 90, 90]));
        picture.save(desk.path(name)).expect("a picture");
    };
    gray("in/c.png");
    gray("in/d.png");
    let source = portrait("grace_hopper.jpg");
    let run = desk.run(&["-s", &source, "-t", "in/c.png", "in/d.png", "-o", "out"]);
    assert_eq!(run.status.code(), Some(4), "{}", words(&run));
    let run = desk.run(&["-s", &source, "-t", "in/a.jpg", "in/c.png", "-o", "out"]);
    assert_eq!(run.status.code(), Some(1), "{}", words(&run));
    assert_eq!(desk.out(), ["grace_hopper-a.jpg"]);
    assert!(Path::new(&desk.text("out/grace_hopper-a.jpg")).is_file());
}
