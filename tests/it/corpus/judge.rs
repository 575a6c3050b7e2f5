//! Swaps a film and compares what comes out with it.

use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::clips::Clips;
use crate::common::{media, swap, words};

use super::clip::Clip;
use super::facts::{Facts, PICTURE};
use super::pixels::{self, Changes};

/// Seconds by which a time may be another one: containers round to milliseconds.
const NEAR: f64 = 0.001 + 1e-6;

/// The same for the end of the last frame, which two roundings tell.
const NEAR_END: f64 = 0.002 + 1e-6;

/// Words of the messages that say that something gets lost.
const LOSSES: [&str; 5] = ["left out", "cannot hold", "cannot keep", "is lost", "becomes"];

/// What was found about one film; a row of the table.
pub struct Verdict {
    pub film: String,
    pub output: String,
    pub picture: String,
    pub frames: usize,
    pub colors: String,
    /// The most by which a frame is late or early, in seconds.
    pub off: f64,
    /// The same for the beginning of every other stream against the picture.
    pub apart: Option<f64>,
    pub streams: String,
    pub changes: Changes,
    pub seconds: f64,
    pub faults: Vec<String>,
}

/// Makes a film, swaps it, and compares.
pub fn judge(clip: &Clip, folder: &Clips) -> Verdict {
    let begun = Instant::now();
    let target = clip.make(folder.path("").as_path());
    let decoder = clip.decoder.as_deref();
    let before = Facts::of(&target, decoder);
    let output = folder.path(&format!("out-{}.{}", clip.file, clip.output));
    let mut verdict = Verdict {
        film: clip.file.clone(),
        output: clip.output.clone(),
        picture: ["codec_name", "pix_fmt", "r_frame_rate"].map(|k| before.about(k)).join(" "),
        frames: before.times.len(),
        colors: ["color_range", "color_space", "color_primaries", "color_transfer"]
            .map(|k| before.about(k))
            .join(" "),
        off: 0.0,
        apart: None,
        streams: String::new(),
        changes: Changes::default(),
        seconds: 0.0,
        faults: Vec::new(),
    };
    let faults = clip_faults(clip, &before);
    verdict.take(faults);
    // Several segments, so that their seams are seen, too.
    let mut flags = vec!["--json", "--quality", "100", "--set", "run.segment=0.5"];
    if !clip.flags.contains("--preset") {
        flags.extend(["--preset", "ultrafast"]);
    }
    flags.extend(clip.flags.split_whitespace());
    let run = swap(&media("grace_hopper.jpg"), &target, &output, &flags);
    if run.status.success() {
        verdict.take(told_faults(clip, &String::from_utf8_lossy(&run.stdout)));
        let after = Facts::of(&output, decoder);
        verdict.compare(clip, &before, &after);
        let formats = [&before, &after].map(|facts| {
            clip.pixels.clone().unwrap_or_else(|| facts.picture["pix_fmt"].as_str().unwrap().into())
        });
        match pixels::changes(&target, &output, &formats, decoder, &before) {
            Ok(changes) => {
                verdict.take(changes.faults(clip.frames));
                verdict.changes = changes;
            }
            Err(fault) => verdict.take(vec![fault]),
        }
    } else {
        verdict.take(vec![format!("the swap fails: {}", words(&run).trim())]);
    }
    verdict.seconds = begun.elapsed().as_secs_f64();
    if verdict.faults.is_empty() {
        remove(&target);
        remove(&output);
    }
    verdict
}

fn remove(path: &Path) {
    std::fs::remove_file(path).expect("the file is there");
}

/// Whether pixels are as wide as high; nothing is said of most of them.
fn square(ratio: &str) -> bool {
    matches!(ratio, "-" | "1:1")
}

/// Whether the clip is what it has to be, so that nothing is proven by mistake.
fn clip_faults(clip: &Clip, facts: &Facts) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, wanted) in &clip.is {
        let is = match &facts.picture[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if is != *wanted {
            faults.push(format!("the clip is wrong: its {name} is {is}, not {wanted}"));
        }
    }
    for wanted in &clip.sides {
        if !facts.sides.iter().any(|side| side["side_data_type"] == *wanted) {
            faults.push(format!("the clip is wrong: it has no {wanted}"));
        }
    }
    if facts.times.len() != clip.frames {
        faults.push(format!("the clip is wrong: {} frames", facts.times.len()));
    }
    faults
}

/// What was told: every frame is done and swapped, and what gets lost was named before the work.
fn told_faults(clip: &Clip, told: &str) -> Vec<String> {
    let events: Vec<Value> = told.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    let mut faults = Vec::new();
    let summary = events.last().expect("a summary");
    for name in ["frames", "frames_with_swap"] {
        if summary[name] != clip.frames {
            faults.push(format!("{name} is {}, not {}", summary[name], clip.frames));
        }
    }
    let begun = events.iter().position(|e| e["event"] == "progress").unwrap_or(events.len());
    let notes = |events: &[Value]| -> Vec<String> {
        events.iter().filter_map(|e| e["message"].as_str().map(str::to_owned)).collect()
    };
    let early = notes(&events[..begun]);
    for wanted in &clip.says {
        if !early.iter().any(|note| note.contains(wanted.as_str())) {
            faults.push(format!("'{wanted}' is not said before the work: {early:?}"));
        }
    }
    for note in notes(&events) {
        let lost = LOSSES.iter().any(|word| note.contains(word));
        if lost && !clip.says.iter().any(|wanted| note.contains(wanted.as_str())) {
            faults.push(format!("it says '{note}', which is not so"));
        }
    }
    faults
}

impl Verdict {
    fn take(&mut self, faults: Vec<String>) {
        let film = &self.film;
        self.faults.extend(faults.into_iter().map(|fault| format!("{film}: {fault}")));
    }

    fn fault(&mut self, fault: String) {
        self.take(vec![fault]);
    }

    fn compare(&mut self, clip: &Clip, before: &Facts, after: &Facts) {
        self.times(before, after);
        self.streams(clip, before, after);
        self.chapters(before, after);
        self.picture(clip, before, after);
    }

    fn times(&mut self, before: &Facts, after: &Facts) {
        if before.times.len() != after.times.len() {
            return self.fault(format!("{} frames → {}", before.times.len(), after.times.len()));
        }
        let since = |times: &[f64], i: usize| times[i] - times[0];
        let off = |i: usize| (since(&before.times, i) - since(&after.times, i)).abs();
        let worst = (0..before.times.len()).max_by(|a, b| off(*a).total_cmp(&off(*b)));
        let worst = worst.unwrap_or(0);
        self.off = off(worst);
        if self.off > NEAR {
            let [was, is] = [before, after].map(|facts| since(&facts.times, worst));
            self.fault(format!("frame {worst} at {was:.4} s → {is:.4} s"));
        }
        if let (Some(was), Some(is)) = (before.length, after.length)
            && (was - is).abs() > NEAR_END
        {
            self.fault(format!("the picture ends after {was:.4} s → {is:.4} s"));
        }
    }

    /// The streams beside the picture, and when they begin against it.
    fn streams(&mut self, clip: &Clip, before: &Facts, after: &Facts) {
        self.streams = after.streams.join(", ");
        let wanted = clip.streams.as_ref().unwrap_or(&before.streams);
        if *wanted != after.streams {
            return self.fault(format!("the streams {wanted:?} → {:?}", after.streams));
        }
        let (Some(old), Some(new)) = (before.times.first(), after.times.first()) else { return };
        for (at, (was, is)) in before.starts.iter().zip(&after.starts).enumerate() {
            let (Some(was), Some(is)) = (was, is) else {
                if was.is_some() || is.is_some() {
                    self.fault(format!("the stream {} has nothing in it", wanted[at]));
                }
                continue;
            };
            // How much later it is against the picture.
            let late = (is - new) - (was - old);
            self.apart = Some(self.apart.map_or(late.abs(), |most| most.max(late.abs())));
            if late.abs() > NEAR.max(clip.loose) {
                let (was, is) = (was - old, is - new);
                let stream = &wanted[at];
                self.fault(format!("{stream} begins {was:.4} s after the picture → {is:.4} s"));
            }
        }
        for (was, is) in before.samples.iter().zip(&after.samples) {
            // What begins earlier is longer, and other containers and codecs end with a whole block.
            let same = clip.loose == 0.0 && clip.file.ends_with(&clip.output);
            let more = if same { 0 } else { 2 * 2048 };
            if is < was || *is > was + more {
                self.fault(format!("{was} samples of sound → {is}"));
            }
        }
    }

    fn chapters(&mut self, before: &Facts, after: &Facts) {
        let since = |facts: &Facts| -> Vec<(String, f64, f64)> {
            let first = facts.times.first().copied().unwrap_or(0.0);
            let shift =
                |(title, from, to): &(String, f64, f64)| (title.clone(), from - first, to - first);
            facts.chapters.iter().map(shift).collect()
        };
        let (old, new) = (since(before), since(after));
        let same = old.len() == new.len()
            && old
                .iter()
                .zip(&new)
                .all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() <= NEAR && (a.2 - b.2).abs() <= NEAR);
        if !same {
            self.fault(format!("the chapters {old:?} → {new:?}"));
        }
    }

    /// Shape, colors, light.
    fn picture(&mut self, clip: &Clip, before: &Facts, after: &Facts) {
        for name in PICTURE {
            let (mut was, is) = (before.about(name), after.about(name));
            if before.rotation.rem_euclid(180) == 90 {
                match name {
                    "width" => was = before.about("height"),
                    "height" => was = before.about("width"),
                    _ => {}
                }
            }
            let same = match (clip.becomes.get(name).map(String::as_str), name) {
                (Some("*"), _) => true,
                (Some(wanted), _) => is == wanted,
                (None, _) if is == was => true,
                // Said of what was only meant before.
                (None, "color_range") => was == "-" && is == "tv",
                (None, "chroma_location") => was == "-" && is == "left",
                (None, "sample_aspect_ratio") => [was.as_str(), &is].iter().all(|r| square(r)),
                _ => false,
            };
            if !same {
                self.fault(format!("{name} {was} → {is}"));
            }
        }
        if after.rotation != 0 {
            self.fault(format!("it is turned by {} degrees once more", after.rotation));
        }
        if clip.fields.as_deref().unwrap_or(before.fields) != after.fields {
            self.fault(format!("{} → {}", before.fields, after.fields));
        }
        if before.sides != after.sides {
            self.fault(format!("the light {:?} → {:?}", before.sides, after.sides));
        }
    }
}
