//! Terminals come and go; the work stays.

use std::io::Read;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, getsid, kill_process};
use serde_json::{Value, json};

use super::super::commands::midway::is_gone;
use super::super::common::{ffmpeg, media};
use super::Desk;

/// A film that lasts for so many seconds, 25 frames each.
fn film(desk: &Desk, seconds: u32) -> (String, String) {
    let path = desk.work().join("film.mp4").display().to_string();
    let portrait = media("astronaut.png").display().to_string();
    let input = ["-loop", "1", "-framerate", "25", "-t", &seconds.to_string(), "-i", &portrait];
    let how = ["-vf", "scale=256:256,format=yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];
    ffmpeg(&[&input[..], &how[..], &[&path]].concat());
    (path, desk.work().join("out.mp4").display().to_string())
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).expect("an id")).expect("a process")
}

/// The only job; none as long as there is none.
fn first_job(desk: &Desk) -> Option<Value> {
    let said = desk.ok(&["jobs", "list", "--json"]);
    let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let (jobs, end): (Vec<Value>, Vec<Value>) = lines.partition(|line| line["event"] == "job");
    assert_eq!(end[0]["total"], jobs.len(), "{said}");
    assert!(jobs.len() <= 1, "{said}");
    jobs.into_iter().next()
}

fn only_job(desk: &Desk) -> Value {
    first_job(desk).expect("a job")
}

fn frames_made(desk: &Desk) -> Option<u64> {
    desk.socket().exists().then(|| first_job(desk)?["progress"]["frames"].as_u64())?
}

/// Starts `add --wait` in a terminal of its own, waits until frames are made, and ends the client
/// this way before the terminal goes.
fn the_job_outlives(end: impl FnOnce(u32)) {
    let desk = Desk::new();
    let (target, output) = film(&desk, 8);
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let terminal = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_facedeck"));
    for (name, value) in desk.command(&[]).get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let source = media("grace_hopper.jpg");
    command.args(["add", "-s"]);
    command.arg(source);
    command.args(["-t", &target, "-o", &output, "--wait"]);
    let mut client = terminal.slave.spawn_command(command).expect("the binary starts");
    drop(terminal.slave);
    let mut reader = terminal.master.try_clone_reader().expect("a reader");
    let (said, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read) = reader.read(&mut bytes) {
            if read == 0 || said.send(String::from_utf8_lossy(&bytes[..read]).into_owned()).is_err()
            {
                break;
            }
        }
    });
    // The service was started by the client; its terminal is not the client's.
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut text = String::new();
    while frames_made(&desk) < Some(5) {
        assert!(Instant::now() < deadline, "no frame is made; the client said: {text}");
        std::thread::sleep(Duration::from_millis(50));
        text.extend(hear.try_iter());
    }
    let service = desk.service();
    let client_id = client.process_id().expect("an id");
    assert_ne!(getsid(Some(pid(service))), getsid(Some(pid(client_id))), "one session");
    end(client_id);
    // Who reads the terminal holds its line as well, and lets it go when nobody hears it.
    drop(hear);
    drop(terminal.master);
    let deadline = Instant::now() + Duration::from_secs(20);
    let status = loop {
        if let Some(status) = client.try_wait().expect("a child") {
            break status;
        }
        assert!(Instant::now() < deadline, "the client stays");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.exit_code(), 130, "{status}");
    assert_eq!(only_job(&desk)["state"], "running", "the client stayed until the job was done");
    assert!(!is_gone(service), "the service went with the terminal");
    let id = only_job(&desk)["id"].as_str().expect("an id").to_owned();
    let run = desk.run(&["jobs", "wait", &id]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(only_job(&desk)["state"], "done");
    assert_eq!(only_job(&desk)["attempts"], 1, "it was begun again");
    assert!(std::path::Path::new(&output).exists());
    assert_eq!(desk.service(), service, "another service");
    desk.ok(&["service", "stop"]);
    // It has let go of everything; the system takes a moment to forget it.
    let deadline = Instant::now() + Duration::from_secs(5);
    while !is_gone(service) {
        assert!(Instant::now() < deadline, "the service stays");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_line_is_cut_and_the_job_goes_on() {
    // Closing the master is what a terminal, or sshd, does: the client gets SIGHUP.
    the_job_outlives(|_| {});
}

#[test]
fn the_client_is_hung_up_and_the_job_goes_on() {
    the_job_outlives(|client| kill_process(pid(client), Signal::HUP).expect("a signal"));
}

#[test]
fn everybody_sees_the_same() {
    let desk = Desk::new();
    let server = desk.serve();
    let (target, output) = film(&desk, 3);
    // Two that watch, one that asks, and one on the command line. Those that watch read all the
    // while: who reads nothing for half a minute is let go.
    let watch = |_| {
        let watcher = server.listen("/v1/events");
        std::thread::spawn(move || {
            watcher.until(|event| event["type"] == "job" && event["job"]["state"] == "done")
        })
    };
    let watchers: Vec<_> = (0..2).map(watch).collect();
    let id = server.add(target.as_ref(), output.as_ref(), json!({ "name": "shared" }));
    let desk_line = desk.run(&["jobs", "wait", &id]);
    assert!(desk_line.status.success());
    let asked = server.job(&id);
    assert_eq!(asked["state"], "done");
    let stories: Vec<Vec<Value>> = watchers
        .into_iter()
        .map(|watcher| watcher.join().expect("a story with an end"))
        .map(|events| events.into_iter().filter(|event| event["type"] != "snapshot").collect())
        .collect();
    assert_eq!(stories[0], stories[1], "two watchers heard different things");
    let last = &stories[0].last().expect("an event")["job"];
    assert_eq!(last["summary"], asked["summary"]);
    let states: Vec<&str> = stories[0]
        .iter()
        .filter(|event| event["type"] == "job")
        .map(|event| event["job"]["state"].as_str().expect("a state"))
        .collect();
    assert_eq!(states, ["queued", "running", "done"]);
    assert!(stories[0].iter().any(|event| event["type"] == "progress"));
    assert_eq!(only_job(&desk)["summary"], asked["summary"]);
}
