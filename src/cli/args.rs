//! Arguments that several commands share.

use std::path::PathBuf;

use clap::ValueHint;

use crate::error::Result;
use crate::pipeline::Resume;
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
    #[arg(short, long = "source", value_name = "PHOTO", num_args = 1..,
          value_hint = ValueHint::FilePath)]
    pub sources: Vec<PathBuf>,
    /// Which face of the photo, by size from 0 [default: the largest]
    #[arg(long, value_name = "N")]
    pub source_face: Option<usize>,
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

/// What becomes of the work of an earlier run that was cut off.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct ResumeArgs {
    /// Throw away what an earlier run of this job has made, and begin anew
    #[arg(long, conflicts_with = "resume")]
    pub restart: bool,
    /// Go on with what an earlier run has made, even if something has changed since
    #[arg(long)]
    pub resume: bool,
}

impl ResumeArgs {
    /// What was asked for.
    pub fn resume(self) -> Resume {
        match (self.restart, self.resume) {
            (true, _) => Resume::Restart,
            (_, true) => Resume::Anyway,
            _ => Resume::WhereItFits,
        }
    }
}
