use std::fs;
use std::time::{Duration, Instant};

use super::super::area::Found;
use super::*;

/// The units of these files: path below the folder, and what is to be done, in words.
fn plans(rule: Rule, files: &[&str]) -> Vec<(String, String)> {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    for file in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"x").unwrap();
    }
    let watch = Watch {
        folder: folder.into(),
        rule,
        sources: vec!["/me.jpg".into()],
        recursive: rule == Rule::Pair,
        ..Watch::default()
    };
    let area = Area::of(&watch);
    let mut settling = Settling::new(Duration::ZERO);
    area.scan(&mut |path, found| {
        if let Found::File(stamp) = found {
            settling.seen(&path, stamp, Instant::now());
        }
    })
    .unwrap();
    let short = |path: &Path| area.below(path).display().to_string();
    let mut plans: Vec<(String, String)> = units(&watch, &area, &settling)
        .iter()
        .map(|unit| {
            let plan = match &unit.plan {
                Plan::Swap { sources, target } => {
                    let sources: Vec<String> = sources.iter().map(|path| short(path)).collect();
                    format!("{} > {}", sources.join(" "), short(target))
                }
                Plan::JobFile => "job file".into(),
                Plan::Unfit(why) | Plan::Waits(why) => why.clone(),
            };
            (short(&unit.path), plan)
        })
        .collect();
    plans.sort();
    plans
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn every_picture_and_video_is_a_target() {
    let found = plans(Rule::Source, &["a.png", "b.MP4", "c.ts", "notes.txt", "d", "sub/e.png"]);
    let expected =
        [("a.png", "/me.jpg > a.png"), ("b.MP4", "/me.jpg > b.MP4"), ("c.ts", "/me.jpg > c.ts")];
    assert_eq!(found, pairs(&expected));
}

#[test]
fn pairs_wait_for_each_other() {
    let found = plans(
        Rule::Pair,
        &[
            "a.source.png",
            "a.target.mp4",
            "b-source.png",
            "c-target.mp4",
            "d/a-source.jpg",
            "d/a.source.png",
            "d/a-target.png",
            "e.source.png",
            "e.target.png",
            "e.target.mp4",
            "x.png",
        ],
    );
    let expected = [
        ("a.target.mp4", "a.source.png > a.target.mp4"),
        ("b-source.png", "it waits for b.target with its extension"),
        ("c-target.mp4", "it waits for c.source with a picture's extension"),
        ("d/a-target.png", "d/a-source.jpg d/a.source.png > d/a-target.png"),
        ("e.target.mp4", "there are 2 targets named e"),
    ];
    assert_eq!(found, pairs(&expected));
}

#[test]
fn a_folder_is_a_job() {
    let found = plans(
        Rule::Folder,
        &[
            "a/source.png",
            "a/Source-2.jpg",
            "a/target.mp4",
            "a/notes.txt",
            "a/deep/target.mp4",
            "b/source.png",
            "c/target.png",
            "d/source.png",
            "d/target1.png",
            "d/target2.png",
            "x.png",
            "done/a/source.png",
            "done/a/target.png",
        ],
    );
    let expected = [
        ("a", "a/Source-2.jpg a/source.png > a/target.mp4"),
        ("b", "it waits for a picture or video whose name begins with target"),
        ("c", "it waits for a picture whose name begins with source"),
        ("d", "there are 2 files in it whose names begin with target, and a job has one"),
    ];
    assert_eq!(found, pairs(&expected));
}

#[test]
fn job_files_speak_for_themselves() {
    let found = plans(Rule::Job, &["a.job.toml", "job.toml", "a.mp4"]);
    assert_eq!(found, pairs(&[("a.job.toml", "job file"), ("job.toml", "job file")]));
}
