//! A service that says what the test wants it to say, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::common::facedeck;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Method and path with query.
    pub line: String,
    /// Header lines, in lower case.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// What is answered.
pub enum Reply {
    /// A status and JSON.
    Json(u16, Value),
    /// Events, after which the line is cut.
    Events(Vec<String>),
    /// Bytes.
    Bytes(Vec<u8>),
}

type Answer = dyn Fn(&Asked) -> Option<Reply> + Send + Sync;

/// The service, and a home in which commands find it.
pub struct Fake {
    pub home: TempDir,
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// A service that answers like this; what the function leaves out is answered as a service of
    /// this version would, or with 404.
    pub fn new(answer: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let state = home.path().join("state");
        std::fs::create_dir(&state).expect("a folder");
        let socket = state.join("service.sock");
        let unix = UnixListener::bind(&socket).expect("a socket");
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = tcp.local_addr().expect("an address").to_string();
        let record = json!({
            "pid": std::process::id(),
            "started": "2026-01-01T00:00:00Z",
            "socket": socket,
            "version": "0.1.0",
        });
        std::fs::write(state.join("service.json"), record.to_string()).expect("a record");
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let answer: Arc<Answer> = Arc::new(answer);
        let (log, say) = (Arc::clone(&asked), Arc::clone(&answer));
        std::thread::spawn(move || {
            for stream in unix.incoming().flatten() {
                let (log, say) = (Arc::clone(&log), Arc::clone(&say));
                let reader = stream.try_clone().expect("a stream");
                std::thread::spawn(move || serve(reader, stream, &log, &*say));
            }
        });
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in tcp.incoming().flatten() {
                let (log, say) = (Arc::clone(&log), Arc::clone(&answer));
                let reader = stream.try_clone().expect("a stream");
                std::thread::spawn(move || serve(reader, stream, &log, &*say));
            }
        });
        Fake { home, address, asked }
    }

    /// What it was asked so far that begins like this.
    pub fn asked(&self, begin: &str) -> Vec<Asked> {
        let asked = self.asked.lock().expect("no panic");
        asked.iter().filter(|asked| asked.line.starts_with(begin)).cloned().collect()
    }

    /// Forgets what it was asked so far.
    pub fn forget(&self) {
        self.asked.lock().expect("no panic").clear();
    }

    /// facedeck, at home with this service.
    pub fn command(&self, arguments: &[&str]) -> Command {
        at_home(self.home.path(), arguments)
    }

    /// Runs it.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it starts")
    }
}

/// facedeck in this home.
pub fn at_home(home: &Path, arguments: &[&str]) -> Command {
    let mut command = facedeck();
    command.env("FACEDECK_HOME", home).args(arguments);
    for name in ["FACEDECK_HOST", "FACEDECK_TOKEN", "FACEDECK_SSH"] {
        command.env_remove(name);
    }
    command
}

trait Stream: Read + Write + Send {}
impl Stream for UnixStream {}
impl Stream for TcpStream {}

fn serve(reader: impl Stream, mut writer: impl Stream, log: &Mutex<Vec<Asked>>, answer: &Answer) {
    let mut reader = BufReader::new(reader);
    while let Some(asked) = read(&mut reader) {
        log.lock().expect("no panic").push(asked.clone());
        let reply = answer(&asked).unwrap_or_else(|| usual(&asked));
        let (head, body) = match reply {
            Reply::Json(status, value) => {
                let body = value.to_string().into_bytes();
                (format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n", body.len()), body)
            }
            Reply::Bytes(body) => {
                (format!("HTTP/1.1 200 x\r\ncontent-length: {}\r\n\r\n", body.len()), body)
            }
            Reply::Events(events) => {
                let head = "HTTP/1.1 200 x\r\ncontent-type: text/event-stream\r\nconnection: close\
                            \r\n\r\n";
                let sent = writer.write_all(head.as_bytes());
                // Every event is cut into two pieces.
                for event in events {
                    let (a, b) = event.split_at(event.len() / 2);
                    let _ = writer.write_all(a.as_bytes()).and_then(|()| writer.flush());
                    let _ = writer.write_all(b.as_bytes()).and_then(|()| writer.flush());
                }
                let _ = sent;
                return;
            }
        };
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(&body)).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut asked = Asked::default();
    reader.read_line(&mut asked.line).ok().filter(|read| *read > 0)?;
    asked.line = asked.line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => asked.headers.push(line.to_lowercase()),
        }
    }
    let length = asked.headers.iter().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().expect("a number"));
    asked.body = vec![0; length];
    reader.read_exact(&mut asked.body).ok()?;
    Some(asked)
}

fn usual(asked: &Asked) -> Reply {
    match asked.line.as_str() {
        "GET /v1/version" => Reply::Json(200, json!({ "version": "0.1.0", "protocol": 1 })),
        _ => fault(404, "not_found", &format!("there is no {}", asked.line)),
    }
}

/// An answer that is an error.
pub fn fault(status: u16, kind: &str, message: &str) -> Reply {
    Reply::Json(status, json!({ "error": { "type": kind, "message": message } }))
}

/// A job as the service shows it.
pub fn job(id: &str, name: &str, state: &str) -> Value {
    json!({
        "id": id, "name": name, "state": state, "reason": "",
        "sources": ["/in/me.jpg"], "target": "/in/film.mp4", "output": "/in/out.mp4",
        "profile": "embedded", "device": "cpu", "origin": { "kind": "local" },
        "priority": 0, "after": [], "not_before": null, "attempts": 1, "max_attempts": 3,
        "created": "2026-01-01T00:00:00Z", "started": null, "ended": null,
    })
}

/// A job with everything about it.
pub fn detail(job: Value) -> Value {
    let mut detail = job;
    detail["settings"] = json!({});
    detail["history"] = json!([]);
    detail
}

/// How many jobs are in each state: none.
pub fn counts() -> Value {
    json!({
        "queued": 0, "running": 0, "paused": 0, "done": 0, "failed": 0, "refused": 0,
        "cancelled": 0,
    })
}
