//! Ctrl-C while a model is fetched: at once, exit 130, and what came is kept.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::home::{Home, body, good};
use super::once::{midway, said, sticking, until};
use super::server::Server;

fn stop(child: &mut Child) -> String {
    let sent = Instant::now();
    let pid = Pid::from_raw(child.id().try_into().expect("an id")).expect("an id");
    kill_process(pid, Signal::INT).expect("a signal");
    let status = child.wait().expect("its end");
    assert!(sent.elapsed() < Duration::from_secs(5), "{:?}", sent.elapsed());
    let said = said(child);
    println!("== Ctrl-C, ended after {:?}: {said}", sent.elapsed());
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    said
}

#[test]
fn while_bytes_come() {
    let body = body();
    let server = sticking(&body);
    let home = Home::new(&body, &[server.url()]);
    // The server has fallen silent, and is waited for: a minute, if it were not for Ctrl-C.
    stop(&mut midway(&home, "60"));
    println!("-- {:?}", home.files());
    assert_eq!(home.names(), [".sharp.onnx.part", ".sharp.onnx.part.toml"]);
    good(&home.pull(), &["going on at 2.0 MiB of 3.0 MiB"]);
    home.has_all(&body);
    assert_eq!(server.offsets(), [None, Some(2 << 20)]);
}

#[test]
fn while_it_waits_to_try_again() {
    let body = body();
    let server = Server::start(|_, answer| {
        answer.head("503 Service Unavailable", &[("Retry-After", "60".into())]);
    });
    let home = Home::new(&body, &[server.url()]);
    let mut child = home
        .command(&["pull", "sharp", "--accept-license"])
        .env("FACEDECK_NETWORK_PATIENCE", "20")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    until("a request", || server.seen().len() == 1);
    std::thread::sleep(Duration::from_millis(300));
    assert!(stop(&mut child).contains("trying again in 60.0 s"));
    assert_eq!(home.names(), [""; 0]);
}

#[test]
fn while_the_server_thinks() {
    let body = body();
    let server = Server::start(|_, answer| answer.hang());
    let home = Home::new(&body, &[server.url()]);
    let mut child = home
        .command(&["pull", "sharp", "--accept-license"])
        .env("FACEDECK_NETWORK_PATIENCE", "60")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    until("a request", || server.seen().len() == 1);
    stop(&mut child);
    assert_eq!(home.names(), [""; 0]);
}
