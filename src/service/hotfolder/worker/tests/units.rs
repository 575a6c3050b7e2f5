//! Pairs, folders and job files.

use super::*;

#[test]
fn pairs_and_folders_go_away_together() {
    let mut bench = Bench::new(|watch| watch.rule = Rule::Pair);
    bench.write("a.target.png", "x");
    bench.settle();
    assert!(bench.view().reason.contains("a.target.png: it waits"), "{:?}", bench.view());
    bench.write("a.source.jpg", "x");
    bench.settle();
    bench.end(true);
    let files = ["done/a.source.jpg", "done/a.target.png", "output/a.target-swapped.png"];
    assert_eq!(bench.files(), files);

    let mut bench = Bench::new(|watch| watch.rule = Rule::Folder);
    bench.write("one/target.png", "x");
    bench.write("one/source1.png", "x");
    bench.write("one/notes.txt", "x");
    bench.settle();
    bench.end(false);
    assert_eq!(
        bench.files(),
        [
            "failed/one.reason.txt",
            "failed/one/notes.txt",
            "failed/one/source1.png",
            "failed/one/target.png"
        ]
    );
    bench.pass(10.0);
    assert_eq!(bench.memory.jobs().len(), 1);
}

#[test]
fn a_job_file_waits_for_what_it_names_and_the_last_one_takes_the_target_along() {
    let mut bench = Bench::new(|watch| watch.rule = Rule::Job);
    let job = "sources = [\"me.jpg\"]\ntarget = \"film.mp4\"\n";
    bench.write("a.job.toml", job);
    bench.write("me.jpg", "x");
    bench.settle();
    let view = bench.view();
    assert!(view.reason.contains("a.job.toml waits for film.mp4"), "{view:?}");
    bench.write("film.mp4", "x");
    bench.settle();
    assert_eq!(bench.memory.jobs(), [("film.mp4".into(), "film-swapped.mp4".into())]);
    bench.write("b.job.toml", job);
    bench.settle();
    let first = bench.memory.with(|shelf| *shelf.jobs.keys().next().unwrap());
    bench.memory.with(|shelf| _ = shelf.ends.insert(first, true));
    bench.tell(&News { ended: vec![first], ..News::default() });
    assert_eq!(bench.files(), ["b.job.toml", "done/a.job.toml", "film.mp4", "me.jpg"]);
    bench.end(true);
    let left = [
        "done/a.job.toml",
        "done/b.job.toml",
        "done/film.mp4",
        "me.jpg",
        "output/film-swapped-2.mp4",
    ];
    assert_eq!(bench.files(), left);
}

#[test]
fn a_job_file_that_is_wrong_says_why_and_writes_nowhere_else() {
    let mut bench = Bench::new(|watch| watch.rule = Rule::Job);
    let outside = bench.folder.with_file_name("outside");
    fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, bench.folder.join("link")).unwrap();
    bench.write("film.mp4", "x");
    for (name, output) in
        [("up", "../outside/x.mp4"), ("full", "/tmp/x.mp4"), ("through", "link/x.mp4")]
    {
        bench.write(
            &format!("{name}.job.toml"),
            &format!("target = \"film.mp4\"\noutput = \"{output}\"\n"),
        );
    }
    bench.write("wrong.job.toml", "target = \"film.mp4\"\nprioritty = 1\n");
    bench.write("far.job.toml", "target = \"/nowhere/film.mp4\"\n");
    bench.settle();
    assert!(bench.memory.jobs().is_empty(), "{:?}", bench.memory.jobs());
    for name in ["up", "full", "through"] {
        let reason = bench.read(&format!("failed/{name}.job.toml.reason.txt"));
        assert!(reason.contains("lies outside"), "{reason}");
    }
    let reason = bench.read("failed/wrong.job.toml.reason.txt");
    assert!(reason.contains("line 2") && reason.contains("did you mean priority?"), "{reason}");
    assert!(bench.read("failed/far.job.toml.reason.txt").contains("/nowhere/film.mp4"));
}
