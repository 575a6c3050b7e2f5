//! What the tests of both crates share: the tools, small clips, and what ffmpeg says about them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use crate::imaging::frame::Frame;
use crate::interrupt::Interrupt;
use crate::provision::{self, FfmpegTools};

use super::{DecodeOptions, Decoder, VideoInfo, process};

/// ffmpeg, found or fetched.
pub fn tools() -> FfmpegTools {
    provision::find_ffmpeg()
        .unwrap_or_else(|_| provision::for_tests().expect("ffmpeg for the tests").ffmpeg.clone())
}

/// A folder with clips that are made on request.
pub struct Clips(tempfile::TempDir);

impl Default for Clips {
    fn default() -> Self {
        Clips::new()
    }
}

impl Clips {
    /// An empty folder, gone when it is dropped.
    pub fn new() -> Self {
        Clips(tempfile::tempdir().unwrap())
    }

    /// A place in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs ffmpeg with these words (split at blanks) and this output; `{}` stands for the folder.
    pub fn make(&self, name: &str, words: &str) -> PathBuf {
        let path = self.path(name);
        let words = words.replace("{}", self.0.path().to_str().unwrap());
        let mut command = process::command(&tools().ffmpeg);
        command.args(["-nostdin", "-loglevel", "error", "-y"]);
        command.args(words.split_whitespace()).arg(&path);
        process::capture(command).unwrap_or_else(|e| panic!("{}", e.chain()));
        path
    }

    /// Names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Moving pictures of this size and number, 25 a second, whose frames all differ.
pub fn pictures(width: u32, height: u32, frames: u32) -> String {
    let duration = f64::from(frames) / 25.0;
    format!("-f lavfi -i testsrc2=s=96x96:r=25:d={duration},format=yuv444p,scale={width}:{height}")
}

/// The video in a file.
pub fn video(path: &Path) -> VideoInfo {
    super::probe(&tools(), path)
        .unwrap_or_else(|e| panic!("{}", e.chain()))
        .video()
        .unwrap()
        .clone()
}

/// Every frame of a video.
pub fn decode(video: &VideoInfo) -> Vec<Frame> {
    decode_with(video, &DecodeOptions::default())
}

/// The frames that were asked for.
pub fn decode_with(video: &VideoInfo, options: &DecodeOptions) -> Vec<Frame> {
    let mut decoder = Decoder::open(&tools(), video, options, Interrupt::new()).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = decoder.next(Vec::new()).unwrap_or_else(|e| panic!("{}", e.chain())) {
        frames.push(frame);
    }
    frames
}

/// What ffprobe prints for these entries, as CSV.
pub fn ask(path: &Path, words: &str) -> String {
    let mut command = process::command(&tools().ffprobe);
    command.args(["-loglevel", "error", "-of", "csv=p=0"]).args(words.split_whitespace());
    command.arg(path);
    process::capture(command).unwrap().trim().to_owned()
}
