//! Errors as the service answers them: a type that stays the same, a message, a hint.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Kind, Refusal};
use crate::jobs::Failure;

/// The stable types of errors; the API answers each with its own status, and metrics count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The request makes no sense (422).
    Invalid,
    /// There is no or a wrong token (401).
    Unauthorized,
    /// This is not for clients of the network, or the path is outside the allowed folders (403).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// It cannot be done in the state in which things are (409).
    Conflict,
    /// The body, the picture or the film is larger than allowed (413).
    TooLarge,
    /// The client took too long to send its request (408).
    TooSlow,
    /// There are too many uploads, connections or streams at the moment (429).
    Busy,
    /// The content filter refused the file (422).
    Refused,
    /// There is no face where one is needed (422).
    NoFace,
    /// A model or a program is missing here (409).
    Missing,
    /// A provider that was asked for is not available here (409).
    Provider,
    /// The work was tried and failed (422).
    Failed,
    /// The service itself is at fault: its store or its disk (500).
    Internal,
}

impl FaultKind {
    /// The status of HTTP.
    pub fn status(self) -> u16 {
        match self {
            FaultKind::Unauthorized => 401,
            FaultKind::Forbidden => 403,
            FaultKind::NotFound => 404,
            FaultKind::TooSlow => 408,
            FaultKind::Conflict | FaultKind::Missing | FaultKind::Provider => 409,
            FaultKind::TooLarge => 413,
            FaultKind::Invalid | FaultKind::Refused | FaultKind::NoFace | FaultKind::Failed => 422,
            FaultKind::Busy => 429,
            FaultKind::Internal => 500,
        }
    }
}

/// An error with the type under which it is answered.
#[derive(Debug)]
pub struct Fault {
    /// The type.
    pub kind: FaultKind,
    /// The error.
    pub error: Error,
}

/// The result of everything that a client can ask for.
pub type Answer<T> = Result<T, Fault>;

impl Fault {
    /// A fault of a type.
    pub fn new(kind: FaultKind, error: Error) -> Self {
        Fault { kind, error }
    }

    /// The service itself is at fault.
    pub fn internal(error: Error) -> Self {
        Fault::new(FaultKind::Internal, error)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Fault::new(FaultKind::NotFound, Error::usage(message))
    }

    /// It cannot be done now.
    pub fn conflict(message: impl Into<String>) -> Self {
        Fault::new(FaultKind::Conflict, Error::usage(message))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            Kind::Usage => FaultKind::Invalid,
            Kind::Refused(_) => FaultKind::Refused,
            Kind::NoFace => FaultKind::NoFace,
            Kind::Missing => FaultKind::Missing,
            Kind::Provider => FaultKind::Provider,
            Kind::Interrupted => FaultKind::Conflict,
            Kind::Failed => FaultKind::Failed,
        };
        Fault::new(kind, error)
    }
}

/// The body of every answer that is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FaultBody {
    /// The error.
    pub error: FaultView,
}

/// An error as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FaultView {
    /// The type, which stays the same whatever the words.
    #[serde(rename = "type")]
    pub kind: FaultKind,
    /// What happened, why, and what can be done.
    #[serde(flatten)]
    pub failure: FailureView,
}

/// The words of an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailureView {
    /// What happened.
    pub message: String,
    /// Why, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where the content filter fired, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

impl From<&Fault> for FaultBody {
    fn from(fault: &Fault) -> Self {
        let Failure { message, causes, hint, .. } = Failure::from(&fault.error);
        let refusal = match fault.error.kind() {
            Kind::Refused(refusal) => Some(refusal.clone()),
            _ => None,
        };
        let failure = FailureView { message, causes, hint, refusal };
        FaultBody { error: FaultView { kind: fault.kind, failure } }
    }
}
