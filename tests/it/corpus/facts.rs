//! What ffprobe says about a film: when each frame of each stream is shown, what the streams are,
//! what the colors mean.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::common::{provisioned, words};

/// The meaning of samples and the shape of a picture, by ffprobe's names.
pub const PICTURE: [&str; 9] = [
    "pix_fmt",
    "width",
    "height",
    "sample_aspect_ratio",
    "color_range",
    "color_space",
    "color_primaries",
    "color_transfer",
    "chroma_location",
];

/// Side data that has to be kept.
const KEPT: [&str; 2] = ["Mastering display metadata", "Content light level metadata"];

/// What is known about a film.
pub struct Facts {
    /// ffprobe's words about its picture stream.
    pub picture: Value,
    /// When each picture is shown, in seconds of the file.
    pub times: Vec<f64>,
    /// How long the picture is, to the end of the last frame, in seconds; nothing where the file
    /// does not tell.
    pub length: Option<f64>,
    /// When each other stream begins, in seconds of the file; nothing for fonts and the like.
    pub starts: Vec<Option<f64>>,
    /// How long each sound stream is, in samples.
    pub samples: Vec<u64>,
    /// Every other stream: kind, codec, language, what it is for.
    pub streams: Vec<String>,
    /// Title, beginning and end of each chapter, in seconds of the file.
    pub chapters: Vec<(String, f64, f64)>,
    /// In which order the fields of its first frame are shown, or that it has none.
    pub fields: &'static str,
    /// What is said about the light of the scene.
    pub sides: Vec<Value>,
    /// Degrees by which players have to turn it.
    pub rotation: i64,
}

impl Facts {
    /// Asks ffprobe, which decodes everything; `decoder` is that of the picture.
    pub fn of(path: &Path, decoder: Option<&str>) -> Facts {
        let mut command = Command::new(&provisioned().ffmpeg.ffprobe);
        command.args(["-loglevel", "error", "-of", "json"]);
        if let Some(decoder) = decoder {
            command.args(["-c:v", decoder]);
        }
        command.args(["-show_streams", "-show_chapters", "-show_frames"]).arg(path);
        let output = command.output().expect("ffprobe starts");
        assert!(output.status.success(), "{}: {}", path.display(), words(&output));
        read(&serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// What it says about its picture.
    pub fn about(&self, name: &str) -> String {
        match name {
            // The same by an older name.
            "pix_fmt" => text(&self.picture["pix_fmt"]).replace("yuvj", "yuv"),
            _ => text(&self.picture[name]),
        }
    }
}

/// A value in words; `-` for none.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) if text == "unknown" || text == "unspecified" => "-".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_str().and_then(|text| text.parse().ok())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn read(answer: &Value) -> Facts {
    let streams = list(&answer["streams"]);
    let frames = list(&answer["frames"]);
    let is_cover = |s: &Value| s["disposition"]["attached_pic"] == 1;
    let is_picture = |s: &&Value| s["codec_type"] == "video" && !is_cover(s);
    let picture = streams.iter().find(is_picture).expect("a picture stream").clone();
    let of = |stream: &Value| -> Vec<&Value> {
        // Subtitles do not tell their stream: where there is one, they are all its.
        let of = |f: &&Value| match stream["codec_type"].as_str() {
            Some("subtitle") => f["media_type"] == "subtitle",
            _ => f["stream_index"] == stream["index"],
        };
        frames.iter().filter(of).collect()
    };
    let at = |frame: &&Value| {
        let names = ["best_effort_timestamp_time", "pts_time", "pkt_dts_time"];
        names.into_iter().find_map(|name| number(&frame[name]))
    };
    let pictures = of(&picture);
    let others = || streams.iter().filter(|s| s["index"] != picture["index"]);
    let sides = pictures.first().map_or(&[][..], |frame| list(&frame["side_data_list"]));
    let mut sides: Vec<Value> = sides
        .iter()
        .chain(list(&picture["side_data_list"]))
        .filter(|side| KEPT.iter().any(|kept| side["side_data_type"] == *kept))
        .cloned()
        .collect();
    sides.sort_by_key(Value::to_string);
    sides.dedup();
    let turns = list(&picture["side_data_list"]).iter().find_map(|side| side["rotation"].as_i64());
    Facts {
        times: even(pictures.iter().map(at)),
        length: length(&picture),
        starts: others().map(|stream| of(stream).first().and_then(at)).collect(),
        samples: others()
            .filter(|stream| stream["codec_type"] == "audio")
            .map(|stream| of(stream).iter().filter_map(|f| f["nb_samples"].as_u64()).sum())
            .collect(),
        streams: others().map(described).collect(),
        chapters: list(&answer["chapters"])
            .iter()
            .map(|chapter| {
                let time = |name: &str| number(&chapter[name]).expect("a time");
                (text(&chapter["tags"]["title"]), time("start_time"), time("end_time"))
            })
            .collect(),
        fields: match pictures.first() {
            Some(frame) if frame["interlaced_frame"] != 1 => "no fields",
            Some(frame) if frame["top_field_first"] == 1 => "the upper field first",
            _ => "the lower field first",
        },
        sides,
        rotation: turns.unwrap_or(0),
        picture,
    }
}

/// AVI has no times: frames that have none go on as those before them.
fn even(times: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::new();
    for time in times {
        let next = match all.as_slice() {
            [.., a, b] => 2.0 * b - a,
            _ => 0.0,
        };
        all.push(time.unwrap_or(next));
    }
    all
}

/// From the first to the end of the last frame. Matroska tells the end, in a tag.
fn length(picture: &Value) -> Option<f64> {
    let end = picture["tags"]["DURATION"].as_str().and_then(|text| {
        let parts: Option<Vec<f64>> = text.split(':').map(|part| part.parse().ok()).collect();
        Some(parts?.into_iter().fold(0.0, |sum, part| sum * 60.0 + part))
    });
    let start = number(&picture["start_time"]).unwrap_or(0.0).max(0.0);
    number(&picture["duration"]).or_else(|| Some(end? - start))
}

/// Kind, codec, language, what it is for.
fn described(stream: &Value) -> String {
    let name = stream["codec_name"].as_str().or_else(|| stream["tags"]["filename"].as_str());
    let kind = stream["codec_type"].as_str().unwrap_or("data");
    let mut words = vec![kind.to_owned(), name.unwrap_or("?").to_owned()];
    words.extend(stream["tags"]["language"].as_str().filter(|l| *l != "und").map(str::to_owned));
    let uses = stream["disposition"].as_object();
    words.extend(uses.into_iter().flatten().filter(|(_, set)| **set == 1).map(|(u, _)| u.clone()));
    words.join(" ")
}
