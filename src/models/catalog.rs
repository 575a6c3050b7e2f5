//! What the catalog says about a model: one TOML file per model in `models/`.

use serde::{Deserialize, Serialize};

use crate::error::{Context, Result};

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds faces in a picture.
    Detector,
    /// Finds points in a face.
    Landmarks,
    /// Turns a face into a vector that says whose it is.
    Recognizer,
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
    /// The difference is divided by this.
    pub std: f32,
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
    /// Its file name.
    pub file: String,
    /// Its file size.
    pub bytes: u64,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// SPDX identifier of its license.
    pub license: String,
    /// The license's text, in `models/licenses/`.
    pub license_file: String,
    /// Whose work it is.
    pub attribution: String,
    /// Whether its license allows commercial use.
    pub commercial: bool,
    /// Where it comes from.
    pub upstream: String,
    /// What else to know: conversion, outputs, origin of the training data.
    pub notes: String,
    /// How to feed it; absent for what is not a network.
    pub input: Option<Input>,
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
