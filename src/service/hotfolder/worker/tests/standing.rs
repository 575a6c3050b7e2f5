//! Restarts, folders that are away or paused, faults of the hot folder itself.

use super::*;

#[test]
fn a_service_that_was_killed_goes_on_where_it_was() {
    let mut bench = Bench::new(|_| {});
    for name in ["a.png", "b.png", "c.png"] {
        bench.write(name, "x");
    }
    bench.settle();
    assert_eq!(bench.memory.jobs().len(), 3);
    // Jobs end while nobody looks; one input was moved just before the kill, one vanished.
    bench.memory.end_all(true);
    fs::create_dir(bench.folder.join("done")).unwrap();
    fs::rename(bench.folder.join("a.png"), bench.folder.join("done/a.png")).unwrap();
    fs::remove_file(bench.folder.join("b.png")).unwrap();
    bench.restart();
    bench.settle();
    let done: Vec<String> = bench.files().into_iter().filter(|f| f.starts_with("done")).collect();
    assert_eq!(done, ["done/a.png", "done/c.png"]);
    assert_eq!(bench.memory.jobs().len(), 3);
    assert!(bench.memory.states().iter().all(|(_, state)| *state == TakenState::Settled));
}

#[test]
fn a_folder_that_is_gone_is_waited_for_and_nothing_is_taken_twice() {
    let mut bench = Bench::new(|watch| watch.input = Input::Keep);
    bench.write("a.png", "x");
    bench.settle();
    let away = bench.folder.with_file_name("away");
    fs::rename(&bench.folder, &away).unwrap();
    bench.pass(10.0);
    assert_eq!(bench.view().status, "gone");
    // What ends meanwhile is not settled: its input is not known to be gone.
    bench.memory.with(|shelf| {
        let id = *shelf.jobs.keys().next().unwrap();
        shelf.ends.insert(id, true);
    });
    bench.pass(70.0);
    assert_eq!(bench.view().working, 1);
    assert!(!bench.folder.exists(), "the folder was made again");
    fs::write(away.join("b.png"), "x").unwrap();
    fs::rename(&away, &bench.folder).unwrap();
    bench.pass(15.0);
    assert_eq!(bench.view().status, "polling");
    assert_eq!(bench.memory.targets(), ["a.png", "b.png"]);
    // Another folder in its place is looked at anew, and the ledger still knows the first.
    fs::rename(&bench.folder, &away).unwrap();
    fs::create_dir(&bench.folder).unwrap();
    bench.pass(10.0);
    fs::remove_dir(&bench.folder).unwrap();
    fs::rename(&away, &bench.folder).unwrap();
    bench.pass(15.0);
    assert_eq!(bench.memory.jobs().len(), 2);
}

#[test]
fn a_fault_of_the_hot_folder_costs_no_file() {
    let mut bench = Bench::new(|_| {});
    bench.memory.with(|shelf| shelf.not_ready = Some("cannot find the source /me.jpg".into()));
    bench.write("a.png", "x");
    bench.settle();
    let view = bench.view();
    assert_eq!((view.status.as_str(), view.rejected), ("broken", 0));
    assert!(view.reason.contains("/me.jpg"), "{view:?}");
    assert!(bench.folder.join("a.png").exists());
    bench.memory.with(|shelf| shelf.not_ready = None);
    bench.pass(10.0);
    assert_eq!(bench.memory.targets(), ["a.png"]);
    assert_eq!(bench.view().status, "polling");
}

#[test]
fn a_paused_folder_takes_nothing_and_puts_away_what_ends() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.settle();
    bench.tell(&News { paused: Some(true), ..News::default() });
    bench.write("b.png", "x");
    bench.settle();
    bench.end(true);
    assert_eq!(bench.files(), ["b.png", "done/a.png", "output/a-swapped.png"]);
    bench.pass(1.0);
    assert_eq!(bench.view().status, "paused");
    bench.tell(&News { paused: Some(false), ..News::default() });
    bench.settle();
    assert_eq!(bench.memory.targets(), ["a.png", "b.png"]);
}
