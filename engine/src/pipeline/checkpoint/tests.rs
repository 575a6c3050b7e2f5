//! The ledger and the folder of a job's work.

use std::path::Path;
use std::time::{Duration, Instant};

use super::super::gaps::Gaps;
use super::*;

fn print(parts: &[(&str, &str)]) -> Fingerprint {
    let parts = parts.iter().map(|(label, value)| ((*label).into(), (*value).into()));
    Fingerprint::from_parts(parts.collect())
}

fn film() -> Film {
    Film { target: "in.mp4".into(), output: "out.mp4".into(), frames: Some(20), per_segment: 8 }
}

fn sealed(number: u64) -> Sealed {
    let mut gaps = Gaps::default();
    gaps.frame(number, false);
    Sealed {
        number,
        first_frame: number * 8,
        frames: 8,
        first_tick: number.cast_signed() * 800,
        last_tick: number.cast_signed() * 800 + 700,
        last_pts: -5,
        origin: -100,
        last_hash: "ab".into(),
        bytes: 5,
        is_last: false,
        counts: Counts { frames: number * 8 + 8, gaps, ..Counts::default() },
    }
}

fn state(n: u8) -> State {
    State { tracker: vec![n], selector: vec![n, 1], screener: Vec::new(), processor: vec![n; 300] }
}

/// Seals a segment of five bytes.
fn seal(work: &mut Work, number: u64) {
    std::fs::write(work.part(number), "12345").unwrap();
    work.seal(&sealed(number), &state(number as u8)).unwrap();
}

fn found(output: &Path, print: &Fingerprint) -> Option<(Box<Work>, Vec<String>)> {
    match Work::find(output, print).unwrap() {
        Found::Nothing => None,
        Found::Work(work, changes) => Some((work, changes)),
    }
}

#[test]
fn what_is_sealed_is_found_again_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out.mp4");
    let print = print(&[("target", "1")]);
    assert!(found(&output, &print).is_none());
    let mut work = Work::begin(&output, &print, &film()).unwrap();
    assert!(work.last().unwrap().is_none());
    seal(&mut work, 0);
    seal(&mut work, 1);
    std::fs::write(work.part(2), "half").unwrap();
    std::fs::write(work.segment(2), "not recorded").unwrap();
    std::fs::write(work.folder().join("mine.txt"), "mine").unwrap();
    drop(work);

    let (work, changes) = found(&output, &print).unwrap();
    assert!(changes.is_empty());
    assert_eq!(work.ledger().film().unwrap(), film());
    let (last, remembered) = work.last().unwrap().unwrap();
    assert_eq!((last, remembered), (sealed(1), state(1)));
    assert_eq!(work.ledger().segment(1).unwrap(), (800, 5));
    assert!(!work.part(2).exists() && !work.segment(2).exists());
    // What is not ours stays, and with it the folder.
    let folder = work.folder().to_owned();
    let error = work.remove().unwrap_err();
    assert!(error.chain().contains("mine.txt is not facedeck's"), "{}", error.chain());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    assert!(folder.join("mine.txt").exists());
}

#[test]
fn an_ffmpeg_that_outlived_its_facedeck_keeps_no_folder() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out.mp4");
    let work = Work::begin(&output, &print(&[]), &film()).unwrap();
    let folder = work.folder().to_owned();
    // Its file comes again and again between what is removed and the folder.
    let outlived = std::thread::spawn(move || {
        let end = Instant::now() + Duration::from_millis(300);
        let mut made = 0;
        while Instant::now() < end && std::fs::write(folder.join("000001.1.nut.part"), "").is_ok() {
            made += 1;
        }
        made
    });
    std::thread::sleep(Duration::from_millis(20));
    work.remove().unwrap();
    assert!(outlived.join().unwrap() > 0);
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_without_a_finished_segment_is_no_work() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out.mp4");
    let print = print(&[]);
    drop(Work::begin(&output, &print, &film()).unwrap());
    assert!(found(&output, &print).is_none());
    // A ledger whose beginning was cut off.
    std::fs::write(of_output(&output).join("ledger.sqlite3"), "").unwrap();
    assert!(found(&output, &print).is_none());
    std::fs::write(of_output(&output).join("ledger.sqlite3"), "no database".repeat(99)).unwrap();
    let error = Work::find(&output, &print).err().unwrap();
    assert!(error.message().contains("ledger"), "{}", error.chain());
    // To begin anew works whatever lies there.
    Work::begin(&output, &print, &film()).unwrap().remove().unwrap();
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn changes_are_told_in_words() {
    let was = print(&[("target", "1"), ("model a", "2"), ("ffmpeg", "5.1"), ("swap.weight", "1")]);
    let is = print(&[("target", "9"), ("model a", "8"), ("ffmpeg", "6.0"), ("video.crf", "7")]);
    assert_eq!(
        was.changes(&is),
        [
            "ffmpeg was 5.1 and is 6.0",
            "the model a is another file",
            "swap.weight was 1 and is not set",
            "the target is another file",
            "video.crf was not set and is 7",
        ]
    );
    assert!(was.changes(&was).is_empty());
}

#[test]
fn one_at_a_time_works_there() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out.mp4");
    let print = print(&[]);
    let mut work = Work::begin(&output, &print, &film()).unwrap();
    seal(&mut work, 0);
    assert_eq!(Work::find(&output, &print).err().unwrap().exit_code(), 2);
    assert!(Work::begin(&output, &print, &film()).is_err());
    drop(work);
    assert!(found(&output, &print).is_some());
}

#[test]
fn a_segment_that_was_changed_since_is_named() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out.mp4");
    let print = print(&[]);
    let mut work = Work::begin(&output, &print, &film()).unwrap();
    seal(&mut work, 0);
    seal(&mut work, 1);
    std::fs::write(work.segment(0), "123").unwrap();
    let error = work.last().unwrap_err();
    assert!(error.message().contains("000000.nut"), "{error}");
    std::fs::remove_file(work.segment(0)).unwrap();
    assert!(work.last().is_err());
}

#[test]
fn a_ledger_of_another_version_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out.mp4");
    let print = print(&[]);
    let mut work = Work::begin(&output, &print, &film()).unwrap();
    seal(&mut work, 0);
    let ledger = work.folder().join("ledger.sqlite3");
    drop(work);
    let database = rusqlite::Connection::open(&ledger).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let error = Work::find(&output, &print).err().unwrap();
    assert!(error.message().contains("version 99"), "{}", error.chain());
    assert!(ledger.exists());
}

#[test]
fn unfinished_work_is_listed_and_thrown_away() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("in.mp4");
    let outputs = ["b.mp4", "a.mp4", "c.mp4"].map(|name| root.path().join(name));
    let print = print(&[]);
    for output in &outputs[..2] {
        let film = Film { target: target.clone(), output: output.clone(), ..film() };
        seal(&mut Work::begin(output, &print, &film).unwrap(), 0);
    }
    // A folder of somebody else's that has such a name, and one that holds nothing.
    std::fs::create_dir(root.path().join(".facedeck")).unwrap();
    std::fs::create_dir(of_output(&outputs[2])).unwrap();
    let frames = crate::media::kept_frames::hidden_folder(&target, &outputs[1]);
    std::fs::create_dir_all(&frames).unwrap();
    std::fs::write(frames.join("0001.png"), "1234567").unwrap();

    let Found::Work(at_work, _) = Work::find(&outputs[0], &print).unwrap() else { panic!() };
    let found = unfinished(root.path()).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|u| (u.output.clone(), u.done, u.frames, u.busy, u.target.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            (outputs[1].clone(), 8, Some(20), false, true),
            (outputs[0].clone(), 8, Some(20), true, true),
            (outputs[2].clone(), 0, None, false, false),
        ]
    );
    assert_eq!(found[0].bytes - found[1].bytes, 7);
    assert!(discard(&outputs[0]).unwrap_err().message().contains("is making"));
    drop(at_work);
    outputs.iter().for_each(|output| discard(output).unwrap());
    assert!(unfinished(root.path()).unwrap().is_empty());
    let left: Vec<_> =
        std::fs::read_dir(root.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [".facedeck"]);
}
