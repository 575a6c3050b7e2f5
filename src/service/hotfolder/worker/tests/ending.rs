//! What becomes of inputs when their jobs have ended, or when they can become none.

use super::*;

#[test]
fn a_failure_lies_beside_its_reason_and_is_tried_again_when_it_is_put_back() {
    let mut bench = Bench::new(|watch| watch.recursive = true);
    bench.write("sub/a.png", "x");
    bench.settle();
    bench.end(false);
    assert_eq!(bench.files(), ["failed/sub/a.png", "failed/sub/a.png.reason.txt"]);
    let reason = bench.read("failed/sub/a.png.reason.txt");
    assert!(reason.contains("there is no face in it") && reason.contains("Log: /log"), "{reason}");
    let id = bench.memory.with(|shelf| *shelf.jobs.keys().next().unwrap());
    assert!(reason.contains(&id.to_string()));
    // Nothing about the file itself changes.
    fs::rename(bench.folder.join("failed/sub/a.png"), bench.folder.join("sub/a.png")).unwrap();
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 2);
    bench.end(true);
    assert!(bench.files().contains(&"done/sub/a.png".into()), "{:?}", bench.files());
}

#[test]
fn what_cannot_become_a_job_lies_beside_its_reason() {
    use std::os::unix::ffi::OsStrExt;
    let mut bench = Bench::new(|_| {});
    bench.memory.with(|shelf| _ = shelf.impossible.insert("bad.png".into()));
    bench.write("bad.png", "x");
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff.png");
    fs::write(bench.folder.join(odd), "x").unwrap();
    bench.write("good.png", "x");
    bench.settle();
    assert_eq!(bench.memory.targets(), ["good.png"]);
    let reason = bench.read("failed/bad.png.reason.txt");
    assert!(reason.contains("it is no picture") && reason.contains("take another"), "{reason}");
    assert!(bench.folder.join("failed/bad.png").exists());
    assert!(bench.folder.join("failed").join(odd).exists());
    assert_eq!(bench.view().rejected, 2);
}

#[test]
fn what_is_kept_stays_and_is_not_taken_again_but_a_new_file_in_its_place_is() {
    let mut bench = Bench::new(|watch| watch.input = Input::Keep);
    bench.memory.with(|shelf| _ = shelf.impossible.insert("bad.png".into()));
    bench.write("a.png", "x");
    bench.write("bad.png", "x");
    bench.settle();
    bench.end(true);
    bench.restart();
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 1);
    assert_eq!(
        bench.files(),
        ["a.png", "bad.png", "failed/bad.png.reason.txt", "output/a-swapped.png"]
    );
    bench.write("a.png", "another");
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 2);
    assert_eq!(bench.memory.jobs()[1].1, "a-swapped-2.png");
}

#[test]
fn what_is_removed_is_gone_and_the_same_name_is_a_new_file() {
    let mut bench = Bench::new(|watch| watch.input = Input::Remove);
    for round in 1..=2 {
        bench.write("a.png", "x");
        bench.settle();
        assert_eq!(bench.memory.jobs().len(), round);
        bench.end(true);
        assert!(!bench.folder.join("a.png").exists());
    }
    bench.write("a.png", "x");
    bench.settle();
    bench.end(false);
    assert!(bench.folder.join("failed/a.png").exists());
}
