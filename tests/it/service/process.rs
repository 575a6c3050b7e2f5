//! The process around the service: one for each home, which outlives who started it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::super::common::words;
use super::fake::at_home;

/// A home whose service ends with the test.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Home(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        at_home(self.path(), arguments).output().expect("it starts")
    }

    fn record(&self) -> Value {
        let text = std::fs::read_to_string(self.path().join("state/service.json"));
        serde_json::from_str(&text.expect("a record")).expect("JSON")
    }

    fn process(&self) -> Pid {
        let pid = self.record()["pid"].as_i64().expect("a number");
        Pid::from_raw(i32::try_from(pid).expect("a process")).expect("a process")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let run = self.run(&["service", "stop"]);
        assert!(std::thread::panicking() || run.status.success(), "{}", words(&run));
    }
}

fn wait_until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `service run`, when it is ready.
fn in_foreground(home: &Home) -> Child {
    let mut command = at_home(home.path(), &["service", "run", "--json"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let output = child.stdout.as_mut().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("a line");
    assert!(line.contains("\"event\":\"ready\""), "{line}");
    child
}

#[test]
fn the_second_service_is_refused_and_touches_nothing() {
    let home = Home::new();
    assert!(home.run(&["service", "start"]).status.success());
    let before = home.record();
    let run = home.run(&["service", "run"]);
    assert_eq!(run.status.code(), Some(2));
    let pid = before["pid"].to_string();
    for word in ["runs already", &pid, "service.sock"] {
        assert!(words(&run).contains(word), "{}", words(&run));
    }
    assert_eq!(home.record(), before);
    let run = home.run(&["service", "status", "--json"]);
    assert!(run.status.success(), "{}", words(&run));
    let view: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(view["pid"], before["pid"]);
    assert!(view["uptime_seconds"].as_f64().expect("a number") >= 0.0);
    assert_eq!(view["counts"]["queued"], 0);
}

#[test]
fn clients_that_start_it_at_once_all_get_the_same() {
    let home = Home::new();
    let runs: Vec<Output> = std::thread::scope(|scope| {
        let start = || home.run(&["service", "start", "--json"]);
        let all: Vec<_> = (0..6).map(|_| scope.spawn(start)).collect();
        all.into_iter().map(|one| one.join().expect("no panic")).collect()
    });
    let pids: Vec<Value> = runs
        .iter()
        .map(|run| {
            assert!(run.status.success(), "{}", words(run));
            serde_json::from_slice::<Value>(&run.stdout).expect("JSON")["pid"].clone()
        })
        .collect();
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
}

#[test]
fn it_outlives_its_starter_and_holds_nothing_of_it() {
    let home = Home::new();
    // Its end is seen only when nobody holds the other end any more.
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let mut command = at_home(home.path(), &["service", "start"]);
    command.stdout(writer.try_clone().expect("a pipe")).stderr(writer).process_group(0);
    let mut starter = command.spawn().expect("it starts");
    drop(command);
    let group = Pid::from_child(&starter);
    assert!(starter.wait().expect("it ends").success());
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("the end of the pipe");
    let process = home.process();
    let _ = rustix::process::kill_process_group(group, Signal::HUP);
    kill_process(process, Signal::HUP).expect("it lives");
    assert_eq!(rustix::process::getsid(Some(process)).expect("a session"), process);
    assert!(home.run(&["service", "status"]).status.success());
    assert_eq!(home.process(), process);
}

#[test]
fn a_service_that_cannot_start_says_why_through_its_starter() {
    let home = Home::new();
    let config = home.path().join("config");
    std::fs::create_dir_all(&config).expect("a folder");
    std::fs::write(config.join("config.toml"), "[service]\nlisten = \"nonsense\"\n").expect("it");
    let run = home.run(&["service", "start"]);
    assert_eq!(run.status.code(), Some(2), "{}", words(&run));
    assert!(words(&run).contains("nonsense"), "{}", words(&run));
    // Nobody has accepted the terms in this one.
    let home = Home::new();
    let mut command = at_home(home.path(), &["service", "run"]);
    let run = command.env_remove("FACEDECK_ACCEPT_TERMS").output().expect("it starts");
    assert_eq!(run.status.code(), Some(2), "{}", words(&run));
    assert!(words(&run).contains("--accept-terms"), "{}", words(&run));
}

#[test]
fn the_first_signal_ends_it_cleanly_and_nothing_is_left_to_mislead_clients() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::new();
        let mut child = in_foreground(&home);
        kill_process(Pid::from_child(&child), signal).expect("it lives");
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
        for name in ["service.sock", "service.json"] {
            assert!(!home.path().join("state").join(name).exists(), "{name}");
        }
    }
}

#[test]
fn after_kill_9_the_next_one_starts() {
    let home = Home::new();
    let mut child = in_foreground(&home);
    child.kill().expect("it lives");
    child.wait().expect("it ends");
    assert!(home.path().join("state/service.sock").exists());
    let run = home.run(&["service", "status"]);
    assert_eq!(run.status.code(), Some(1), "{}", words(&run));
    assert!(home.run(&["service", "start"]).status.success());
    let process = home.process();
    assert!(home.run(&["service", "stop"]).status.success());
    wait_until("it lives on", || test_kill_process(process).is_err());
}
