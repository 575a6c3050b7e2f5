//! The films as data, and how they are made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::clips::printed;
use crate::common::ffmpeg;

/// One film; `clips.toml` says what its fields mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clip {
    pub file: String,
    make: Vec<String>,
    turn: Option<u32>,
    pub decoder: Option<String>,
    #[serde(default)]
    pub is: BTreeMap<String, String>,
    #[serde(default)]
    pub sides: Vec<String>,
    pub frames: usize,
    pub output: String,
    #[serde(default)]
    pub flags: String,
    #[serde(default)]
    pub says: Vec<String>,
    pub pixels: Option<String>,
    pub fields: Option<String>,
    #[serde(default)]
    pub loose: f64,
    #[serde(default)]
    pub becomes: BTreeMap<String, String>,
    #[serde(default)]
    pub streams: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct All {
    clip: Vec<Clip>,
}

/// What stands for what in the command lines.
const WORDS: [(&str, &str); 4] = [
    ("@face", "-i {}/face.mkv"),
    ("@sine", "-f lavfi -i sine=440:r=48000:d=1.2"),
    ("@fast", "-c:v libx264 -preset ultrafast -crf 12 -g 12"),
    ("@each", "-fps_mode passthrough"),
];

/// Every film of the corpus.
pub fn all() -> Vec<Clip> {
    toml::from_str::<All>(include_str!("clips.toml")).expect("clips.toml").clip
}

impl Clip {
    /// Makes the film in a folder with what it is made of.
    pub fn make(&self, folder: &Path) -> PathBuf {
        for line in &self.make {
            let line = WORDS.iter().fold(line.clone(), |line, (word, is)| line.replace(word, is));
            let line = line.replace("{}", &folder.display().to_string());
            ffmpeg(&line.split_whitespace().collect::<Vec<_>>());
        }
        let path = folder.join(&self.file);
        if let Some(degrees) = self.turn {
            turn(&path, degrees);
        }
        path
    }
}

/// Gives a film that lies on its side the wish to be turned by this many degrees.
fn turn(path: &Path, degrees: u32) {
    let lying = path.with_file_name(format!("lying-{}", path.file_name().unwrap().display()));
    std::fs::rename(path, &lying).expect("the film is there");
    let (from, to) = (lying.display().to_string(), path.display().to_string());
    let degrees = degrees.to_string();
    // From 6.0 on it is an option of the input, before it was a tag of the output.
    let help = String::from_utf8_lossy(&printed(&["-h", "full"])).into_owned();
    if help.contains("-display_rotation") {
        ffmpeg(&["-display_rotation", &degrees, "-i", &from, "-c", "copy", &to]);
    } else {
        let tag = format!("rotate={degrees}");
        ffmpeg(&["-i", &from, "-c", "copy", "-metadata:s:v:0", &tag, &to]);
    }
}
