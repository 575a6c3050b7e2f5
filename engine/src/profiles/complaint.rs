//! What is wrong with a profile, and where that was said.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::Error;

/// Where a key got its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A line of a built-in profile.
    BuiltIn {
        /// The profile's name.
        profile: String,
        /// The line, from 1.
        line: usize,
    },
    /// A line of a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable of this name.
    Variable(String),
    /// A flag of the command line, as it is written.
    Flag(String),
}

impl Origin {
    /// A line of a profile: of the file, or of the built-in one of this name.
    pub fn line(path: Option<&Path>, profile: &str, line: usize) -> Self {
        match path {
            Some(path) => Origin::File { path: path.to_owned(), line },
            None => Origin::BuiltIn { profile: profile.to_owned(), line },
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::BuiltIn { profile, line } => {
                write!(f, "the built-in profile {profile}, line {line}")
            }
            Origin::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Origin::Variable(name) | Origin::Flag(name) => f.write_str(name),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Where.
    pub origin: Origin,
    /// What.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

/// Everything that is wrong; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaints(pub Vec<Complaint>);

impl From<Complaint> for Complaints {
    fn from(one: Complaint) -> Self {
        Complaints(vec![one])
    }
}

impl From<Complaints> for Error {
    /// The first complaint, with a word about the others.
    fn from(Complaints(all): Complaints) -> Self {
        let Some((first, others)) = all.split_first() else {
            return Error::usage("the profile cannot be used");
        };
        let mut message = first.to_string();
        if !others.is_empty() {
            let noun = if others.len() == 1 { "fault" } else { "faults" };
            message.push_str(&format!(" (and {} {noun} more)", others.len()));
        }
        let error = Error::usage(message);
        match &first.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
