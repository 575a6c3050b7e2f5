//! A web server of this machine that does what a test says, request by request.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// How many came before it.
    pub number: usize,
    /// The path.
    pub path: String,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Seen {
    /// The first byte that is asked for.
    pub fn from(&self) -> Option<usize> {
        self.headers.get("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// A connection to answer on.
pub struct Answer(TcpStream);

impl Answer {
    /// Sends a status line and headers.
    pub fn head(&mut self, status: &str, headers: &[(&str, String)]) {
        let mut text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        self.send(text.as_bytes());
    }

    /// Sends bytes; whether somebody still listens.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).and_then(|()| self.0.flush()).is_ok()
    }

    /// Says nothing any more, until the other side has given up.
    pub fn hang(&mut self) {
        self.0.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket");
        let _ = std::io::Read::read(&mut self.0, &mut [0]);
    }

    /// Answers as a good server does, `Range` and `If-Range` included.
    pub fn serve(&mut self, seen: &Seen, body: &[u8], tag: &str) {
        let tags = [("ETag", format!("\"{tag}\""))];
        let still = seen.headers.get("if-range").is_none_or(|value| *value == tags[0].1);
        match seen.from().filter(|_| still) {
            Some(from) if from >= body.len() => {
                self.head("416 Range Not Satisfiable", &[]);
            }
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
                let length = (body.len() - from).to_string();
                let headers = [("Content-Range", range), ("Content-Length", length)];
                self.head("206 Partial Content", &[&headers[..], &tags[..]].concat());
                self.send(&body[from..]);
            }
            None => self.whole(body, tag),
        }
    }

    /// Sends all of it, whatever was asked for.
    pub fn whole(&mut self, body: &[u8], tag: &str) {
        let headers = [("Content-Length", body.len().to_string()), ("ETag", format!("\"{tag}\""))];
        self.head("200 OK", &headers);
        self.send(body);
    }

    /// Announces `length` bytes and sends these.
    pub fn announce(&mut self, length: usize, body: &[u8]) {
        let headers = [("Content-Length", length.to_string()), ("ETag", "\"1\"".to_owned())];
        self.head("200 OK", &headers);
        self.send(body);
    }
}

/// A running server. It lives as long as the test.
pub struct Server {
    /// Its address, without a path.
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server that answers as `script` says.
    pub fn start(script: impl Fn(&Seen, &mut Answer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("a port"));
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (script, log) = (Arc::new(script), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                // One that hangs must not keep the others waiting.
                std::thread::spawn(move || {
                    let Some(mut request) = read(&stream) else { return };
                    {
                        let mut log = log.lock().expect("the log");
                        request.number = log.len();
                        log.push(request.clone());
                    }
                    script(&request, &mut Answer(stream));
                });
            }
        });
        Server { address, seen }
    }

    /// A server that does this for the first request, and well from then on.
    pub fn faulty(body: &[u8], fault: impl Fn(&Seen, &mut Answer) + Send + Sync + 'static) -> Self {
        let body = body.to_vec();
        Server::start(move |seen, answer| match seen.number {
            0 => fault(seen, answer),
            _ => answer.serve(seen, &body, "1"),
        })
    }

    /// A server without a fault.
    pub fn good(body: &[u8]) -> Self {
        let body = body.to_vec();
        Server::start(move |seen, answer| answer.serve(seen, &body, "1"))
    }

    /// The address of a file on it.
    pub fn url(&self) -> String {
        format!("{}/sharp.onnx", self.address)
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the log").clone()
    }

    /// The first byte that each request asked for; `None` for those that wanted all.
    pub fn offsets(&self) -> Vec<Option<usize>> {
        self.seen().iter().map(Seen::from).collect()
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let line = lines.next()?.ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    Some(Seen { number: 0, path, headers })
}
