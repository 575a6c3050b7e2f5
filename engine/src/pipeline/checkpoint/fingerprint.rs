//! What decides whether finished segments fit a job: everything that changes its pixels or the way
//! in which they are encoded.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::error::{Context, Result};
use crate::interrupt::Interrupt;
use crate::media::sequence;
use crate::models::{Store, Weights, hash};
use crate::provision::FfmpegTools;

use super::super::needs::needs;
use super::super::request::Request;

/// Of a large file this many bytes at its beginning, in its middle and at its end are looked at,
/// with its size and the time of its last change: to read all of a film takes too long.
const SAMPLE: u64 = 1 << 20;

/// Files up to this size are looked at as a whole.
const WHOLE: u64 = 64 << 20;

/// What a job was begun with, by labels that people understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(BTreeMap<String, String>);

impl Fingerprint {
    /// With what else the job's pixels depend on.
    #[must_use]
    pub fn with(mut self, label: &str, value: &str) -> Self {
        self.0.insert(label.to_owned(), value.to_owned());
        self
    }

    /// What stands for all of it.
    pub fn hash(&self) -> String {
        hash::of_bytes(format!("{:?}", self.0).as_bytes())
    }

    /// Of a job with these tools.
    ///
    /// # Errors
    /// When an input cannot be read, or a processor of the profile is unknown.
    pub fn of(request: &Request, tools: &FfmpegTools, store: &Store) -> Result<Self> {
        let mut parts = BTreeMap::new();
        parts.insert("facedeck".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        parts.insert("ffmpeg".to_owned(), tools.version.clone());
        for (at, (role, path)) in request.inputs().enumerate() {
            let label = if role == "target" { role.to_owned() } else { format!("{role} {at}") };
            parts.insert(label, content(path)?);
        }
        if let Some(face) = request.source_face {
            parts.insert("face of the source".to_owned(), face.to_string());
        }
        parts.insert("kind of output".to_owned(), extension(&request.output));
        for id in needs(&request.profile)? {
            let weights = match store.locate(&id)? {
                Weights::Embedded(bytes) => hash::of_bytes(bytes),
                Weights::File(path) => content(&path)?,
            };
            parts.insert(format!("model {id}"), weights);
        }
        let profile =
            serde_json::to_value(&request.profile).context(|| "cannot write the profile".into())?;
        flatten("", &profile, &mut parts);
        Ok(Fingerprint(parts))
    }

    /// Its parts, each a label and a value.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(label, value)| (label.as_str(), value.as_str()))
    }

    /// From its parts.
    pub(in super::super) fn from_parts(parts: Vec<(String, String)>) -> Self {
        Fingerprint(parts.into_iter().collect())
    }

    /// What is another in `now`, in words; nothing when work that was begun with this one can go
    /// on.
    pub fn changes(&self, now: &Fingerprint) -> Vec<String> {
        let labels = self.0.keys().chain(now.0.keys().filter(|label| !self.0.contains_key(*label)));
        labels
            .filter_map(|label| match (self.0.get(label), now.0.get(label)) {
                (was, is) if was == is => None,
                (Some(_), Some(_)) if label.starts_with("model ") || is_file(label) => {
                    Some(format!("the {label} is another file"))
                }
                (Some(was), Some(is)) => Some(format!("{label} was {was} and is {is}")),
                (Some(was), None) => Some(format!("{label} was {was} and is not set")),
                (None, Some(is)) => Some(format!("{label} was not set and is {is}")),
                (None, None) => None,
            })
            .collect()
    }
}

fn is_file(label: &str) -> bool {
    ["target", "source", "reference picture", "person", "face of the map"]
        .iter()
        .any(|role| label.starts_with(role))
}

/// Keys that change how fast and where the work is done, but no pixel.
const OF_NO_WEIGHT: [&str; 5] =
    ["description", "run.threads", "run.max_memory", "run.segment", "run.patience"];

/// Adds every value of the profile under its key with its table.
fn flatten(key: &str, value: &serde_json::Value, parts: &mut BTreeMap<String, String>) {
    if let serde_json::Value::Object(table) = value {
        for (name, value) in table {
            let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            flatten(&key, value, parts);
        }
    } else if !value.is_null() && !OF_NO_WEIGHT.contains(&key) {
        parts.insert(key.to_owned(), value.to_string());
    }
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// What stands for many pictures: their names, sizes and the times of their last changes.
fn stamps(files: &[PathBuf]) -> Result<String> {
    let mut seen = Vec::new();
    for file in files {
        let about = fs::metadata(file).context(|| format!("cannot read {}", file.display()))?;
        let changed = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let name = file.file_name().unwrap_or_default().as_encoded_bytes();
        seen.extend(name.len().to_le_bytes());
        seen.extend(name);
        seen.extend(about.len().to_le_bytes());
        seen.extend(changed.unwrap_or_default().as_nanos().to_le_bytes());
    }
    Ok(hash::of_bytes(&seen))
}

/// What stands for a file's content.
fn content(path: &Path) -> Result<String> {
    let what = || format!("cannot read {}", path.display());
    if let Some(sequence) = sequence::find(path)? {
        return stamps(sequence.files());
    }
    let metadata = fs::metadata(path).context(what)?;
    let size = metadata.len();
    if size <= WHOLE {
        return hash::of_file(path, &Interrupt::new());
    }
    let changed = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let mut seen = size.to_le_bytes().to_vec();
    seen.extend(changed.unwrap_or_default().as_nanos().to_le_bytes());
    let mut file = File::open(path).context(what)?;
    for start in [0, size / 2, size - SAMPLE] {
        file.seek(SeekFrom::Start(start)).context(what)?;
        file.by_ref().take(SAMPLE).read_to_end(&mut seen).context(what)?;
    }
    Ok(hash::of_bytes(&seen))
}
