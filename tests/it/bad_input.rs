//! What cannot work: it is said why and what to do, the exit code tells the kind, and nothing is
//! left behind.

mod broken;
mod faces;
#[cfg(target_os = "linux")]
mod killed;
mod missing;
mod odd;
mod paths;
#[cfg(target_os = "linux")]
mod places;
mod values;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::common::{fails, ffmpeg, media, swap_command};

/// A folder for one test, and what lies in it.
struct Desk(TempDir);

impl Desk {
    /// An empty one: what is needed is made on request.
    fn new() -> Self {
        Desk(tempfile::tempdir().expect("a folder"))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// A file with this content.
    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// What ffmpeg makes of these words (split at blanks).
    fn made(&self, name: &str, words: &str) -> PathBuf {
        let path = self.path(name);
        let out = path.display().to_string();
        ffmpeg(&words.split_whitespace().chain([out.as_str()]).collect::<Vec<_>>());
        path
    }

    /// A clip of this many frames that shows a portrait, with sound.
    fn clip(&self, name: &str, frames: u32) -> PathBuf {
        let portrait = media("astronaut.png");
        let seconds = f64::from(frames) / 25.0;
        let words = format!(
            "-loop 1 -framerate 25 -t {seconds} -i {} -f lavfi -t {seconds} -i sine=440 \
             -vf scale=320:320,format=yuv420p -c:v libx264 -preset ultrafast -c:a aac",
            portrait.display()
        );
        self.made(name, &words)
    }

    /// A swap into `target` that must fail so, see [`fails`].
    fn refuses(&self, target: &Path, output: &str, more: &[&str], code: i32, says: &[&str]) {
        let source = media("grace_hopper.jpg");
        let output = self.path(output);
        fails(&mut swap_command(&source, target, &output, more), self.folder(), code, says);
    }
}
