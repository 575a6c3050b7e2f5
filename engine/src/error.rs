//! One error type for the whole program: what happened, why, and what to do about it.
//!
//! The kind decides the exit code; the message names the file, the frame and the reason; the hint
//! says what the user can do next.

use std::fmt;

/// The result of everything in facedeck that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure this is; each kind has its own exit code.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The work was tried and failed (exit 1).
    Failed,
    /// The request makes no sense: a missing file, a bad value (exit 2). Found before any work.
    Usage,
    /// The content filter refused the input (exit 3).
    Refused(Refusal),
    /// There is no face where one is needed (exit 4).
    NoFace,
    /// Something needed is not installed: ffmpeg, the runtime, a model (exit 5).
    Missing,
    /// An execution provider that was asked for cannot be used (exit 6).
    Provider,
    /// The user stopped it (exit 130).
    Interrupted,
}

/// Why and where the content filter fired.
#[derive(
    Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
pub struct Refusal {
    /// The file that was refused.
    pub file: String,
    /// Index of the frame, 0-based; 0 for a still.
    pub frame: u64,
    /// Presentation time of the frame in seconds; 0 for a still.
    pub time: f64,
    /// The filter's probability, 0..=1.
    pub score: f32,
}

/// An error with its kind, its message, its causes and a hint.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of any kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), hint: None, cause: None }
    }

    /// The work was tried and failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Error::new(Kind::Failed, message)
    }

    /// The request makes no sense; found before any work.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, message)
    }

    /// No face was found where one is needed.
    pub fn no_face(message: impl Into<String>) -> Self {
        Error::new(Kind::NoFace, message)
    }

    /// Something that is needed is not installed.
    pub fn missing(message: impl Into<String>) -> Self {
        Error::new(Kind::Missing, message)
    }

    /// The user stopped the work.
    pub fn interrupted() -> Self {
        Error::new(Kind::Interrupted, "interrupted")
    }

    /// Puts who failed before the message.
    #[must_use]
    pub fn of(mut self, who: &str) -> Self {
        self.message = format!("{who}: {}", self.message);
        self
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The kind, which decides the exit code.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What happened, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the user can do, when there is something.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The exit code of the process for this error.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Refused(_) => 3,
            Kind::NoFace => 4,
            Kind::Missing => 5,
            Kind::Provider => 6,
            Kind::Interrupted => 130,
        }
    }

    /// A stable word for the kind, for `--json`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Failed => "failed",
            Kind::Usage => "usage",
            Kind::Refused(_) => "refused",
            Kind::NoFace => "no_face",
            Kind::Missing => "missing",
            Kind::Provider => "provider",
            Kind::Interrupted => "interrupted",
        }
    }

    /// The message followed by every cause, joined with ": ".
    pub fn chain(&self) -> String {
        let mut text = self.message.clone();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|e| e as &(dyn std::error::Error + 'static))
    }
}

/// Adds "while doing X" to any error.
pub trait Context<T> {
    /// Turns the error into a [`Kind::Failed`] one with this message and the old error as its cause.
    fn context(self, message: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E> Context<T> for std::result::Result<T, E>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn context(self, message: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|e| Error::failed(message()).because(e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_names_every_cause() {
        let io = std::io::Error::other("disk on fire");
        let error = Error::failed("cannot write a.png").because(io);
        assert_eq!(error.chain(), "cannot write a.png: disk on fire");
        assert_eq!(error.exit_code(), 1);
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes: Vec<u8> = [
            Error::failed(""),
            Error::usage(""),
            Error::no_face(""),
            Error::missing(""),
            Error::interrupted(),
        ]
        .iter()
        .map(Error::exit_code)
        .collect();
        assert_eq!(codes, [1, 2, 4, 5, 130]);
    }
}
