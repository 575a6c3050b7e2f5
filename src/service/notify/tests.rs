use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::*;
use crate::interrupt::Interrupt;
use crate::jobs::{Failure, JobId, Origin, State};

pub(in crate::service) fn job(state: State) -> JobView {
    let now = Timestamp::now();
    JobView {
        id: JobId::generate().to_string(),
        name: "film.mp4".into(),
        state,
        reason: String::new(),
        waiting: None,
        sources: vec!["/a.png".into()],
        target: "/film.mp4".into(),
        output: "/film-swapped.mp4".into(),
        profile: "embedded".into(),
        device: "cpu".into(),
        origin: Origin::Local,
        priority: 0,
        place: 0,
        after: Vec::new(),
        not_before: None,
        attempts: 1,
        max_attempts: 3,
        created: now,
        started: Some(now),
        ended: state.is_final().then_some(now),
        progress: None,
        failure: None,
        summary: None,
    }
}

fn message(job: Option<JobView>) -> Message {
    let counts = Counts { done: 1, ..Counts::default() };
    let event = if job.is_some() { Occasion::Done } else { Occasion::QueueEmpty };
    let (title, text) = words(event, job.as_ref(), &counts);
    Message { event, at: Timestamp::now(), title, text, job, counts }
}

fn secret_file(folder: &Path, mode: u32) -> PathBuf {
    let file = folder.join("secret");
    fs::write(&file, "hush\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    file
}

/// What a test server was sent.
struct Request {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// A server that gives these answers one after the other, then no more; 0 is a line that breaks.
fn server(answers: &'static [u16]) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let mut headers = Vec::new();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                match line.trim_end().split_once(": ") {
                    Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                    None if line.trim_end().is_empty() => break,
                    None => {}
                }
            }
            let mut request = Request { headers, body: Vec::new() };
            let length: usize = request.header("content-length").parse().unwrap();
            request.body.resize(length, 0);
            stream.read_exact(&mut request.body).unwrap();
            tell.send(request).unwrap();
            if *answer > 0 {
                let head = format!(
                    "HTTP/1.1 {answer} X\r\nContent-Length: 0\r\nLocation: {answer}\r\nConnection: close\r\n\r\n"
                );
                stream.get_mut().write_all(head.as_bytes()).unwrap();
            }
        }
    });
    (url, told)
}

const QUICK: webhook::Patience =
    webhook::Patience { answer: Duration::from_secs(5), pause: Duration::from_millis(1) };

fn call(url: &str, secret: Option<PathBuf>) -> Result<()> {
    let notify =
        Notify { webhook: Some(url.into()), webhook_secret_file: secret, ..Notify::default() };
    webhook::call_with(QUICK, &notify, &message(Some(job(State::Done))), &Interrupt::new())
}

#[test]
fn a_webhook_is_signed_and_tried_again_when_the_server_cannot_take_it_now() {
    let home = tempfile::tempdir().unwrap();
    let (url, told) = server(&[503, 429, 0, 500, 204]);
    call(&url, Some(secret_file(home.path(), 0o600))).unwrap();
    let requests: Vec<Request> = told.iter().collect();
    assert_eq!(requests.len(), 5);
    for request in &requests {
        let timestamp = request.header("x-facedeck-timestamp");
        let seconds: i64 = timestamp.parse().unwrap();
        assert!((Timestamp::now().as_second() - seconds).abs() < 60);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"hush").unwrap();
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(&request.body);
        let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(request.header("x-facedeck-signature"), format!("sha256={hex}"));
        let delivery = request.header("x-facedeck-delivery");
        assert!(delivery.parse::<ulid::Ulid>().is_ok(), "{delivery}");
        assert_eq!(delivery, requests[0].header("x-facedeck-delivery"), "one message");
        assert_eq!(request.header("content-type"), "application/json");
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["event"], "done");
        assert_eq!(body["job"]["target"], "/film.mp4");
        assert_eq!(body["counts"]["done"], 1);
    }
}

#[test]
fn what_the_server_does_not_want_is_not_sent_again() {
    for answer in [&[400][..], &[404], &[301]] {
        let answer: &'static [u16] = answer.to_vec().leak();
        let (url, told) = server(answer);
        let error = call(&url, None).unwrap_err();
        assert!(error.message().contains(&format!("answered {}", answer[0])), "{error}");
        let requests: Vec<Request> = told.iter().collect();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].header("x-facedeck-signature"), "", "there is no secret");
    }
}

#[test]
fn a_server_that_stays_away_is_given_up_after_five_more_tries() {
    let (url, told) = server(&[500; 7]);
    let error = call(&url, None).unwrap_err();
    assert!(error.message().contains("answered 500, 6 times"), "{error}");
    assert_eq!(told.try_iter().count(), 6);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = call(&format!("http://{gone}/"), None).unwrap_err();
    assert!(error.message().contains("cannot be reached"), "{error}");
}

#[test]
fn the_end_of_the_service_ends_the_tries() {
    let (url, told) = server(&[500; 7]);
    let stopping = Interrupt::new();
    let patience = webhook::Patience { pause: Duration::from_secs(600), ..QUICK };
    let notify = Notify { webhook: Some(url), ..Notify::default() };
    let stop = stopping.clone();
    let trying =
        std::thread::spawn(move || webhook::call_with(patience, &notify, &message(None), &stop));
    told.recv_timeout(Duration::from_secs(20)).unwrap();
    stopping.set();
    assert_eq!(trying.join().unwrap().unwrap_err().exit_code(), 130);
}

#[test]
fn a_secret_that_others_can_read_signs_nothing() {
    let home = tempfile::tempdir().unwrap();
    for mode in [0o644, 0o640, 0o602] {
        let error = secret::read(&secret_file(home.path(), mode)).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message().contains(&format!("{mode:04o}")), "{error}");
        assert!(error.hint_text().unwrap().starts_with("chmod 600"));
        // Nothing is sent: there is no server.
        assert!(call("http://127.0.0.1:9/", Some(home.path().join("secret"))).is_err());
    }
    let file = secret_file(home.path(), 0o600);
    assert_eq!(secret::read(&file).unwrap(), b"hush");
    fs::write(&file, "\n").unwrap();
    assert!(secret::read(&file).unwrap_err().message().contains("is empty"));
    fs::write(&file, vec![b'x'; 5000]).unwrap();
    assert!(secret::read(&file).unwrap_err().message().contains("too large"));
    assert!(secret::read(&home.path().join("gone")).is_err());
}

fn shell(script: &str, arguments: &[&Path]) -> Vec<String> {
    let mut words = vec!["sh".to_owned(), "-c".into(), script.into(), "sh".into()];
    words.extend(arguments.iter().map(|path| path.display().to_string()));
    words
}

#[test]
fn a_command_is_told_everything() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("told");
    let words = shell("{ echo \"$FACEDECK_EVENT $FACEDECK_JOB\"; cat; } > \"$1\"", &[&file]);
    let job = job(State::Done);
    let id = job.id.clone();
    command::run(&words, &message(Some(job)), &Interrupt::new()).unwrap();
    let told = fs::read_to_string(&file).unwrap();
    let (line, body) = told.split_once('\n').unwrap();
    assert_eq!(line, format!("done {id}"));
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["event"], &body["job"]["id"]), (&"done".into(), &id.into()));

    command::run(&words, &message(None), &Interrupt::new()).unwrap();
    let told = fs::read_to_string(&file).unwrap();
    assert!(told.starts_with("queue_empty \n"), "{told}");
    assert!(told.contains("\"job\":null"), "{told}");
}

#[test]
fn a_command_that_fails_says_why_and_one_that_hangs_is_ended_with_what_it_started() {
    let run = |words: &[String]| {
        command::run_within(
            Duration::from_millis(300),
            words,
            &message(Some(job(State::Done))),
            &Interrupt::new(),
        )
        .unwrap_err()
    };
    let error = run(&shell("echo no such room >&2; exit 7", &[]));
    assert!(error.chain().ends_with("exit code 7: no such room"), "{}", error.chain());
    let error = run(&["/nowhere/notify".into()]);
    assert!(error.message().contains("/nowhere/notify cannot be run"), "{error}");

    let home = tempfile::tempdir().unwrap();
    let (alive, late) = (home.path().join("alive"), home.path().join("late"));
    let begun = Instant::now();
    let error =
        run(&shell("(trap '' HUP; sleep 2; : > \"$2\") & : > \"$1\"; wait", &[&alive, &late]));
    assert!(error.message().contains("was killed"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    // What it started is gone, too: nobody holds the group any more.
    assert!(alive.exists());
    std::thread::sleep(Duration::from_millis(2500).saturating_sub(begun.elapsed()));
    assert!(!late.exists());
}

#[test]
fn an_end_is_told_once_however_often_it_is_heard() {
    let mut occasions = Occasions::new(false);
    let mut one = job(State::Running);
    assert!(!occasions.has_ended(&one));
    one.state = State::Failed;
    one.ended = Some(Timestamp::UNIX_EPOCH);
    assert!(occasions.has_ended(&one));
    assert!(!occasions.has_ended(&one));
    // Tried again, it came to another end.
    one.ended = Some(Timestamp::now());
    one.state = State::Done;
    assert!(occasions.has_ended(&one));
    assert!(occasions.has_ended(&job(State::Cancelled)));
    assert!(!occasions.has_ended(&one));
    assert_eq!(occasions::of(State::Refused), Some(Occasion::Refused));
    assert_eq!(occasions::of(State::Cancelled), None);
}

#[test]
fn a_queue_is_empty_once_after_it_was_not() {
    let mut occasions = Occasions::new(false);
    assert!(occasions.stays(false), "it never was anything else");
    assert!(occasions.stays(true));
    assert!(!occasions.stays(false));
    assert!(!occasions.is_empty_now(true), "a count that came late");
    assert!(!occasions.stays(false));
    assert!(occasions.is_empty_now(false));
    assert!(occasions.stays(false));
    assert!(!occasions.is_empty_now(false));
    // After a start with work to do, too.
    assert!(!Occasions::new(true).stays(false));
}

#[test]
fn a_full_outbox_loses_the_oldest_and_delivers_the_rest_in_order() {
    let (tell, told) = channel();
    let (open, gate) = channel::<()>();
    let outbox = Outbox::start("test", move |message| {
        tell.send(message.title.clone()).unwrap();
        // The first one takes as long as the test wants.
        let _ = gate.recv();
        Ok(())
    });
    let send = |title: String| outbox.send(Message { title, ..message(None) });
    send("first".into());
    assert_eq!(told.recv_timeout(Duration::from_secs(20)).unwrap(), "first");
    for index in 0..outbox::MOST + 3 {
        send(index.to_string());
    }
    drop(open);
    for index in 3..outbox::MOST + 3 {
        assert_eq!(told.recv_timeout(Duration::from_secs(20)).unwrap(), index.to_string());
    }
    drop(outbox);
    assert!(told.recv_timeout(Duration::from_secs(20)).is_err(), "the thread ended");
}

#[test]
fn people_are_told_in_words() {
    let mut failed = job(State::Failed);
    failed.failure = Some(Failure::of_kind("no_face", "there is no face", None));
    let told = words(Occasion::Failed, Some(&failed), &Counts::default());
    assert_eq!(told, ("film.mp4 failed".into(), "there is no face".into()));
    let counts = Counts { done: 3, failed: 1, ..Counts::default() };
    let told = words(Occasion::QueueEmpty, None, &counts);
    assert_eq!(told.0, "Nothing is left to do");
    assert_eq!(told.1, "3 done, 1 failed, 0 refused");
    let told = words(Occasion::QueueEmpty, None, &Counts { paused: 2, ..counts });
    assert_eq!(told.0, "2 paused jobs are left");
}
