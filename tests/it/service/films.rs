//! Films in the queue: the service is killed in the middle of them, and what is finished is never
//! made again.
//!
//! `FACEDECK_SOAK_FILMS=100x25` makes it a hundred films and twenty-five kills.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::clips::{ASTRONAUT, Clips, HOPPER, printed, told};
use super::super::common::{names_in, swap_command};
use super::{Desk, Server};

/// Frames of each film: seven segments.
const FRAMES: u32 = 68;

/// Films and kills.
fn scale() -> (usize, usize) {
    let Ok(text) = std::env::var("FACEDECK_SOAK_FILMS") else { return (4, 4) };
    let (films, kills) = text.split_once('x').expect("FACEDECK_SOAK_FILMS=FILMSxKILLS");
    (films.parse().expect("films"), kills.parse().expect("kills"))
}

/// What changes how films are made: half a second may be lost.
fn settings() -> Value {
    json!({ "run.segment": 0.5, "video.preset": "ultrafast", "audio.keep": false })
}

fn frames_of(film: &std::path::Path) -> Vec<u8> {
    let name = film.display().to_string();
    printed(&["-i", &name, "-map", "0:v", "-f", "framemd5", "-"])
}

fn add(server: &Server<'_>, clips: &Clips, output: &std::path::Path) -> String {
    let more = json!({ "sources": [ASTRONAUT.photo()], "settings": settings() });
    server.add(&clips.path("film.mp4"), output, more)
}

/// The segments that were told to be safe in a job's log, by the frames up to which they reach.
fn sealed(desk: &Desk, id: &str) -> Vec<u64> {
    let log = std::fs::read_to_string(desk.home().join(format!("state/logs/jobs/{id}.log")));
    let log = log.expect("the job's log");
    let number = |line: &str| line.split_whitespace().nth(1)?.parse().ok();
    log.lines().filter(|line| line.ends_with("frames are safe")).filter_map(number).collect()
}

#[test]
fn no_finished_segment_is_made_twice_however_often_the_service_is_killed() {
    let (count, kills) = scale();
    let desk = Desk::new();
    let clips = Clips::new();
    clips.moving("film.mp4", &HOPPER, FRAMES);
    let reference = clips.path("reference.mp4");
    let fast = ["--preset", "ultrafast", "--skip-audio", "--json"];
    let mut plain = swap_command(&ASTRONAUT.photo(), &clips.path("film.mp4"), &reference, &fast);
    // An encoder begins anew with each segment.
    plain.env("FACEDECK_RUN_SEGMENT", "0.5");
    told(&plain.output().expect("the binary starts"));
    let right = frames_of(&reference);

    let mut server = desk.serve();
    let jobs: BTreeMap<String, PathBuf> = (0..count)
        .map(|number| {
            let output = desk.work().join(format!("out-{number:03}.mp4"));
            (add(&server, &clips, &output), output)
        })
        .collect();
    let frames = |server: &Server<'_>| -> u64 {
        let page = server.get("/v1/jobs?limit=500");
        let of = |job: &Value| match job["state"] == "done" {
            true => u64::from(FRAMES),
            false => job["progress"]["segments"]["safe"].as_u64().unwrap_or(0) * 10,
        };
        page["jobs"].as_array().expect("jobs").iter().map(of).sum()
    };
    let all = count as u64 * u64::from(FRAMES);
    for kill in 1..=kills as u64 {
        // At moments that are spread over the whole of the work.
        let goal = all * kill / (kills as u64 + 1);
        let deadline = Instant::now() + Duration::from_secs(180);
        loop {
            let done = frames(&server);
            if done >= goal {
                break;
            }
            assert!(Instant::now() < deadline, "{done} of {goal}: {}", desk.said());
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(kill * 37 % 170));
        server.kill();
        server = desk.serve();
    }
    for id in jobs.keys() {
        let job = server.until(id, &["done", "failed"]);
        assert_eq!(job["state"], "done", "{job:#}");
    }
    let mut went_on = 0;
    for (id, output) in &jobs {
        let job = server.job(id);
        let history = job["history"].as_array().expect("a history").iter();
        assert_eq!(history.filter(|change| change["to"] == "done").count(), 1, "{job:#}");
        let mut safe = sealed(&desk, id);
        let told = safe.len();
        safe.sort_unstable();
        safe.dedup();
        assert_eq!(safe.len(), told, "a segment of {id} was made twice");
        assert_eq!(safe.last(), Some(&u64::from(FRAMES)), "{safe:?}");
        assert_eq!(safe.len(), 7, "{safe:?}");
        went_on += usize::from(job["summary"]["frames_before"].as_u64() > Some(0));
        assert!(frames_of(output) == right, "{} is another film", output.display());
    }
    assert!(went_on > 0, "no film went on: nothing was shown");
    println!("{kills} kills; {went_on} of {count} films went on from a segment");
    let left: Vec<String> =
        names_in(&desk.work()).into_iter().filter(|name| name.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn who_retries_goes_on_unless_from_scratch_and_who_removes_throws_away() {
    let desk = Desk::new();
    let clips = Clips::new();
    clips.moving("film.mp4", &HOPPER, FRAMES);
    let server = desk.serve();
    let output = desk.work().join("out.mp4");
    let work = desk.work().join(".out.mp4.facedeck");
    let id = add(&server, &clips, &output);
    let cut_off = || {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let progress = server.job(&id)["progress"].clone();
            let safe = progress["segments"]["safe"].as_u64().unwrap_or(0);
            if safe >= 2 {
                assert_eq!(progress["segments"]["total"], 7, "{progress}");
                break;
            }
            assert!(Instant::now() < deadline, "{progress}");
            std::thread::sleep(Duration::from_millis(3));
        }
        server.post(&format!("/v1/jobs/{id}/cancel"), &json!({}));
        server.until(&id, &["cancelled"]);
        assert!(work.is_dir(), "what is finished is thrown away");
    };
    cut_off();
    server.post(&format!("/v1/jobs/{id}/retry"), &json!({ "from_scratch": true }));
    cut_off();
    server.post(&format!("/v1/jobs/{id}/retry"), &json!({}));
    let done = server.until(&id, &["done", "failed"]);
    assert!(done["summary"]["frames_before"].as_u64() >= Some(20), "{done:#}");
    // The first two segments were made in the first two attempts, and no other one twice.
    let safe = sealed(&desk, &id);
    let times = |frames| safe.iter().filter(|safe| **safe == frames).count();
    assert_eq!((times(10), times(20), times(u64::from(FRAMES))), (2, 2, 1), "{safe:?}");
    assert!(!work.exists());

    std::fs::remove_file(&output).expect("the output");
    let id = add(&server, &clips, &output);
    let deadline = Instant::now() + Duration::from_secs(90);
    while !work.is_dir() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(3));
    }
    server.post(&format!("/v1/jobs/{id}/pause"), &json!({ "release": true }));
    let (status, answer) = server.ask("DELETE", &format!("/v1/jobs/{id}"), None);
    assert!((200..300).contains(&status), "{status} {answer}");
    assert!(!work.exists(), "its work is left");
}
