//! Files that arrive: each is taken once, and none before it is whole.

use super::*;

#[test]
fn a_file_is_taken_once_and_lies_in_done_beside_nothing() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.write("notes.txt", "x");
    bench.tell(&News::default());
    assert!(bench.memory.jobs().is_empty(), "it was taken before it was still for a while");
    bench.settle();
    assert_eq!(bench.memory.jobs(), [("a.png".into(), "a-swapped.png".into())]);
    assert_eq!(bench.view().working, 1);
    bench.end(true);
    assert_eq!(bench.files(), ["done/a.png", "notes.txt", "output/a-swapped.png"]);
    bench.pass(70.0);
    assert_eq!(bench.memory.jobs().len(), 1);
    let view = bench.view();
    assert_eq!((view.working, view.settled, view.rejected), (0, 1, 0));
    assert_eq!(view.status, "polling");
}

#[test]
fn a_growing_file_on_a_polled_folder_is_seen_growing() {
    let mut bench = Bench::new(|_| {});
    let mut content = String::new();
    for _ in 0..40 {
        content.push_str("1 KB more");
        bench.write("slow.png", &content);
        bench.pass(1.0);
        assert!(bench.memory.jobs().is_empty(), "it was taken while it grew");
    }
    bench.pass(5.0);
    assert_eq!(bench.memory.targets(), ["slow.png"]);
}

#[test]
fn an_empty_file_waits_for_its_content() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "");
    bench.pass(120.0);
    assert!(bench.memory.jobs().is_empty());
    bench.write("a.png", "x");
    bench.settle();
    assert_eq!(bench.memory.targets(), ["a.png"]);
}

#[test]
fn results_in_the_folder_itself_are_no_inputs() {
    let mut bench = Bench::new(|watch| {
        watch.output = Some(".".into());
        watch.input = Input::Keep;
    });
    bench.write("a.png", "x");
    bench.settle();
    // The result is there before its job is known to be done, and for long.
    bench.write("a-swapped.png", "result");
    bench.pass(60.0);
    assert_eq!(bench.memory.jobs().len(), 1, "a result was taken while its job ran");
    bench.end(true);
    bench.settle();
    bench.restart();
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 1, "a result was taken");
}

#[test]
fn a_file_that_is_replaced_while_its_job_runs_is_taken_after_it() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.settle();
    bench.write("a.png", "another");
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 1);
    bench.end(true);
    assert!(bench.folder.join("a.png").exists(), "a file that no job was made of was put away");
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 2);
    bench.end(true);
    assert_eq!(bench.read("done/a.png"), "another");
}

#[test]
fn many_changes_are_told_rarely_and_nothing_when_nothing_happens() {
    let mut bench = Bench::new(|_| {});
    for i in 0..200 {
        bench.write(&format!("{i}.png"), "x");
    }
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 200);
    let told = bench.memory.with(|shelf| shelf.views.len());
    assert!(told <= 6, "{told} times");
    bench.pass(600.0);
    assert_eq!(bench.memory.with(|shelf| shelf.views.len()), told);
}
