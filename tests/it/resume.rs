//! Films that were cut off, and what becomes of their work.

mod clean;
mod killed;
mod room;
mod stale;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::clips::{ASTRONAUT, Clips, HOPPER, Sitter, printed};
use super::common::swap_command;

/// Frames of the film: four seconds and a bit.
const FRAMES: u32 = 110;
/// Frames that a crash may cost: a second of film.
const AT_MOST: u64 = 25;

/// A film, a place for what is made of it, and what an uninterrupted run makes.
struct Desk {
    clips: Clips,
    target: PathBuf,
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        let clips = Clips::new();
        let target = clips.moving("film.mp4", &HOPPER, FRAMES);
        Desk { clips, target, home: tempfile::tempdir().expect("a folder") }
    }

    fn output(&self) -> PathBuf {
        self.home.path().join("out.mkv")
    }

    /// Where the work lies until it is done.
    fn work(&self) -> PathBuf {
        self.home.path().join(".out.mkv.facedeck")
    }

    /// The swap, which may lose a second of film.
    fn command(&self, more: &[&str]) -> Command {
        self.command_of(&ASTRONAUT, &self.output(), more)
    }

    /// The same with another face or output.
    fn command_of(&self, who: &Sitter, output: &Path, more: &[&str]) -> Command {
        let mut command = swap_command(&who.photo(), &self.target, output, more);
        command.args(["--json", "--preset", "ultrafast"]).env("FACEDECK_RUN_SEGMENT", "1.0");
        command
    }
}

/// What the frames of a film are, each with its timestamp.
fn frames_of(film: &Path) -> String {
    let name = film.display().to_string();
    let words = ["-i", &name, "-map", "0:v", "-f", "framemd5", "-"];
    let text = String::from_utf8(printed(&words)).expect("text");
    let frames: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(!frames.is_empty(), "{name} has no frames");
    frames.join("\n")
}

/// How many frames are safe, as it was told last.
fn safe(events: &[Value]) -> Option<u64> {
    events.iter().rev().find(|event| event["event"] == "safe")?["frames"].as_u64()
}
