//! What the ledger forgets, and what it never does.

use super::*;

#[test]
fn what_is_gone_for_long_is_forgotten_and_nothing_that_lies_there() {
    let mut bench = Bench::new(|watch| {
        watch.input = Input::Keep;
        watch.recursive = true;
    });
    for name in ["a.png", "b.png", "sub/c.png", "deep/er/d.png"] {
        bench.write(name, "x");
    }
    bench.settle();
    bench.end(true);
    let rows = |bench: &Bench| -> Vec<String> {
        let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        bench.memory.states().iter().map(|(path, _)| name(path)).collect()
    };
    // An empty folder may be one whose file system is not mounted.
    for name in ["b.png", "sub/c.png"] {
        fs::remove_file(bench.folder.join(name)).unwrap();
    }
    fs::remove_dir_all(bench.folder.join("deep")).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(rows(&bench).len(), 4, "what ended yesterday is kept");
    bench.memory.with(|shelf| shelf.long_ago = true);
    let away = bench.folder.with_file_name("away");
    fs::rename(&bench.folder, &away).unwrap();
    fs::create_dir(&bench.folder).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(rows(&bench).len(), 4, "the whole folder was away");
    fs::remove_dir(&bench.folder).unwrap();
    fs::rename(&away, &bench.folder).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(rows(&bench), ["a.png", "c.png"]);
    assert_eq!(bench.memory.jobs().len(), 4, "something was taken twice");
}

#[test]
fn an_emptied_done_folder_leaves_nothing_in_the_ledger() {
    let mut bench = Bench::new(|_| {});
    bench.write("a.png", "x");
    bench.settle();
    bench.end(true);
    bench.memory.with(|shelf| shelf.long_ago = true);
    bench.restart();
    bench.settle();
    assert_eq!(bench.view().settled, 1, "it still lies in done");
    fs::remove_file(bench.folder.join("done/a.png")).unwrap();
    bench.restart();
    bench.settle();
    assert_eq!(bench.view().settled, 0);
}
