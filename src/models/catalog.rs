//! What the catalog says about a model: one TOML file per model in `models/`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::{Context, Result};
use crate::imaging::template::Template;

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds faces in a picture.
    Detector,
    /// Finds points in a face.
    Landmarks,
    /// Turns a face into a vector that says whose it is.
    Recognizer,
    /// Puts one person's face onto another's crop.
    Swapper,
    /// Makes a face crop sharper.
    Enhancer,
    /// Turns one recognizer's vectors into another's.
    Converter,
    /// Says which part of a face a pixel belongs to.
    Parser,
    /// Says what hides a face.
    Occluder,
    /// Guesses sex and age.
    Attributes,
    /// Judges whether a picture may be worked on.
    ContentFilter,
    /// A face's shape; not a network.
    Mesh,
}

/// The order of an input's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Batch, rows, columns, channels.
    Nhwc,
    /// Batch, channels, rows, columns.
    Nchw,
}

/// The order of an input's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// How a picture is fed to a network: `(sample − mean) / std`, samples 0..=255.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The input's name in the graph.
    pub name: String,
    /// The tensor's shape; 0 where the batch may have any size.
    pub shape: [usize; 4],
    /// The order of the axes.
    pub layout: Layout,
    /// The order of the channels.
    pub channels: Channels,
    /// Subtracted from the samples, per channel in the order of `channels`.
    pub mean: [f32; 3],
    /// The difference is divided by this, per channel in the order of `channels`.
    #[serde(deserialize_with = "one_or_three")]
    pub std: [f32; 3],
}

impl Input {
    /// Columns and rows of the picture.
    pub fn size(&self) -> (usize, usize) {
        match self.layout {
            Layout::Nhwc => (self.shape[2], self.shape[1]),
            Layout::Nchw => (self.shape[3], self.shape[2]),
        }
    }
}

/// A number for all channels, or one for each.
fn one_or_three<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> std::result::Result<[f32; 3], D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a number or a list of three")]
    enum Either {
        One(f32),
        Three([f32; 3]),
    }
    Ok(match Either::deserialize(from)? {
        Either::One(v) => [v; 3],
        Either::Three(v) => v,
    })
}

/// Where a file can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// An address to fetch it from, `https://…`.
    Url(String),
    /// A file of this machine.
    Path(PathBuf),
    /// A member of a Python wheel.
    Wheel {
        /// The package.
        package: String,
        /// Its version.
        version: String,
        /// The member's path in the wheel.
        member: String,
    },
}

/// One exact file. A model may have been exported more than once: any of its files will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightFile {
    /// Its name.
    pub name: String,
    /// Its size, where it is known.
    pub bytes: Option<u64>,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Where it can be had, to be tried in this order; none for what is embedded or can only be
    /// imported.
    #[serde(default)]
    pub sources: Vec<Origin>,
}

/// What a swapper is told about the person who is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// The recognizer's vector.
    Embedding,
    /// The recognizer's vector times the matrix that lies in the swapper's own file, the "emap".
    Emap,
    /// The aligned picture of the face.
    Image,
}

/// How a swapper that works on aligned crops is used; its target input is [`Entry::input`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapperSpec {
    /// How the target's crop is aligned; its size is the input's.
    pub template: Template,
    /// What it is told about the source.
    pub source: SourceKind,
    /// The name of the input that takes it.
    pub source_input: String,
    /// Vectors: whether they are scaled to unit length (after the converter, where there is one).
    #[serde(default = "yes")]
    pub normalize: bool,
    /// Vectors: the catalog id of the network that converts them first.
    pub converter: Option<String>,
    /// Pictures: how they are aligned.
    pub source_template: Option<Template>,
    /// Pictures: their side in pixels.
    pub source_size: Option<usize>,
    /// The name of the output with the swapped crop.
    pub output: String,
    /// The output's values for black and white.
    pub range: [f32; 2],
    /// The name of an output that says, 0..=1 per pixel, where the swapped crop is to be used.
    pub mask_output: Option<String>,
    /// The catalog id of the same network in single precision, for graphics processors on which
    /// half precision overflows.
    pub single_precision: Option<String>,
}

/// How an enhancer is used; its picture input is [`Entry::input`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnhancerSpec {
    /// How the crop is aligned; its size is the input's.
    pub template: Template,
    /// The name of the output.
    pub output: String,
    /// The output's values for black and white.
    pub range: [f32; 2],
    /// The name of a double-precision input of one number, 0..=1: how much to trust the picture
    /// (1) over what faces look like (0).
    pub weight_input: Option<String>,
}

fn yes() -> bool {
    true
}

/// A model in the catalog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// A short, stable name.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// The code that knows how to use it.
    pub family: String,
    /// What it is good for, in one line.
    #[serde(default)]
    pub summary: String,
    /// The exact files that are it, the preferred one first.
    pub files: Vec<WeightFile>,
    /// SPDX identifier of its license, or a name where it has none.
    pub license: String,
    /// The license's text, in `models/licenses/`; for what is embedded.
    pub license_file: Option<String>,
    /// Whose work it is.
    pub attribution: String,
    /// Whether its license allows commercial use.
    pub commercial: bool,
    /// Where it comes from.
    pub upstream: String,
    /// What else to know: conversion, outputs, origin of the training data.
    pub notes: String,
    /// Catalog ids of other models that it does not work without.
    #[serde(default)]
    pub needs: Vec<String>,
    /// How to feed it; absent for what is not a network.
    pub input: Option<Input>,
    /// For [`Role::Swapper`].
    pub swapper: Option<SwapperSpec>,
    /// For [`Role::Enhancer`].
    pub enhancer: Option<EnhancerSpec>,
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    /// When a key is unknown, missing or of the wrong type.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context(|| "malformed catalog entry".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = include_str!("../../models/mobilefacenet_112_512.toml");

    #[test]
    fn an_entry_is_read() {
        let input = Entry::parse(ENTRY).unwrap().input.unwrap();
        assert_eq!(input.size(), (112, 112));
        assert_eq!((input.layout, input.channels), (Layout::Nchw, Channels::Rgb));
    }

    #[test]
    fn unknown_and_missing_keys_are_refused() {
        let unknown = Entry::parse(&format!("colour = 1\n{ENTRY}")).unwrap_err();
        assert!(unknown.chain().contains("colour"), "{}", unknown.chain());
        let missing = Entry::parse(&ENTRY.replace("license =", "#")).unwrap_err();
        assert!(missing.chain().contains("license"), "{}", missing.chain());
    }
}
