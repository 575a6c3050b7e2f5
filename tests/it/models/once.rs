//! Bytes cross the wire once: after a kill the rest is fetched, and of two processes one fetches.

use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::home::{Home, body, good};
use super::server::{Answer, Seen, Server};

/// What crosses the wire before the server waits.
const SENT: usize = 2 << 20;

/// Waits until this is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A server that sends 2 MiB and then nothing, and serves well from the second request on.
pub fn sticking(all: &[u8]) -> Server {
    let bytes = all.to_vec();
    Server::faulty(all, move |_, answer: &mut Answer| {
        answer.announce(bytes.len(), &bytes[..SENT]);
        answer.hang();
    })
}

/// A running `models pull` with so many bytes on the disk.
pub fn midway(home: &Home, patience: &str) -> Child {
    let child = home
        .command(&["pull", "sharp", "--accept-license"])
        .env("FACEDECK_NETWORK_PATIENCE", patience)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let part = home.path(".sharp.onnx.part");
    let length = || std::fs::metadata(&part).map_or(0, |metadata| metadata.len());
    until("2 MiB", || length() == SENT as u64);
    child
}

/// All that a process said.
pub fn said(child: &mut Child) -> String {
    let mut text = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn after_kill_9_only_the_rest_is_fetched() {
    let body = body();
    let server = sticking(&body);
    let home = Home::new(&body, &[server.url()]);
    let mut child = midway(&home, "60");
    child.kill().expect("a signal");
    child.wait().expect("its end");
    println!("== kill -9: {}\n-- {:?}", said(&mut child), home.files());
    assert!(!home.path("sharp.onnx").exists());
    // The lock of the dead holds nobody up.
    assert_eq!(home.names(), [".sharp.onnx.lock", ".sharp.onnx.part", ".sharp.onnx.part.toml"]);
    good(&home.pull(), &["going on at 2.0 MiB of 3.0 MiB"]);
    home.has_all(&body);
    assert_eq!(server.offsets(), [None, Some(SENT)]);
}

#[test]
fn of_two_at_once_one_fetches_and_the_other_takes_it() {
    let body = body();
    let bytes = body.clone();
    let server = Server::start(move |_: &Seen, answer| {
        answer.announce(bytes.len(), &bytes[..SENT]);
        std::thread::sleep(Duration::from_millis(1500));
        answer.send(&bytes[SENT..]);
    });
    let home = Home::new(&body, &[server.url()]);
    let mut first = midway(&home, "20");
    let second = home.pull();
    good(&second, &["another facedeck is fetching sharp.onnx: waiting for it"]);
    good(&second, &["was fetched by another facedeck meanwhile"]);
    assert!(first.wait().expect("its end").success());
    println!("== first: {}", said(&mut first));
    home.has_all(&body);
    assert_eq!(server.seen().len(), 1, "one download on the wire");
}

#[test]
fn the_second_takes_over_when_the_first_dies() {
    let body = body();
    let server = sticking(&body);
    let home = Home::new(&body, &[server.url()]);
    let mut first = midway(&home, "60");
    let mut second = home
        .command(&["pull", "sharp", "--accept-license"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.seen().len(), 1);
    first.kill().expect("a signal");
    first.wait().expect("its end");
    assert!(second.wait().expect("its end").success());
    let words = said(&mut second);
    assert!(words.contains("waiting for it") && words.contains("going on at 2.0 MiB"), "{words}");
    home.has_all(&body);
    assert_eq!(server.offsets(), [None, Some(SENT)]);
}
