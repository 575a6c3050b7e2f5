//! Clips made from the portraits, and what ffmpeg and ffprobe say about files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use facedeck::faces::landmarks::Landmarks;
use facedeck::imaging::frame::{Frame, FrameFormat, Layout, Matrix};
use serde_json::Value;
use tempfile::TempDir;

use super::common::{ffmpeg, media, provisioned, swap, words};
use super::measure::Zone;

/// Frames a second of every clip.
pub const FPS: u32 = 25;

/// A camera that sways, tilts and breathes over a portrait: filters that give 320×240 RGB.
/// `about` is the left top corner of the part that is shown, 4:3 and this wide, at rest.
fn sway(wide: u32, about: [u32; 2]) -> String {
    let [x, y] = about;
    let (high, step) = (wide * 3 / 4, wide / 16);
    format!(
        "format=gbrp,rotate='0.1*sin(2*PI*t/1.6)':fillcolor=gray,\
         crop={wide}:{high}:'{x}+{step}*sin(2*PI*t/1.9)':'{y}+{step}/2*cos(2*PI*t/1.3)',\
         scale=320:240:flags=bicubic,eq=brightness='0.05*sin(2*PI*t/1.7)':eval=frame"
    )
}

/// A portrait and the part of it that clips show.
pub struct Sitter {
    /// Name of the picture.
    pub portrait: &'static str,
    wide: u32,
    about: [u32; 2],
}

/// Three people of whom clips are made.
pub const ASTRONAUT: Sitter = Sitter { portrait: "astronaut.png", wide: 360, about: [46, 14] };
pub const HOPPER: Sitter = Sitter { portrait: "grace_hopper.jpg", wide: 460, about: [26, 60] };
pub const MONA: Sitter = Sitter { portrait: "mona_lisa.jpg", wide: 560, about: [90, 80] };

impl Sitter {
    /// The picture of this person.
    pub fn photo(&self) -> PathBuf {
        media(self.portrait)
    }

    /// ffmpeg's input that shows the portrait for this many frames.
    pub fn input(&self, frames: u32) -> Vec<String> {
        let seconds = f64::from(frames) / f64::from(FPS);
        let fps = FPS.to_string();
        let mut words = vec!["-loop".into(), "1".into(), "-framerate".into(), fps, "-t".into()];
        words.extend([format!("{seconds}"), "-i".into(), self.photo().display().to_string()]);
        words
    }

    /// Filters for a moving 320×240 picture of this person.
    pub fn moving(&self) -> String {
        sway(self.wide, self.about)
    }

    /// Filters for a still picture of this person, this large; 4:3 is best.
    pub fn resting(&self, width: u32, height: u32) -> String {
        let ([x, y], wide, high) = (self.about, self.wide, self.wide * 3 / 4);
        format!("format=gbrp,crop={wide}:{high}:{x}:{y},scale={width}:{height}:flags=bicubic")
    }
}

/// A folder with clips that are made on request.
pub struct Clips(TempDir);

impl Clips {
    /// An empty folder.
    pub fn new() -> Self {
        Clips(tempfile::tempdir().expect("a folder"))
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a small text file.
    pub fn text(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// A clip of a person through these filters, with more of ffmpeg's words (split at blanks; `{}`
    /// is the folder) after the filters.
    pub fn make(
        &self,
        name: &str,
        who: &Sitter,
        frames: u32,
        filters: &str,
        more: &str,
    ) -> PathBuf {
        let path = self.path(name);
        let more = more.replace("{}", &self.0.path().display().to_string());
        let mut words = who.input(frames);
        // Options of inputs come first, those of the output after the filters.
        let (inputs, outputs) = more.split_once(" -- ").unwrap_or(("", &more));
        words.extend(inputs.split_whitespace().map(str::to_owned));
        words.extend(["-vf".to_owned(), filters.to_owned()]);
        words.extend(outputs.split_whitespace().map(str::to_owned));
        words.push(path.display().to_string());
        ffmpeg(&words.iter().map(String::as_str).collect::<Vec<_>>());
        path
    }

    /// A quickly made clip of somebody moving, nearly without loss.
    pub fn moving(&self, name: &str, who: &Sitter, frames: u32) -> PathBuf {
        self.make(name, who, frames, &format!("{},format=yuv420p", who.moving()), FINE)
    }
}

/// Options of a fast encoder with hardly any loss.
pub const FINE: &str = "-c:v libx264 -preset ultrafast -crf 8";

/// What a run of the binary with `--json` told.
pub struct Told {
    /// Its summary.
    pub summary: Value,
    /// Everything else: notes.
    pub notes: String,
}

impl Told {
    /// A number of the summary.
    pub fn count(&self, name: &str) -> u64 {
        self.summary[name].as_u64().unwrap_or_else(|| panic!("no {name} in {}", self.summary))
    }
}

/// A swap that must succeed.
pub fn swapped(source: &Path, target: &Path, output: &Path, more: &[&str]) -> Told {
    let mut flags = vec!["--json"];
    flags.extend(more);
    told(&swap(source, target, output, &flags))
}

/// What a successful run with `--json` told.
pub fn told(run: &Output) -> Told {
    assert!(run.status.success(), "{}", words(run));
    let lines = String::from_utf8_lossy(&run.stdout).into_owned();
    let mut events =
        lines.lines().map(|l| serde_json::from_str::<Value>(l).expect("lines of JSON"));
    let summary = events.next_back().expect("a summary");
    assert_eq!(summary["event"], "done");
    Told { summary, notes: format!("{lines}\n{}", words(run)) }
}

/// What ffprobe knows about a file: its streams (video first), format and chapters; packets are
/// counted.
pub fn probe(path: &Path) -> Value {
    let output = Command::new(&provisioned().ffmpeg.ffprobe)
        .args(["-loglevel", "error", "-count_packets", "-of", "json"])
        .args(["-show_streams", "-show_format", "-show_chapters"])
        .arg(path)
        .output()
        .expect("ffprobe starts");
    assert!(output.status.success(), "{}", words(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The first stream of a kind.
pub fn stream<'a>(probed: &'a Value, kind: &str) -> Option<&'a Value> {
    probed["streams"].as_array()?.iter().find(|s| s["codec_type"] == kind)
}

/// ffmpeg's standard output for these words.
pub fn printed(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(&provisioned().ffmpeg.ffmpeg)
        .args(["-hide_banner", "-nostdin", "-loglevel", "error"])
        .args(arguments)
        .output()
        .expect("ffmpeg starts");
    assert!(output.status.success(), "ffmpeg {arguments:?}: {}", words(&output));
    output.stdout
}

/// Hashes of the packets of a file's sound, one a stream.
pub fn sound_hashes(path: &Path) -> String {
    let name = path.display().to_string();
    let words = ["-i", &name, "-map", "0:a", "-c", "copy", "-f", "streamhash", "-"];
    String::from_utf8(printed(&words)).expect("text")
}

/// A film's frames as ffmpeg decodes them, upright, in a planar YUV, RGB or gray format.
pub fn frames(path: &Path, pix_fmt: &str) -> Vec<Frame> {
    let probed = probe(path);
    let video = stream(&probed, "video").expect("a picture stream");
    let number = |name: &str| video[name].as_u64().expect("a number") as u32;
    let (mut width, mut height) = (number("width"), number("height"));
    if video["side_data_list"][0]["rotation"].as_i64().is_some_and(|r| r.rem_euclid(180) == 90) {
        std::mem::swap(&mut width, &mut height);
    }
    let (layout, depth) = match pix_fmt {
        "yuv420p" => (Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 8),
        "yuv420p10le" => (Layout::Yuv { shift_x: 1, shift_y: 1, alpha: false }, 10),
        "yuv444p" => (Layout::Yuv { shift_x: 0, shift_y: 0, alpha: false }, 8),
        "rgb24" => (Layout::Packed { channels: 3 }, 8),
        _ => (Layout::Packed { channels: 1 }, 8),
    };
    let full_range = video["color_range"] == "pc";
    let matrix = if video["color_space"] == "bt709" { Matrix::Bt709 } else { Matrix::Bt601 };
    let format = FrameFormat { width, height, layout, depth, matrix, full_range };
    let name = path.display().to_string();
    let raw = printed(&["-i", &name, "-map", "0:v:0", "-f", "rawvideo", "-pix_fmt", pix_fmt, "-"]);
    assert_eq!(raw.len() % format.frame_bytes(), 0, "{name} decodes to whole frames");
    raw.chunks(format.frame_bytes()).map(|data| Frame::new(format, data.to_vec())).collect()
}

/// Samples of two films' frames that differ: for every plane how many outside of what a swap of
/// this face may touch, and how many in the middle of the face. The second frame may have finer
/// chroma.
pub fn differing(before: &Frame, after: &Frame, swapped: Option<&Landmarks>) -> Vec<[usize; 2]> {
    let zones = swapped.map(|face| (Zone::touched(face), Zone::middle(face)));
    let (planes, fine) = (before.format.planes(), after.format.planes());
    let mut counts = vec![[0, 0]; planes.len()];
    for (i, plane) in fine.iter().enumerate() {
        let old = &planes[i];
        // By how much this plane is coarser than the picture, before and after.
        let (sx, sy) = (fine[0].width.div_ceil(plane.width), fine[0].height.div_ceil(plane.height));
        let (rx, ry) = (plane.width.div_ceil(old.width), plane.height.div_ceil(old.height));
        for y in 0..plane.height {
            for x in 0..plane.width {
                let differs = after.sample(plane, x, y, 0) != before.sample(old, x / rx, y / ry, 0);
                let at = |zone: &Zone| zone.has(x * sx, y * sy);
                let (touched, middle) = zones.map_or((false, false), |(t, m)| (at(&t), at(&m)));
                counts[i][0] += usize::from(differs && !touched);
                counts[i][1] += usize::from(differs && middle);
            }
        }
    }
    counts
}
