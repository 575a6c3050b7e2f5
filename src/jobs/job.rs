//! A job as the store knows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{Error, Kind, Refusal};

use super::{JobId, JobSpec, State};

/// A job with everything that is remembered about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name among machines.
    pub id: JobId,
    /// What was asked for.
    pub spec: JobSpec,
    /// Where it stands.
    pub state: State,
    /// Those with more go first; 0 is usual, -1000..=1000.
    pub priority: i32,
    /// Its place among those of the same priority; less goes first. Only the order means anything.
    pub place: i64,
    /// The device on which it runs: see [`JobSpec::device`].
    pub device: String,
    /// Jobs that must be done before it.
    pub after: Vec<JobId>,
    /// It does not begin before this time.
    pub not_before: Option<Timestamp>,
    /// After a fault that can pass: the next attempt does not begin before this time.
    pub retry_at: Option<Timestamp>,
    /// How often it was begun since it was added or tried again by hand.
    pub attempts: u32,
    /// So many attempts are made when it fails for a reason that can pass.
    pub max_attempts: u32,
    /// How often the service ended while it ran, since it was added or tried again by hand.
    pub crashes: u32,
    /// The next attempt begins from the first frame, whatever is left of an earlier one.
    pub from_scratch: bool,
    /// When it was added.
    pub created: Timestamp,
    /// When its last attempt began.
    pub started: Option<Timestamp>,
    /// When it came to its end.
    pub ended: Option<Timestamp>,
    /// Why it stands where it stands, in words; empty where that says nothing new.
    pub reason: String,
    /// Why it failed or was refused, or why the next attempt is needed.
    pub failure: Option<Failure>,
    /// What it did: [`crate::pipeline::Summary`] as JSON.
    pub summary: Option<Value>,
}

/// One change of a job's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transition {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// From which state; none where the job was added.
    pub from: Option<State>,
    /// To which state.
    pub to: State,
    /// Why.
    pub reason: String,
}

/// An error that can be stored and sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// A stable word: `failed`, `usage`, `refused`, `no_face`, `missing`, `provider`, `crashed`,
    /// `dependency`.
    pub kind: String,
    /// What happened.
    pub message: String,
    /// Why, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// What can be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where the content filter fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub refusal: Option<Value>,
}

impl Failure {
    /// One that is no [`Error`].
    pub fn of_kind(kind: &str, message: impl Into<String>, hint: Option<&str>) -> Self {
        Failure {
            kind: kind.to_owned(),
            message: message.into(),
            causes: Vec::new(),
            hint: hint.map(str::to_owned),
            refusal: None,
        }
    }

    /// The exit code that a command ends with for it.
    pub fn exit_code(&self) -> u8 {
        let kinds = [
            Kind::Failed,
            Kind::Usage,
            Kind::Refused(Refusal::default()),
            Kind::NoFace,
            Kind::Missing,
            Kind::Provider,
            Kind::Interrupted,
        ];
        let errors = kinds.map(|kind| Error::new(kind, ""));
        errors.iter().find(|error| error.kind_name() == self.kind).map_or(1, Error::exit_code)
    }

    /// Message and causes in one line.
    pub fn chain(&self) -> String {
        let mut text = self.message.clone();
        for cause in &self.causes {
            text.push_str(": ");
            text.push_str(cause);
        }
        text
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let mut causes = Vec::new();
        let mut cause = std::error::Error::source(error);
        while let Some(because) = cause {
            causes.push(because.to_string());
            cause = because.source();
        }
        let refusal = match error.kind() {
            Kind::Refused(refusal) => serde_json::to_value(refusal).ok(),
            _ => None,
        };
        Failure {
            kind: error.kind_name().to_owned(),
            message: error.message().to_owned(),
            causes,
            hint: error.hint_text().map(str::to_owned),
            refusal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_kind_its_causes_and_its_hint() {
        let inner = Error::failed("cannot write").because(std::io::Error::other("EIO"));
        let failure = Failure::from(&Error::missing("no film").because(inner).hint("look"));
        assert_eq!(failure.chain(), "no film: cannot write: EIO");
        assert_eq!((failure.kind.as_str(), failure.exit_code()), ("missing", 5));
        assert_eq!(failure.hint.as_deref(), Some("look"));
        assert_eq!(Failure::of_kind("crashed", "", None).exit_code(), 1);
        let refusal = Refusal { file: "a".into(), frame: 3, time: 0.1, score: 0.9 };
        let failure = Failure::from(&Error::new(Kind::Refused(refusal), "refused"));
        assert_eq!(failure.exit_code(), 3);
        assert_eq!(failure.refusal.unwrap()["frame"], 3);
    }
}
