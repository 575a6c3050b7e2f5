//! The queue: order, dependencies, times, holding, giving up, trying again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::clips::frames;
use super::super::commands::midway::long_clip;
use super::super::common::{ffmpeg, media, names_in, swap};
use super::{Desk, Server};

/// The states that a job went through.
fn states(job: &Value) -> Vec<String> {
    let history = job["history"].as_array().expect("a history").iter();
    history.map(|change| change["to"].as_str().expect("a state").to_owned()).collect()
}

/// A film of some seconds of work.
fn film(desk: &Desk, seconds: &str) -> PathBuf {
    let path = desk.work().join("film.mkv");
    let portrait = media("astronaut.png").display().to_string();
    let out = path.display().to_string();
    let input = ["-loop", "1", "-framerate", "25", "-t", seconds, "-i", &portrait];
    let how = ["-vf", "scale=256:256,format=yuv420p", "-c:v", "ffv1"];
    ffmpeg(&[&input[..], &how[..], &[&out]].concat());
    path
}

/// Waits until a running job has made this many frames.
fn reach(server: &Server<'_>, id: &str, frames: u64) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let job = server.job(id);
        if job["progress"]["frames"].as_u64() >= Some(frames) {
            return job;
        }
        assert!(job["ended"].is_null(), "{job:#}");
        assert!(Instant::now() < deadline, "{job:#}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn hidden_files(folder: &Path) -> usize {
    names_in(folder).iter().filter(|name| name.starts_with('.')).count()
}

#[test]
fn jobs_run_by_priority_then_by_place_and_what_waits_for_another_after_it() {
    let desk = Desk::new();
    let server = desk.serve();
    let add = |name: &str, more: Value| {
        let target = desk.target(&format!("{name}.png"));
        server.add(&target, &desk.work().join(format!("{name}-out.png")), more)
    };
    // Everything is held until the order is made.
    let gate = add("gate", json!({ "hold": true }));
    let last = add("last", json!({ "after": [gate], "priority": -5 }));
    let second = add("second", json!({ "after": [gate] }));
    let first = add("first", json!({ "after": [gate] }));
    let urgent = add("urgent", json!({ "after": [gate], "priority": 7 }));
    // Whatever its priority, it comes after what it waits for.
    let behind = add("behind", json!({ "after": [last], "priority": 1000 }));
    let waiting = server.job(&second)["waiting"].as_str().expect("a reason").to_owned();
    assert!(waiting.contains(&gate) && waiting.contains("paused"), "{waiting}");
    let (status, moved) =
        server.ask("PATCH", &format!("/v1/jobs/{first}"), Some(&json!({ "place": "top" })));
    assert_eq!(status, 200, "{moved}");
    server.post(&format!("/v1/jobs/{gate}/resume"), &json!({}));
    let order = [&gate, &urgent, &first, &second, &last, &behind];
    let began: Vec<String> = order
        .iter()
        .map(|id| {
            let job = server.until(id, &["done"]);
            job["started"].as_str().expect("a time").to_owned()
        })
        .collect();
    assert!(began.is_sorted(), "{began:?}");
}

#[test]
fn a_circle_and_a_job_that_is_not_there_are_refused() {
    let desk = Desk::new();
    let server = desk.serve();
    let add = |name: &str, more: Value| {
        let target = desk.target(&format!("{name}.png"));
        server.add(&target, &desk.work().join(format!("{name}-out.png")), more)
    };
    let a = add("a", json!({ "hold": true }));
    let b = add("b", json!({ "after": [a] }));
    let path = format!("/v1/jobs/{a}");
    let (status, body) = server.ask("PATCH", &path, Some(&json!({ "after": [b] })));
    assert_eq!((status, &body["error"]["type"]), (422, &json!("invalid")), "{body}");
    let (status, body) = server.ask("PATCH", &path, Some(&json!({ "after": [a] })));
    assert_eq!(status, 422, "{body}");
    let gone = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let (status, body) = server.ask("PATCH", &path, Some(&json!({ "after": [gone] })));
    assert_eq!(status, 422, "{body}");
    assert!(body.to_string().contains(gone), "{body}");
}

#[test]
fn a_job_fails_with_the_one_it_waits_for_and_is_tried_again_with_it() {
    let desk = Desk::new();
    let server = desk.serve();
    let blank = desk.work().join("blank.png");
    image::RgbImage::from_pixel(256, 256, image::Rgb([90, 120, 90])).save(&blank).expect("a file");
    let faceless = server.add(&blank, &desk.work().join("a.png"), json!({ "max_attempts": 5 }));
    let target = desk.target("b.png");
    let follower =
        server.add(&target, &desk.work().join("b-out.png"), json!({"after": [faceless]}));
    let job = server.until(&faceless, &["failed"]);
    assert_eq!(job["failure"]["kind"], "no_face", "{job:#}");
    assert_eq!(job["attempts"], 1, "what cannot pass is not tried again");
    let job = server.until(&follower, &["failed"]);
    assert_eq!(job["failure"]["kind"], "dependency", "{job:#}");
    assert_eq!(states(&job), ["queued", "failed"]);
    // The picture is replaced by one with a face.
    std::fs::copy(&target, &blank).expect("a copy");
    server.post(&format!("/v1/jobs/{faceless}/retry"), &json!({}));
    assert_eq!(server.until(&faceless, &["done", "failed"])["state"], "done");
    assert_eq!(server.until(&follower, &["done", "failed"])["state"], "done");
    let log = server.ask("GET", &format!("/v1/jobs/{faceless}/log"), None).1;
    let log = log.as_str().expect("text");
    assert!(log.contains("there is no face") && log.contains("done"), "{log}");
}

#[test]
fn a_job_waits_for_its_time() {
    let desk = Desk::new();
    let server = desk.serve();
    // Times are kept to the millisecond.
    let time = jiff::Timestamp::now().as_millisecond() + 1500;
    let time = jiff::Timestamp::from_millisecond(time).expect("a time");
    let target = desk.target("a.png");
    let id = server.add(&target, &desk.work().join("out.png"), json!({ "not_before": time }));
    let job = server.job(&id);
    assert_eq!(job["state"], "queued");
    assert!(job["waiting"].as_str().is_some_and(|why| why.contains("until")), "{job:#}");
    let job = server.until(&id, &["done"]);
    let started: jiff::Timestamp =
        job["started"].as_str().expect("a time").parse().expect("a time");
    assert!(started >= time, "{started} is before {time}");
    // It may also be taken away again.
    let far = jiff::Timestamp::now() + Duration::from_secs(3600);
    let target = desk.target("b.png");
    let id = server.add(&target, &desk.work().join("out2.png"), json!({ "not_before": far }));
    let (status, body) =
        server.ask("PATCH", &format!("/v1/jobs/{id}"), Some(&json!({ "not_before": "" })));
    assert_eq!(status, 200, "{body}");
    server.until(&id, &["done"]);
}

#[test]
fn a_held_film_makes_no_frames_lets_others_pass_and_comes_out_the_same() {
    let desk = Desk::new();
    let target = film(&desk, "8");
    let plain = desk.work().join("plain.mkv");
    let how = ["--quality", "100"];
    assert!(swap(&media("grace_hopper.jpg"), &target, &plain, &how).status.success());
    let server = desk.serve();
    let output = desk.work().join("held.mkv");
    let settings = json!({ "settings": { "video.quality": 100 } });
    let id = server.add(&target, &output, settings);
    reach(&server, &id, 10);
    server.post(&format!("/v1/jobs/{id}/pause"), &json!({}));
    assert_eq!(server.job(&id)["state"], "paused");
    // What was under way is finished; then it stands.
    std::thread::sleep(Duration::from_millis(800));
    let before = server.job(&id)["progress"]["frames"].clone();
    let still = desk.target("between.png");
    let between = server.add(&still, &desk.work().join("between-out.png"), json!({}));
    server.until(&between, &["done"]);
    assert_eq!(server.job(&id)["progress"]["frames"], before, "frames were made");
    assert!(!output.exists());
    server.post(&format!("/v1/jobs/{id}/resume"), &json!({}));
    let job = server.until(&id, &["done", "failed"]);
    assert_eq!(states(&job), ["queued", "running", "paused", "running", "done"]);
    assert_eq!(job["attempts"], 1);
    let (a, b) = (frames(&plain, "yuv420p"), frames(&output, "yuv420p"));
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(&b).all(|(a, b)| a.data == b.data), "frames differ");
}

#[test]
fn held_with_its_memory_given_back_it_is_put_away_and_begun_again() {
    let desk = Desk::new();
    let server = desk.serve();
    let target = film(&desk, "8");
    let output = desk.work().join("out.mkv");
    let id = server.add(&target, &output, json!({}));
    reach(&server, &id, 5);
    let held = server.post(&format!("/v1/jobs/{id}/pause"), &json!({ "release": true }));
    assert_eq!(held["state"], "paused", "{held:#}");
    assert_eq!(hidden_files(&desk.work()), 0, "its hidden file is gone");
    server.post(&format!("/v1/jobs/{id}/resume"), &json!({}));
    let job = server.until(&id, &["done", "failed"]);
    assert_eq!(states(&job), ["queued", "running", "paused", "queued", "running", "done"]);
    assert_eq!(frames(&output, "yuv420p").len(), 200);
}

#[test]
fn given_up_in_the_middle_it_leaves_nothing_and_can_be_tried_again() {
    let desk = Desk::new();
    let server = desk.serve();
    let output = desk.work().join("out.mp4");
    let id = server.add(long_clip(), &output, json!({}));
    reach(&server, &id, 5);
    let job = server.post(&format!("/v1/jobs/{id}/cancel"), &json!({}));
    assert_eq!(job["state"], "cancelled", "{job:#}");
    assert_eq!(names_in(&desk.work()), [""; 0]);
    let (status, body) = server.ask("POST", &format!("/v1/jobs/{id}/cancel"), Some(&json!({})));
    assert_eq!((status, &body["error"]["type"]), (409, &json!("conflict")), "{body}");
    server.post(&format!("/v1/jobs/{id}/retry"), &json!({ "from_scratch": true }));
    reach(&server, &id, 5);
    let (status, body) = server.ask("DELETE", &format!("/v1/jobs/{id}"), None);
    assert_eq!(status, 409, "a running job cannot be removed: {body}");
    server.post(&format!("/v1/jobs/{id}/cancel"), &json!({}));
    let (status, _) = server.ask("DELETE", &format!("/v1/jobs/{id}"), None);
    assert_eq!(status, 200);
    assert_eq!(server.ask("GET", &format!("/v1/jobs/{id}"), None).0, 404);
}

#[test]
fn a_stop_puts_the_job_back_and_the_next_service_does_it() {
    let desk = Desk::new();
    let server = desk.serve();
    let target = film(&desk, "6");
    let output = desk.work().join("out.mkv");
    let id = server.add(&target, &output, json!({}));
    reach(&server, &id, 5);
    assert_eq!(server.terminate(), Some(0), "{}", desk.said());
    assert_eq!(hidden_files(&desk.work()), 0, "its hidden file is gone");
    let server = desk.serve();
    let job = server.until(&id, &["done", "failed"]);
    assert_eq!(states(&job), ["queued", "running", "queued", "running", "done"]);
    assert_eq!(job["attempts"], 1, "an attempt that the service cut off does not count");
}

#[test]
fn a_job_that_ends_the_service_twice_is_not_begun_again_by_itself() {
    let desk = Desk::new();
    let mut server = desk.serve();
    let output = desk.work().join("out.mp4");
    let guilty = server.add(long_clip(), &output, json!({}));
    let innocent = {
        let target = desk.target("a.png");
        server.add(&target, &desk.work().join("a-out.png"), json!({}))
    };
    for _ in 0..2 {
        reach(&server, &guilty, 3);
        server.kill();
        server = desk.serve();
    }
    let job = server.until(&guilty, &["failed"]);
    assert_eq!(job["failure"]["kind"], "crashed", "{job:#}");
    assert_eq!(states(&job), ["queued", "running", "queued", "running", "failed"]);
    server.until(&innocent, &["done"]);
    assert_eq!(hidden_files(&desk.work()), 0, "hidden files are left over");
    // By hand it may be tried again.
    server.post(&format!("/v1/jobs/{guilty}/retry"), &json!({}));
    reach(&server, &guilty, 3);
}

#[test]
fn what_is_wrong_with_a_job_is_said_before_it_is_queued() {
    let desk = Desk::new();
    let server = desk.serve();
    let (source, target) = (media("grace_hopper.jpg"), desk.target("a.png"));
    let output = desk.work().join("out.png");
    let good = json!({ "sources": [source], "target": target, "output": output });
    let with = |key: &str, value: Value| {
        let mut new = good.clone();
        new[key] = value;
        new
    };
    for (new, word) in [
        (with("target", json!("/nowhere/a.png")), "/nowhere/a.png"),
        (with("target", json!("a.png")), "absolute"),
        (with("sources", json!([])), "no source"),
        (with("output", json!(desk.work().join("out.txt"))), "extension"),
        (with("output", json!(target)), "also the target"),
        (with("profile", json!("qualty")), "quality"),
        (with("profile", json!("/etc/passwd")), "is a file"),
        (with("settings", json!({ "swap.wieght": 1 })), "swap.weight"),
        (with("settings", json!({ "swap.weight": 7 })), "swap.weight"),
        (with("priority", json!(5000)), "5000"),
        (with("max_attempts", json!(0)), "attempts"),
        (with("name", json!("two\nlines")), "a name"),
        (with("sorces", json!(1)), "sorces"),
    ] {
        let (status, body) = server.ask("POST", "/v1/jobs", Some(&new));
        assert_eq!((status, &body["error"]["type"]), (422, &json!("invalid")), "{new}: {body}");
        assert!(body.to_string().contains(word), "no {word} in {body}");
    }
    let (status, body) = server.ask(
        "POST",
        "/v1/jobs",
        Some(&with("settings", json!({ "swap.model": "inswapper_128" }))),
    );
    assert_eq!((status, &body["error"]["type"]), (409, &json!("missing")), "{body}");
    assert!(body.to_string().contains("models pull w600k_r50 inswapper_128"), "{body}");
    assert_eq!(server.get("/v1/jobs")["total"], 0);
    // Two jobs for one output.
    let (status, _) = server.ask("POST", "/v1/jobs", Some(&with("hold", json!(true))));
    assert_eq!(status, 201);
    let (status, body) = server.ask("POST", "/v1/jobs", Some(&good));
    assert_eq!((status, &body["error"]["type"]), (409, &json!("conflict")), "{body}");
}
