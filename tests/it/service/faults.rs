//! What happens when the disk, the store or the clock is not as it should be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::common::{names_in, words};
use super::Desk;

fn store(desk: &Desk) -> PathBuf {
    desk.home().join("state/jobs.sqlite3")
}

/// A desk whose store holds jobs and whose service has ended.
fn with_jobs(count: usize) -> Desk {
    let desk = Desk::new();
    let server = desk.serve();
    for number in 0..count {
        let target = desk.target(&format!("{number}.png"));
        let output = desk.work().join(format!("{number}-out.png"));
        server.add(&target, &output, json!({ "hold": true }));
    }
    assert_eq!(server.terminate(), Some(0));
    desk
}

/// Starting the service must fail with this exit code and these words.
fn refuses(desk: &Desk, code: i32, says: &[&str]) -> String {
    let output = desk.run(&["service", "run"]);
    let said = words(&output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    for word in says {
        assert!(said.contains(word), "no '{word}' in: {said}");
    }
    said
}

fn aside(desk: &Desk, word: &str) -> Vec<PathBuf> {
    let folder = desk.home().join("state");
    let names = names_in(&folder).into_iter().filter(|name| name.contains(word));
    names.map(|name| folder.join(name)).collect()
}

#[test]
fn a_store_that_was_cut_off_is_moved_aside_whole_and_refused_once() {
    let desk = with_jobs(60);
    let bytes = fs::read(store(&desk)).expect("a store");
    let half = &bytes[..bytes.len() / 2];
    fs::write(store(&desk), half).expect("a store");
    let said = refuses(&desk, 1, &["unreadable", "jobs.sqlite3"]);
    let kept = aside(&desk, ".unreadable-");
    assert!(kept.iter().any(|path| fs::read(path).expect("a file") == half), "{kept:?}");
    assert!(kept.iter().any(|path| said.contains(&path.display().to_string())), "{said}");
    // The next one begins with an empty queue, and what was moved aside stays.
    let server = desk.serve();
    assert_eq!(server.get("/v1/jobs")["total"], 0);
    assert_eq!(server.terminate(), Some(0));
    assert!(kept.iter().all(|path| path.exists()));
}

#[test]
fn a_store_of_a_newer_facedeck_is_moved_aside_untouched() {
    let desk = with_jobs(3);
    let newer = rusqlite::Connection::open(store(&desk)).expect("a store");
    newer.pragma_update(None, "user_version", 999).expect("a version");
    drop(newer);
    let bytes = fs::read(store(&desk)).expect("a store");
    refuses(&desk, 1, &["newer"]);
    let kept = aside(&desk, ".newer-");
    assert!(kept.iter().any(|path| fs::read(path).expect("a file") == bytes), "{kept:?}");
    // Put back by hand, and with its old version, it is as it was.
    let main = kept.iter().find(|path| fs::read(path).expect("a file") == bytes).expect("it");
    fs::rename(main, store(&desk)).expect("a name");
    let back = rusqlite::Connection::open(store(&desk)).expect("a store");
    back.pragma_update(None, "user_version", 1).expect("a version");
    drop(back);
    assert_eq!(desk.serve().get("/v1/jobs")["total"], 3);
}

#[test]
fn a_home_that_cannot_be_written_is_named() {
    let desk = Desk::new();
    let file = desk.work().join("a-file");
    fs::write(&file, "x").expect("a file");
    for home in [file.join("home"), PathBuf::from("/proc/facedeck")] {
        let output = desk
            .command(&["service", "run"])
            .env("FACEDECK_HOME", &home)
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts");
        let said = words(&output);
        assert!(!output.status.success() && !said.contains("panicked"), "{said}");
        assert!(said.contains(&home.display().to_string()), "{said}");
        assert!(said.contains("try:"), "{said}");
    }
}

#[test]
fn a_second_service_is_refused_politely_and_the_first_one_does_not_notice() {
    let desk = Desk::new();
    let server = desk.serve();
    let first = server.child.id().to_string();
    refuses(&desk, 2, &[&first, "service.sock"]);
    assert_eq!(server.get("/v1/service")["pid"].as_u64(), Some(u64::from(server.child.id())));
    let status: serde_json::Value =
        serde_json::from_str(&desk.ok(&["service", "status", "--json"])).expect("JSON");
    assert_eq!(status["pid"].as_u64(), Some(u64::from(server.child.id())));
    assert!(status["counts"]["queued"].is_u64() && status["uptime_seconds"].is_f64(), "{status}");
}

/// Whether this system lets an ordinary program mount a file system of its own.
fn can_mount() -> bool {
    let mut command = Command::new("unshare");
    command.args(["-Urm", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/tmp"]);
    command.output().is_ok_and(|output| output.status.success())
}

/// Where a disk of this size can be had, runs the service on it: its home lies there.
fn on_a_small_disk(size: &str, test: impl FnOnce(&Desk, &Path)) {
    if !can_mount() {
        println!("no small disk can be mounted here");
        return;
    }
    let desk = Desk::new();
    let script = format!(
        "mkdir -p \"$FACEDECK_HOME\" && mount -t tmpfs -o size={size} tmpfs \"$FACEDECK_HOME\" && \
         exec \"$0\" service run"
    );
    let mut command = Command::new("unshare");
    for (name, value) in desk.command(&[]).get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let log = fs::File::create(desk.work().join("log")).expect("a log");
    let mut child = command
        .args(["-Urm", "sh", "-c", &script, env!("CARGO_BIN_EXE_facedeck")])
        .stdin(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("unshare starts");
    // The file system of the service is seen through its process.
    let inside = PathBuf::from(format!("/proc/{}/root{}", child.id(), desk.home().display()));
    let deadline = Instant::now() + Duration::from_secs(20);
    while !inside.join("state/service.sock").exists() {
        assert!(
            Instant::now() < deadline,
            "{}",
            fs::read_to_string(desk.work().join("log")).unwrap()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    test(&desk, &inside);
    child.kill().expect("a child");
    child.wait().expect("a child");
}

#[test]
fn on_a_full_disk_a_job_is_refused_with_the_reason_and_those_that_there_are_stay() {
    on_a_small_disk("1m", |desk, inside| {
        let socket = inside.join("state/service.sock");
        let ask = |method: &str, path: &str, body: Option<&serde_json::Value>| {
            super::desk::ask_at(&socket, method, path, body).expect("the service answers")
        };
        let target = desk.target("a.png");
        let new = |name: &str| {
            json!({
                "sources": [super::super::common::media("grace_hopper.jpg")], "target": target,
                "output": desk.work().join(name), "hold": true,
            })
        };
        let (status, _) = ask("POST", "/v1/jobs", Some(&new("first.png")));
        assert_eq!(status, 201);
        // Whatever fills the disk; it is full to the last byte.
        let filler = inside.join("filler");
        let mut file = fs::File::create(&filler).expect("a file");
        while std::io::Write::write_all(&mut file, &[0; 512]).is_ok() {}
        let mut refused = None;
        for number in 0..400 {
            let (status, body) = ask("POST", "/v1/jobs", Some(&new(&format!("{number}.png"))));
            if status != 201 {
                refused = Some((status, String::from_utf8_lossy(&body).into_owned()));
                break;
            }
        }
        let (status, body) = refused.expect("a refusal");
        assert_eq!(status, 500, "{body}");
        assert!(body.contains("full") && body.contains("hint"), "{body}");
        let total = |bytes: &[u8]| {
            let page: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
            page["total"].as_u64().expect("a count")
        };
        let before = total(&ask("GET", "/v1/jobs", None).1);
        assert!(before >= 1);
        // With room again, everything goes on.
        drop(file);
        fs::remove_file(&filler).expect("a file");
        let (status, body) = ask("POST", "/v1/jobs", Some(&new("after.png")));
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        assert_eq!(total(&ask("GET", "/v1/jobs", None).1), before + 1);
    });
}
