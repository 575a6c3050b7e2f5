//! A home with a service, and a small client that shares no code with the program.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::common::{facedeck, media, words};

/// A folder for everything that facedeck keeps, and one for pictures.
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    /// An empty one.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("work")).expect("a folder");
        Desk { folder }
    }

    /// Where pictures and outputs lie.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// `FACEDECK_HOME`.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The socket of the service.
    pub fn socket(&self) -> PathBuf {
        self.home().join("state/service.sock")
    }

    /// The binary at home here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = facedeck();
        command.env("FACEDECK_HOME", self.home()).args(arguments);
        command
    }

    /// Runs the binary.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().expect("the binary starts")
    }

    /// Runs the binary, which must succeed; what it said on standard output.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", words(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The process of the service that runs here.
    pub fn service(&self) -> u32 {
        let status = self.ok(&["service", "status", "--json"]);
        let status: Value = serde_json::from_str(&status).expect("JSON");
        status["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("a pid")
    }

    /// Writes `config.toml`.
    pub fn configure(&self, text: &str) {
        let folder = self.home().join("config");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("config.toml"), text).expect("a file");
    }

    /// A small target of its own, whose swap takes as little time as a swap can.
    pub fn target(&self, name: &str) -> PathBuf {
        let path = self.work().join(name);
        std::fs::copy(small_target(), &path).expect("a copy");
        path
    }

    /// Starts the service in the foreground and waits until it answers.
    pub fn serve(&self) -> Server<'_> {
        self.serve_with(&[])
    }

    /// As [`Self::serve`], with more arguments.
    pub fn serve_with(&self, more: &[&str]) -> Server<'_> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("service.stderr"))
            .expect("a log");
        let child = self
            .command(&["service", "run"])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let mut server = Server { desk: self, child };
        let deadline = Instant::now() + Duration::from_secs(20);
        while server.try_get("/v1/health").is_none() {
            if let Some(status) = server.child.try_wait().expect("a child") {
                panic!("the service ended with {status}: {}", self.said());
            }
            assert!(Instant::now() < deadline, "the service does not answer: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    /// What the services said on standard error.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("service.stderr")).unwrap_or_default()
    }
}

impl Drop for Desk {
    /// A service that somebody started in the background ends with its home.
    fn drop(&mut self) {
        let record = std::fs::read(self.home().join("state/service.json")).unwrap_or_default();
        let record: Value = serde_json::from_slice(&record).unwrap_or_default();
        let pid = record["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// A picture of 256×256 pixels with a face, as small as a swap can use.
pub fn small_target() -> &'static Path {
    use std::sync::OnceLock;
    static SMALL: OnceLock<PathBuf> = OnceLock::new();
    SMALL.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("small_target.png");
        let portrait = image::open(media("astronaut.png")).expect("a picture");
        let part = portrait.crop_imm(128, 0, 256, 256).to_rgb8();
        let hidden = path.with_extension(format!("{}.png", std::process::id()));
        part.save(&hidden).expect("a picture");
        std::fs::rename(&hidden, &path).expect("a name");
        path
    })
}

/// A service that runs.
pub struct Server<'a> {
    pub desk: &'a Desk,
    pub child: Child,
}

impl Server<'_> {
    /// Asks over the socket; status and body.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let (status, bytes) = self.try_ask(method, path, body).expect("the service answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// As [`Self::ask`]; none when the service does not answer.
    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Option<(u16, Vec<u8>)> {
        ask_at(&self.desk.socket(), method, path, body)
    }

    /// Listens to events.
    pub fn listen(&self, path: &str) -> Watcher {
        let mut stream = UnixStream::connect(self.desk.socket()).expect("the service answers");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a stream");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").expect("a stream");
        let mut watcher = Watcher { reader: BufReader::new(stream) };
        // It listens once the snapshot is there.
        watcher.next();
        watcher
    }

    /// The JSON of a GET that must succeed.
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, None);
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// The JSON of a GET, when the service answers.
    pub fn try_get(&self, path: &str) -> Option<Value> {
        let (status, bytes) = self.try_ask("GET", path, None)?;
        (status == 200).then(|| serde_json::from_slice(&bytes).ok())?
    }

    /// A POST that must succeed.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask("POST", path, Some(body));
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        answer
    }

    /// Adds a job that puts one portrait into a target; its id.
    pub fn add(&self, target: &Path, output: &Path, more: Value) -> String {
        let mut new = json!({
            "sources": [media("grace_hopper.jpg")], "target": target, "output": output,
        });
        for (key, value) in more.as_object().expect("an object") {
            new[key] = value.clone();
        }
        self.post("/v1/jobs", &new)["id"].as_str().expect("an id").to_owned()
    }

    /// A job as the service shows it.
    pub fn job(&self, id: &str) -> Value {
        self.get(&format!("/v1/jobs/{id}"))
    }

    /// Waits until a job is in one of these states.
    pub fn until(&self, id: &str, states: &[&str]) -> Value {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let job = self.job(id);
            if states.iter().any(|state| job["state"] == *state) {
                return job;
            }
            assert!(Instant::now() < deadline, "job {id} stays {job:#}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it without a word.
    pub fn kill(mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }

    /// Ends it as the system would; its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let id = i32::try_from(self.child.id()).expect("an id");
        let id = rustix::process::Pid::from_raw(id).expect("a process");
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("a signal");
        self.child.wait().expect("a child").code()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody who listens to the events.
pub struct Watcher {
    reader: BufReader<UnixStream>,
}

impl Watcher {
    fn next(&mut self) -> Value {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.reader.read_line(&mut line).expect("an event") > 0, "the stream ended");
            if let Some(data) = line.strip_prefix("data:") {
                return serde_json::from_str(data).expect("JSON");
            }
        }
    }

    /// Every event until one is like this, that one too.
    pub fn until(mut self, like: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let event = self.next();
            let last = like(&event);
            all.push(event);
            if last {
                return all;
            }
        }
    }
}

/// Asks whoever listens at a socket; status and body, or none when nobody answers.
pub fn ask_at(
    socket: &Path,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Option<(u16, Vec<u8>)> {
    let stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let body = body.map(Value::to_string).unwrap_or_default();
    exchange(stream, method, path, "", body.as_bytes()).map(|answer| (answer.status, answer.body))
}

/// Everything about an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In small letters, `name: value`.
    pub headers: Vec<String>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// One request and its answer; `headers` end with a line break each.
pub fn exchange(
    mut stream: impl Read + Write,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Option<Answer> {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{kind}{headers}\
         Content-Length: {}\r\n\r\n",
        body.len()
    )
    .ok()?;
    // Who refuses a body need not read it.
    let _ = stream.write_all(body);
    read_answer(&mut BufReader::new(stream))
}

/// Reads an answer to its end.
pub fn read_answer(reader: &mut impl BufRead) -> Option<Answer> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut chunked, mut headers) = (None, false, Vec::new());
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse::<usize>().ok();
        }
        chunked |= header.starts_with("transfer-encoding:") && header.contains("chunked");
        headers.push(header);
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let size = usize::from_str_radix(line.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    } else if let Some(length) = length {
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
    } else {
        reader.read_to_end(&mut body).ok()?;
    }
    Some(Answer { status, headers, body })
}
