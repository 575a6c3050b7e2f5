//! What the catalog says about one model.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Result;

use super::document::Document;
use super::input::Input;
use super::spec::{EnhancerSpec, SwapperSpec};

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

impl Role {
    /// The families of this role that facedeck has code for.
    pub fn families(self) -> &'static [&'static str] {
        match self {
            Role::Detector => &["blazeface", "scrfd", "yunet"],
            Role::Landmarks => &["face_mesh", "fan_68", "insightface_106"],
            Role::Recognizer => &["arcface"],
            // Swappers and enhancers of any make: `[swapper]` and `[enhancer]` say how they work.
            Role::Swapper | Role::Enhancer => &["aligned_crop"],
            Role::Converter => &["vector"],
            Role::Parser => &["bisenet"],
            Role::Occluder => &["xseg"],
            Role::Attributes => &["genderage"],
            Role::ContentFilter => &["open_nsfw"],
            Role::Mesh => &["obj"],
        }
    }

    /// Whether such a model is fed with pictures and so needs `[input]`.
    pub fn takes_pictures(self) -> bool {
        !matches!(self, Role::Converter | Role::Mesh)
    }

    /// The word that stands for it in a catalog entry.
    pub fn name(self) -> &'static str {
        match self {
            Role::Detector => "detector",
            Role::Landmarks => "landmarks",
            Role::Recognizer => "recognizer",
            Role::Swapper => "swapper",
            Role::Enhancer => "enhancer",
            Role::Converter => "converter",
            Role::Parser => "parser",
            Role::Occluder => "occluder",
            Role::Attributes => "attributes",
            Role::ContentFilter => "content_filter",
            Role::Mesh => "mesh",
        }
    }
}

/// Where a file can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// An address to fetch it from, `https://…`.
    Url(String),
    /// A file of this machine; a relative path is taken from the folder of the entry's file.
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

/// A model in the catalog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// A short, stable name.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// The code that knows how to use it: one of [`Role::families`].
    pub family: String,
    /// What it is good for, in one line.
    #[serde(default)]
    pub summary: String,
    /// The exact files that are it, the preferred one first. None: no file is known by its hash, so
    /// nothing is fetched, and the user says with `models import FILE --as ID` which file it is.
    pub files: Vec<WeightFile>,
    /// SPDX identifier of its license; a `LicenseRef-…` name where it has none, `unknown` where
    /// nobody says.
    pub license: String,
    /// What a license that is not in SPDX's list allows, in one line.
    pub license_note: Option<String>,
    /// The license's text, in `models/licenses/`; for what is embedded.
    pub license_file: Option<String>,
    /// Whose work it is.
    pub attribution: String,
    /// Whether its license allows commercial use.
    pub commercial: bool,
    /// Where it comes from.
    pub upstream: String,
    /// What else to know: conversion, outputs, origin of the training data; where people find it
    /// when there is nothing to fetch.
    pub notes: String,
    /// Catalog ids of other models that it does not work without.
    #[serde(default)]
    pub needs: Vec<String>,
    /// How to feed it; absent for what takes no pictures.
    pub input: Option<Input>,
    /// For [`Role::Swapper`].
    pub swapper: Option<SwapperSpec>,
    /// For [`Role::Enhancer`].
    pub enhancer: Option<EnhancerSpec>,
}

impl Entry {
    /// Reads an entry that is in no file of its own; see [`Entry::parse_named`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with line, key and what is wrong there.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_named("catalog entry", text)
    }

    /// Reads an entry and checks what can be checked without the rest of the catalog.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with `FILE:LINE: KEY:` and what is wrong there.
    pub fn parse_named(file: &str, text: &str) -> Result<Self> {
        Document::new(file, text).entry()
    }

    /// Its license, in one line.
    pub fn terms(&self) -> String {
        let Entry { id, license, attribution, upstream, .. } = self;
        let terms = if self.commercial { "" } else { ", not for commercial use" };
        let note = self.license_note.as_deref().map_or(String::new(), |note| format!(" ({note})"));
        format!("{id}: license {license}{terms}{note}; by {attribution}; see {upstream}")
    }

    /// Whether facedeck can fetch it: at least one of its exact files is known and has a source.
    pub fn fetchable(&self) -> bool {
        self.files.iter().any(|file| !file.sources.is_empty())
    }

    /// The file whose hash this is, in lower-case hexadecimal.
    pub fn file_with_hash(&self, sha256: &str) -> Option<&WeightFile> {
        self.files.iter().find(|file| file.sha256 == sha256)
    }
}
