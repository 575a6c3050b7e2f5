//! Every fault of a server: what the user sees, and what lies on the disk afterwards.

use std::time::{Duration, Instant};

use super::home::{Home, Known, bad, body, good};
use super::server::{Answer, Seen, Server};

/// The middle of the file.
const HALF: usize = (3 << 20) / 2;

/// Sends half of the file and calls that all.
fn half(answer: &mut Answer, body: &[u8]) {
    answer.announce(body.len(), &body[..HALF]);
}

/// A server that serves half of it first, then does this, and all goes well from then on.
fn after_half(then: impl Fn(&mut Answer) + Send + Sync + 'static) -> (Server, Vec<u8>) {
    let (all, bytes) = (body(), body());
    let server = Server::faulty(&all, move |_, answer| {
        half(answer, &bytes);
        then(answer);
    });
    (server, all)
}

#[test]
fn nothing_is_wrong() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    good(&home.pull(), &["fetched from 127.0.0.1", "3.0 MiB", "LicenseRef-Test"]);
    home.has_all(&body);
    assert_eq!(server.offsets(), [None]);
    assert_eq!(server.seen()[0].headers["accept-encoding"], "identity");
    good(&home.pull(), &["was here already"]);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn silence_in_the_middle() {
    let (server, body) = after_half(Answer::hang);
    let home = Home::new(&body, &[server.url()]);
    good(&home.pull(), &["was silent for 1 s", "trying again", "going on at 1.5 MiB of 3.0 MiB"]);
    home.has_all(&body);
    assert_eq!(server.offsets(), [None, Some(HALF)]);
    assert_eq!(server.seen()[1].headers["if-range"], "\"1\"");
}

#[test]
fn silence_from_the_start_and_for_ever() {
    let body = body();
    let server = Server::start(|_, answer| answer.hang());
    let home = Home::new(&body, &[server.url()]);
    bad(&home.pull(), 1, &["cannot fetch sharp.onnx", "was silent for 1 s"]);
    assert_eq!(home.names(), [""; 0]);
    assert_eq!(server.seen().len(), 5, "four pauses");
}

#[test]
fn the_line_drops_in_the_middle() {
    let (server, body) = after_half(|_| {});
    let home = Home::new(&body, &[server.url()]);
    good(&home.pull(), &["closed the connection too early (1.5 MiB)", "going on at 1.5 MiB"]);
    home.has_all(&body);
    assert_eq!(server.offsets(), [None, Some(HALF)]);
}

#[test]
fn the_line_drops_for_good() {
    let (all, bytes) = (body(), body());
    let server = Server::start(move |seen: &Seen, answer| {
        if seen.number == 0 {
            half(answer, &bytes);
        }
    });
    let home = Home::new(&all, &[server.url()]);
    bad(&home.pull(), 1, &["closed the connection", "run the same command again: the 1.5 MiB"]);
    assert_eq!(home.names(), [".sharp.onnx.part", ".sharp.onnx.part.toml"]);
    assert_eq!(home.files()[0].1, HALF as u64);
}

#[test]
fn every_connection_drops_soon_but_all_of_them_together_suffice() {
    let (all, bytes) = (body(), body());
    let server = Server::start(move |seen: &Seen, answer| {
        let from = seen.from().unwrap_or(0);
        let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
        let length = (bytes.len() - from).to_string();
        answer.head("206 Partial Content", &[("Content-Range", range), ("Content-Length", length)]);
        answer.send(&bytes[from..(from + (1 << 19)).min(bytes.len())]);
    });
    let home = Home::new(&all, &[server.url()]);
    // Six connections: more than it would try without progress.
    good(&home.pull(), &["going on at 2.5 MiB of 3.0 MiB"]);
    home.has_all(&all);
    assert_eq!(server.seen().len(), 6);
}

#[test]
fn it_announces_too_much() {
    let body = body();
    let bytes = body.clone();
    let server = Server::start(move |_, answer| answer.announce(bytes.len() + 9, &bytes));
    let home = Home::new(&body, &[server.url()]);
    let says = ["announces 3145737 bytes where the catalog's file has 3145728"];
    bad(&home.pull(), 1, &says);
    assert_eq!(home.names(), [""; 0]);
    assert_eq!(server.seen().len(), 1, "no use in asking again");
    // Where the catalog does not know the size, the hash decides.
    let home = Home::knowing(Known::Hash, &body, &[server.url()]);
    good(&home.pull(), &["fetched from"]);
    home.has_all(&body);
}

#[test]
fn it_announces_too_little() {
    let body = body();
    let bytes = body.clone();
    let server = Server::start(move |_, answer| answer.announce(HALF, &bytes));
    let home = Home::new(&body, &[server.url()]);
    bad(&home.pull(), 1, &["announces 1572864 bytes where the catalog's file has 3145728"]);
    assert_eq!(home.names(), [""; 0]);
    let home = Home::knowing(Known::Hash, &body, &[server.url()]);
    bad(&home.pull(), 1, &["sent another file (SHA-256", "it was thrown away"]);
    assert_eq!(home.names(), [""; 0]);
}

#[test]
fn it_announces_nothing_and_sends_too_much() {
    let body = body();
    let bytes = body.clone();
    let server = Server::start(move |_, answer| {
        answer.head("200 OK", &[]);
        answer.send(&bytes);
        answer.send(b"and more");
    });
    let home = Home::new(&body, &[server.url()]);
    bad(&home.pull(), 1, &["sent more than 3145728 bytes", "it was thrown away"]);
    assert_eq!(home.names(), [""; 0]);
}

#[test]
fn the_wrong_bytes() {
    let body = body();
    let mut wrong = body.clone();
    wrong[HALF] ^= 1;
    let liar = Server::good(&wrong);
    let home = Home::new(&body, &[liar.url()]);
    bad(&home.pull(), 1, &["sent another file (SHA-256", "it was thrown away"]);
    assert_eq!(home.names(), [""; 0]);
    assert_eq!(liar.seen().len(), 1, "no use in asking again");
    let honest = Server::good(&body);
    let home = Home::new(&body, &[liar.url(), honest.url()]);
    good(&home.pull(), &["sent another file (SHA-256", "✔ sharp: fetched from"]);
    home.has_all(&body);
}

#[test]
fn a_beginning_from_a_liar_does_not_spoil_the_rest() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    home.begin(&vec![0; HALF], &body, "https://elsewhere/sharp.onnx", "1");
    good(&home.pull(), &["does not fit what was here: from the beginning"]);
    home.has_all(&body);
    assert_eq!(server.offsets(), [Some(HALF), None]);
    assert!(!server.seen()[0].headers.contains_key("if-range"), "another server's tag");
}

#[test]
fn status_416() {
    let body = body();
    let server = Server::faulty(&body, |_, answer| answer.head("416 Range Not Satisfiable", &[]));
    let home = Home::new(&body, &[server.url()]);
    home.begin(&body[..HALF], &body, &server.url(), "1");
    good(&home.pull(), &["has nothing at byte 1572864: from the beginning"]);
    home.has_all(&body);
    assert_eq!(server.offsets(), [Some(HALF), None]);
}

#[test]
fn a_part_that_is_whole_already_needs_no_server() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    home.begin(&body, &body, &server.url(), "1");
    good(&home.pull(), &["fetched from an earlier download"]);
    home.has_all(&body);
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn another_version_of_the_file_meanwhile() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    home.begin(&body[..HALF], &body, &server.url(), "an older tag");
    good(&home.pull(), &["sends the whole file: from the beginning"]);
    home.has_all(&body);
    assert_eq!(server.seen()[0].headers["if-range"], "\"an older tag\"");
}

#[test]
fn it_does_not_know_ranges() {
    let (all, bytes) = (body(), body());
    let server = Server::start(move |seen: &Seen, answer| match seen.number {
        0 => half(answer, &bytes),
        _ => answer.whole(&bytes, "1"),
    });
    let home = Home::new(&all, &[server.url()]);
    good(&home.pull(), &["sends the whole file: from the beginning"]);
    home.has_all(&all);
    assert_eq!(server.offsets(), [None, Some(HALF)]);
}

#[test]
fn status_429_with_seconds() {
    let body = body();
    let busy = |_: &Seen, answer: &mut Answer| {
        answer.head("429 Too Many Requests", &[("Retry-After", "2".into())]);
    };
    let server = Server::faulty(&body, busy);
    let home = Home::new(&body, &[server.url()]);
    let start = Instant::now();
    good(&home.pull(), &["answers 429 Too Many Requests: trying again in 2.0 s"]);
    assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
    home.has_all(&body);
}

#[test]
fn status_429_with_a_date() {
    let body = body();
    let busy = |_: &Seen, answer: &mut Answer| {
        let date = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
        let later = ("Retry-After", "Sun, 06 Nov 1994 08:49:39 GMT".to_owned());
        answer.head("429 Too Many Requests", &[date, later]);
    };
    let server = Server::faulty(&body, busy);
    let home = Home::new(&body, &[server.url()]);
    good(&home.pull(), &["trying again in 2.0 s"]);
    home.has_all(&body);
}

#[test]
fn status_429_for_an_hour() {
    let body = body();
    let busy = Server::start(|_, answer| {
        answer.head("429 Too Many Requests", &[("Retry-After", "3600".into())]);
    });
    let home = Home::new(&body, &[busy.url()]);
    bad(&home.pull(), 1, &["asks to come back in 3600 s"]);
    assert_eq!(home.names(), [""; 0]);
    let free = Server::good(&body);
    let home = Home::new(&body, &[busy.url(), free.url()]);
    good(&home.pull(), &["fetched from"]);
    home.has_all(&body);
}

#[test]
fn status_503_then_well() {
    let body = body();
    let server = Server::faulty(&body, |_, answer| answer.head("503 Service Unavailable", &[]));
    let home = Home::new(&body, &[server.url()]);
    good(&home.pull(), &["answers 503 Service Unavailable: trying again"]);
    home.has_all(&body);
}

#[test]
fn status_404_on_the_first_mirror() {
    let body = body();
    let (empty, full) =
        (Server::start(|_, answer| answer.head("404 Not Found", &[])), Server::good(&body));
    let home = Home::new(&body, &[empty.url(), full.url()]);
    good(&home.pull(), &["fetched from"]);
    home.has_all(&body);
    assert_eq!((empty.seen().len(), full.seen().len()), (1, 1));
    let home = Home::new(&body, &[empty.url()]);
    bad(&home.pull(), 1, &["answers 404 Not Found", "models import sharp.onnx"]);
    assert_eq!(home.names(), [""; 0]);
}

#[test]
fn the_second_mirror_goes_on_where_the_first_broke() {
    let body = body();
    let bytes = body.clone();
    let broken = Server::start(move |_, answer| half(answer, &bytes));
    let good_one = Server::good(&body);
    let home = Home::new(&body, &[broken.url(), good_one.url()]);
    good(&home.pull(), &["going on at 1.5 MiB of 3.0 MiB"]);
    home.has_all(&body);
    assert_eq!(good_one.offsets(), [Some(HALF)]);
}

#[test]
fn a_redirect() {
    let body = body();
    let bytes = body.clone();
    let server = Server::start(move |seen: &Seen, answer| match seen.path.as_str() {
        "/sharp.onnx" => answer.head("302 Found", &[("Location", "/elsewhere?x=1".into())]),
        _ => answer.serve(seen, &bytes, "1"),
    });
    let home = Home::new(&body, &[server.url()]);
    good(&home.pull(), &["fetched from"]);
    home.has_all(&body);
    let paths: Vec<String> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/sharp.onnx", "/elsewhere?x=1"]);
}

#[test]
fn a_redirect_in_a_circle() {
    let body = body();
    let server =
        Server::start(|_, answer| answer.head("302 Found", &[("Location", "/sharp.onnx".into())]));
    let home = Home::new(&body, &[server.url()]);
    bad(&home.pull(), 1, &["redirects without end"]);
    assert_eq!(home.names(), [""; 0]);
}

#[test]
fn slow_but_alive() {
    let body = body();
    let bytes = body.clone();
    let server = Server::start(move |_, answer| {
        answer.announce(bytes.len(), &[]);
        for piece in bytes.chunks(bytes.len() / 5) {
            std::thread::sleep(Duration::from_millis(600));
            answer.send(piece);
        }
    });
    let home = Home::new(&body, &[server.url()]);
    let start = Instant::now();
    good(&home.pull(), &["fetched from"]);
    assert!(start.elapsed() > Duration::from_secs(2), "longer than its patience");
    home.has_all(&body);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_page_instead_of_the_file() {
    let body = body();
    let server = Server::start(|_, answer| {
        answer.head("200 OK", &[("Content-Type", "text/html; charset=utf-8".into())]);
        answer.send(b"<h1>Please log in</h1>");
    });
    let home = Home::new(&body, &[server.url()]);
    bad(&home.pull(), 1, &["answers with a page instead of the file"]);
    assert_eq!(home.names(), [""; 0]);
}

#[test]
fn no_web_server_at_all() {
    let body = body();
    let babble = Server::start(|_, answer| {
        answer.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n");
    });
    let home = Home::new(&body, &[babble.url(), "http://127.0.0.1:1/sharp.onnx".into()]);
    bad(&home.pull(), 1, &["127.0.0.1:1 cannot be reached", "check the connection"]);
    assert_eq!(home.names(), [""; 0]);
}

#[test]
#[cfg(target_os = "linux")]
fn the_disk_is_full() {
    let body = body();
    let server = Server::good(&body);
    let home = Home::new(&body, &[server.url()]);
    let pull = home.command(&["pull", "sharp", "--accept-license"]);
    let mut limited = std::process::Command::new("sh");
    // In blocks of 512 bytes: room for 1 MiB.
    limited.args(["-c", "ulimit -f 2048; exec \"$@\"", "sh"]).arg(pull.get_program());
    limited.args(pull.get_args());
    for (name, value) in pull.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let output = limited.output().expect("it starts");
    println!("== full: {}\n-- {:?}", super::super::common::words(&output), home.files());
    bad(&output, 1, &["cannot write", "File too large", "goes on from here"]);
    assert_eq!(home.names(), [".sharp.onnx.part", ".sharp.onnx.part.toml"]);
    // With room again it goes on.
    good(&home.pull(), &["going on at 1.0 MiB of 3.0 MiB"]);
    home.has_all(&body);
}
