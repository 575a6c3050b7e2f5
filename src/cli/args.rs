//! Arguments that several commands share.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::profiles::{Profile, Select};
use crate::provision::{self, Preference, Provisioned};
use crate::safety::consent;
use crate::settings::Directories;

/// How a command speaks.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct OutArgs {
    /// Print one JSON object per event on standard output
    #[arg(long)]
    pub json: bool,
    /// Print errors only
    #[arg(short, long, conflicts_with = "json")]
    pub quiet: bool,
}

/// Whose face goes in.
#[derive(Debug, Clone, clap::Args)]
pub struct SourceArgs {
    /// A photo of the face to put in; several of the same person are better than one
    #[arg(short, long = "source", value_name = "PHOTO", required = true, num_args = 1..)]
    pub sources: Vec<PathBuf>,
    /// Which face of the photo, by size from 0 [default: the largest]
    #[arg(long, value_name = "N")]
    pub source_face: Option<usize>,
}

/// Which faces of the target are changed.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct TargetFaceArgs {
    /// Swap every face, not only the main one
    #[arg(long, conflicts_with_all = ["reference_face_position", "reference_frame_number"])]
    pub many_faces: bool,
    /// Swap only who looks like this face of the reference frame (by score from 0)
    #[arg(long, value_name = "N")]
    pub reference_face_position: Option<usize>,
    /// The reference frame
    #[arg(long, value_name = "N")]
    pub reference_frame_number: Option<u64>,
    /// How different a face may be from the reference face [default: 0.85]
    #[arg(long, value_name = "D")]
    pub similar_face_distance: Option<f32>,
}

impl TargetFaceArgs {
    /// Puts the choice that these flags state into a profile.
    ///
    /// # Errors
    /// When the distance is out of its range.
    pub fn apply(&self, profile: &mut Profile) -> Result<()> {
        if self.many_faces {
            profile.faces.select = Select::Many;
            return Ok(());
        }
        let asked = self.reference_face_position.is_some()
            || self.reference_frame_number.is_some()
            || self.similar_face_distance.is_some();
        if !asked {
            return Ok(());
        }
        let distance = self.similar_face_distance.unwrap_or(0.85);
        if !(0.0..=4.0).contains(&distance) {
            return Err(Error::usage(format!(
                "--similar-face-distance {distance} is out of range"
            ))
            .hint("it lies between 0 (the same photo) and 4; people differ by more than 1"));
        }
        profile.faces.select = Select::Reference;
        profile.faces.position = self.reference_face_position.unwrap_or(0);
        profile.faces.reference_frame = self.reference_frame_number.unwrap_or(0);
        profile.faces.distance = distance;
        Ok(())
    }
}

/// What every command that makes pictures asks first.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct TermsArgs {
    /// Accept the terms of use without being asked (for scripts)
    #[arg(long)]
    pub accept_terms: bool,
}

impl TermsArgs {
    /// Makes sure that the terms are accepted.
    ///
    /// # Errors
    /// When they are not.
    pub fn ensure(self) -> Result<()> {
        use std::io::IsTerminal;
        let interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        consent::ensure(&Directories::from_env()?.config, self.accept_terms, interactive)
    }
}

/// ffmpeg and ONNX Runtime, or an error that says how to get them.
///
/// # Errors
/// [`crate::error::Kind::Missing`].
pub fn provisioned() -> Result<Provisioned> {
    provisioned_for(Preference::Processor)
}

/// As [`provisioned`], with the runtime that suits the providers.
///
/// # Errors
/// [`crate::error::Kind::Missing`].
pub fn provisioned_for(preference: Preference) -> Result<Provisioned> {
    provision::ensure_for(preference, &mut |line| super::output::line(line), false)
}
