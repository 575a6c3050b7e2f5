//! How quick and how quiet the dashboard is.
//!
//! `cargo bench --bench dashboard [-- SECONDS]`: the real binary on a terminal with sixels. Prints
//! how long it takes until something is seen, what it sends and computes when nothing happens and
//! when a job runs, and how long a frame takes with 10,000 jobs in the queue. Needs ffmpeg.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod frames;

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const BINARY: &str = env!("CARGO_BIN_EXE_facedeck");

fn main() {
    let seconds = std::env::args().filter_map(|a| a.parse::<u64>().ok()).next().unwrap_or(60);
    frames();
    let home = tempfile::tempdir().expect("a folder");
    facedeck(home.path(), &["service", "start", "--accept-terms"]);
    start(home.path());
    let quiet = watch(home.path(), &[], false, seconds);
    println!("nothing happens, {seconds} s: {quiet}");
    let clip = clip(home.path());
    let source = media("grace_hopper.jpg");
    facedeck(home.path(), &["add", "-s", &source, "-t", &clip]);
    runs(home.path());
    let half = (seconds / 2).max(5);
    let without = watch(home.path(), &["--graphics", "off"], true, half);
    println!("a job runs, over SSH, no pictures, {half} s: {without}");
    let with = watch(home.path(), &[], true, half);
    println!("a job runs, over SSH, pictures, {half} s: {with}");
    facedeck(home.path(), &["service", "stop"]);
}

fn media(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name).display().to_string()
}

/// ONNX Runtime, found or fetched.
fn runtime() -> &'static Path {
    &facedeck::provision::for_tests().expect("the runtime").runtime.path
}

fn facedeck(home: &Path, arguments: &[&str]) {
    let status = Command::new(BINARY)
        .env("FACEDECK_HOME", home.join("home"))
        // The home is a new one; the runtime is that of the tests.
        .env("ORT_DYLIB_PATH", runtime())
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .status()
        .expect("the binary starts");
    assert!(status.success(), "{arguments:?}");
}

/// Waits until the job runs, without which there is nothing to measure.
fn runs(home: &Path) {
    for _ in 0..120 {
        std::thread::sleep(Duration::from_millis(500));
        let mut list = Command::new(BINARY);
        list.env("FACEDECK_HOME", home.join("home")).args(["jobs", "list"]);
        let said = list.output().expect("the binary starts").stdout;
        let said = String::from_utf8_lossy(&said);
        assert!(!said.contains("failed"), "the job failed:\n{said}");
        if said.contains("running") {
            return;
        }
    }
    panic!("the job does not begin");
}

/// A film that takes longer than the bench.
fn clip(home: &Path) -> String {
    let path = home.join("film.mp4").display().to_string();
    let portrait = media("astronaut.png");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-loop", "1", "-framerate", "25", "-t", "400", "-i", &portrait])
        .args(["-vf", "scale=512:512,noise=alls=6:allf=t,format=yuv420p", "-c:v", "libx264"])
        .args(["-preset", "ultrafast", &path])
        .status()
        .expect("ffmpeg");
    assert!(status.success());
    path
}

/// The dashboard on a terminal.
struct Deck {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    bytes: Arc<AtomicU64>,
    text: Arc<Mutex<Vec<u8>>>,
}

impl Deck {
    fn open(home: &Path, arguments: &[&str], ssh: bool) -> Deck {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 1200, pixel_height: 800 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(BINARY);
        command.env("FACEDECK_HOME", home.join("home"));
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        for name in ["TMUX", "STY", "SSH_CONNECTION", "SSH_TTY"] {
            command.env_remove(name);
        }
        if ssh {
            command.env("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
        }
        command.args(arguments);
        let child = pair.slave.spawn_command(command).expect("the binary starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let mut writer = pair.master.take_writer().expect("a writer");
        let (bytes, text) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, keep) = (Arc::clone(&bytes), Arc::clone(&text));
        std::thread::spawn(move || {
            let mut part = [0; 65_536];
            let mut asked = false;
            while let Ok(read @ 1..) = reader.read(&mut part) {
                count.fetch_add(read as u64, Ordering::Relaxed);
                let mut text = keep.lock().unwrap();
                if text.len() < 1 << 20 {
                    text.extend_from_slice(&part[..read]);
                }
                if !asked && text.windows(4).any(|window| window == b"\x1b[5n") {
                    asked = true;
                    let answer = b"\x1bP>|XTerm(379)\x1b\\\x1b[6;20;10t\x1b[?63;1;2;4;6c\x1b[0n";
                    let _ = writer.write_all(answer);
                    let _ = writer.flush();
                }
            }
        });
        Deck { child, _master: pair.master, bytes, text }
    }

    fn waits(&self, what: &[u8]) {
        let begin = Instant::now();
        while !self.text.lock().unwrap().windows(what.len()).any(|window| window == what) {
            assert!(begin.elapsed() < Duration::from_secs(20), "nothing is seen");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Seconds of processor time so far.
    fn cpu(&self) -> f64 {
        let pid = self.child.process_id().expect("a process");
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
        let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
        (ticks(11) + ticks(12)) / 100.0
    }
}

impl Drop for Deck {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Until the first thing is seen, and until the service's word is.
fn start(home: &Path) {
    let mut first = Vec::new();
    let mut told = Vec::new();
    for _ in 0..11 {
        let begin = Instant::now();
        let deck = Deck::open(home, &[], false);
        deck.waits(b"Queue");
        first.push(begin.elapsed());
        // Blanks that were there before are not sent again, so only a word is.
        deck.waits(b"nothing");
        told.push(begin.elapsed());
    }
    let of = |mut times: Vec<Duration>| {
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        format!("median {:.0} ms, most {:.0} ms", ms(times[5]), ms(times[10]))
    };
    println!("start to first paint: {}; with the service's word: {}", of(first), of(told));
}

/// What it sends and computes.
fn watch(home: &Path, arguments: &[&str], ssh: bool, seconds: u64) -> String {
    let deck = Deck::open(home, arguments, ssh);
    deck.waits(b"Queue");
    std::thread::sleep(Duration::from_secs(3));
    let (bytes, cpu) = (deck.bytes.load(Ordering::Relaxed), deck.cpu());
    std::thread::sleep(Duration::from_secs(seconds));
    let (bytes, cpu) = (deck.bytes.load(Ordering::Relaxed) - bytes, deck.cpu() - cpu);
    format!(
        "{bytes} bytes ({:.1} KB/s), {:.2} % of one core",
        bytes as f64 / 1e3 / seconds as f64,
        100.0 * cpu / seconds as f64
    )
}

/// A frame with 10,000 jobs, while somebody scrolls.
fn frames() {
    let mut times = frames::scroll(10_000, 2_000);
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "a frame with 10,000 jobs: median {:.2} ms, p99 {:.2} ms, most {:.2} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
