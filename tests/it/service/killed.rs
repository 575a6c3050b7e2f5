//! The service is killed again and again, at times that nobody chose; every job is done once.
//!
//! `FACEDECK_SOAK=1000x25` makes it a thousand jobs and twenty-five kills.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::common::{media, swap};
use super::Desk;
use super::desk::small_target;

/// The generator of Numerical Recipes, so that a run can be repeated.
struct Chance(u32);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % end
    }
}

/// Jobs and kills.
fn scale() -> (usize, usize) {
    let Ok(text) = std::env::var("FACEDECK_SOAK") else { return (40, 3) };
    let (jobs, kills) = text.split_once('x').expect("FACEDECK_SOAK=JOBSxKILLS");
    (jobs.parse().expect("jobs"), kills.parse().expect("kills"))
}

#[test]
fn every_job_is_done_exactly_once_however_often_the_service_is_killed() {
    let (count, kills) = scale();
    let desk = Desk::new();
    let reference = desk.work().join("reference.png");
    let run = swap(&media("grace_hopper.jpg"), small_target(), &reference, &[]);
    assert!(run.status.success());
    let right = image::open(&reference).expect("a picture");

    let mut jobs: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut server = desk.serve();
    for number in 0..count {
        let target = desk.target(&format!("target-{number:04}.png"));
        let output = desk.work().join(format!("out-{number:04}.png"));
        jobs.insert(server.add(&target, &output, json!({})), output);
    }
    assert_eq!(jobs.len(), count, "every job has an id of its own");

    let begun = Instant::now();
    let mut chance = Chance(4);
    // The inode of each output when it was first seen: a second swap would make a new file.
    let mut seen: BTreeMap<PathBuf, u64> = BTreeMap::new();
    let mut look = |jobs: &BTreeMap<String, PathBuf>| {
        for output in jobs.values() {
            if let Ok(about) = std::fs::metadata(output) {
                let first = *seen.entry(output.clone()).or_insert(about.ino());
                assert_eq!(first, about.ino(), "{} was made twice", output.display());
            }
        }
        seen.len()
    };
    for kill in 1..=kills {
        // Between kills something gets done, or the same job would be blamed for two of them.
        let before = server.get("/v1/service")["counts"]["done"].as_u64().expect("a count");
        let more = 1 + u64::from(chance.below((count / kills / 2).max(2) as u32));
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            let counts = server.get("/v1/service")["counts"].clone();
            let done = counts["done"].as_u64().expect("a count");
            if done >= before + more || done == count as u64 {
                break;
            }
            assert!(Instant::now() < deadline, "nothing gets done: {counts}\n{}", desk.said());
            std::thread::sleep(Duration::from_millis(3));
        }
        // Anywhere within the work on a job.
        std::thread::sleep(Duration::from_micros(u64::from(chance.below(120_000))));
        let counts = server.get("/v1/service")["counts"].clone();
        server.kill();
        let there = look(&jobs);
        println!(
            "{:7.2} s  kill {kill:2}: {counts}, {there} outputs",
            begun.elapsed().as_secs_f64()
        );
        server = desk.serve();
    }
    let deadline = Instant::now() + Duration::from_secs(60 + count as u64);
    loop {
        let counts = server.get("/v1/service")["counts"].clone();
        if counts["queued"] == 0 && counts["running"] == 0 {
            println!("{:7.2} s  the end: {counts}", begun.elapsed().as_secs_f64());
            assert_eq!(counts["done"], count, "{counts}");
            break;
        }
        assert!(Instant::now() < deadline, "{counts}");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(look(&jobs), count);

    let (mut crashed, mut recovered) = (0, 0);
    for (id, output) in &jobs {
        let job = server.job(id);
        let to = |state: &str| {
            let history = job["history"].as_array().expect("a history").iter();
            history.filter(|change| change["to"] == state).count()
        };
        assert_eq!(to("done"), 1, "{job:#}");
        crashed += to("queued") - 1;
        recovered += usize::from(to("running") == 1 && job["reason"] != "");
        assert_eq!(image::open(output).expect("a picture"), right, "{}", output.display());
    }
    println!("{crashed} attempts were cut off, {recovered} were found done");
    let hidden = std::fs::read_dir(desk.work()).expect("a folder").filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().starts_with('.')
    });
    assert_eq!(hidden.count(), 0, "hidden files are left over");
    assert_eq!(server.terminate(), Some(0));
}
