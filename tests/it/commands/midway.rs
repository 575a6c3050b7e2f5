//! A swap that is caught in the middle of a film, with its children.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::super::common::{ffmpeg, media};

/// A film that takes much longer than any test waits.
pub fn long_clip() -> &'static Path {
    static CLIP: OnceLock<PathBuf> = OnceLock::new();
    CLIP.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // Moved to its name when it is whole: two runs of the tests share the folder.
        let fresh = folder.join(format!("long-{}.mp4", std::process::id()));
        let path = folder.join("long.mp4");
        let portrait = media("astronaut.png").display().to_string();
        let out = fresh.display().to_string();
        let input = ["-loop", "1", "-framerate", "25", "-t", "120", "-i", &portrait];
        let how =
            ["-vf", "scale=480:480,format=yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];
        ffmpeg(&[&input[..], &how[..], &[&out]].concat());
        std::fs::rename(&fresh, &path).expect("the clip");
        path
    })
}

/// A running swap with `--json`.
pub struct Midway {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    events: Vec<Value>,
}

impl Midway {
    /// Starts a swap and waits until this many frames are done.
    pub fn reach(command: &mut Command, frames: u64) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut midway = Midway { child, lines, events: Vec::new() };
        loop {
            let event = midway.next().unwrap_or_else(|| panic!("it ended: {:?}", midway.events));
            if event["event"] == "progress" && event["frame"].as_u64() >= Some(frames) {
                return midway;
            }
        }
    }

    fn next(&mut self) -> Option<Value> {
        let line = self.lines.next()?.expect("a line");
        let event: Value = serde_json::from_str(&line).expect("JSON in every line");
        self.events.push(event.clone());
        Some(event)
    }

    /// The process ids of its living children.
    pub fn children(&self) -> Vec<u32> {
        children_of(self.child.id())
    }

    /// The child with this word among its arguments.
    pub fn child_with(&self, word: &str) -> u32 {
        self.find_child_with(word).expect("such a child")
    }

    /// The same, if there is one at the moment.
    pub fn find_child_with(&self, word: &str) -> Option<u32> {
        let has = |id: &u32| {
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.split(|b| *b == 0).any(|argument| argument == word.as_bytes())
        };
        self.children().into_iter().find(has)
    }

    /// The process id of the binary.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to one of its processes.
    pub fn kill(&self, id: u32, signal: Signal) {
        let pid = Pid::from_raw(id.try_into().expect("an id")).expect("an id");
        kill_process(pid, signal).expect("a signal");
    }

    /// Waits for its end; all events that it told.
    pub fn end(mut self) -> (ExitStatus, Vec<Value>) {
        while self.next().is_some() {}
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (status, std::mem::take(&mut self.events));
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Midway {
    fn drop(&mut self) {
        // Of a test that failed; one that has ended hears nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process ids of the living children of a process.
pub fn children_of(parent: u32) -> Vec<u32> {
    let parent = parent.to_string();
    let all = std::fs::read_dir("/proc").expect("/proc");
    all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            // After the name, which may hold anything: the state and the parent.
            let mut rest = stat.rsplit(") ").next().unwrap_or("").split(' ');
            rest.next() != Some("Z") && rest.next() == Some(parent.as_str())
        })
        .collect()
}

/// Whether no process with this id lives.
pub fn is_gone(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat"))
        .map_or(true, |stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')))
}
