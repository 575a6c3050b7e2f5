//! A failure that was stored or sent becomes an error again, so that the exit code is the same
//! wherever the work was done.

use std::error::Error as Cause;
use std::fmt;

use crate::error::{Error, Kind, Refusal};

use super::Failure;

/// A cause of which only the words are left.
#[derive(Debug)]
struct Told {
    words: String,
    because: Option<Box<Told>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Cause for Told {
    fn source(&self) -> Option<&(dyn Cause + 'static)> {
        self.because.as_deref().map(|told| told as &(dyn Cause + 'static))
    }
}

/// An error with causes of which only the words are left, outermost first.
pub fn told(kind: Kind, message: &str, causes: &[String], hint: Option<&str>) -> Error {
    let mut error = Error::new(kind, message);
    let cause = causes
        .iter()
        .rev()
        .fold(None, |because, words| Some(Box::new(Told { words: words.clone(), because })));
    if let Some(cause) = cause {
        error = error.because(cause as Box<dyn Cause + Send + Sync>);
    }
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

impl From<&Failure> for Error {
    fn from(failure: &Failure) -> Self {
        let kind = match failure.kind.as_str() {
            "usage" => Kind::Usage,
            "refused" => Kind::Refused(refusal(failure)),
            "no_face" => Kind::NoFace,
            "missing" => Kind::Missing,
            "provider" => Kind::Provider,
            "interrupted" => Kind::Interrupted,
            _ => Kind::Failed,
        };
        told(kind, &failure.message, &failure.causes, failure.hint.as_deref())
    }
}

/// Where the content filter fired, as far as that was told.
fn refusal(failure: &Failure) -> Refusal {
    let told = failure.refusal.as_ref();
    let number = |key: &str| told.and_then(|r| r[key].as_f64()).unwrap_or_default();
    Refusal {
        file: told.and_then(|r| r["file"].as_str()).unwrap_or_default().to_owned(),
        frame: told.and_then(|r| r["frame"].as_u64()).unwrap_or_default(),
        time: number("time"),
        score: number("score") as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_back_as_it_was_sent() {
        let refused = Refusal { file: "a.mp4".into(), frame: 7, time: 0.28, score: 0.5 };
        let inner = Error::failed("cannot write").because(std::io::Error::other("EIO"));
        let errors = [
            Error::failed("no luck").because(inner).hint("another disk"),
            Error::usage("nonsense"),
            Error::new(Kind::Refused(refused), "refused"),
            Error::no_face("nobody"),
            Error::missing("no ffmpeg"),
            Error::new(Kind::Provider, "no cuda"),
            Error::interrupted(),
        ];
        for error in errors {
            let sent = serde_json::to_string(&Failure::from(&error)).unwrap();
            let back = Error::from(&serde_json::from_str::<Failure>(&sent).unwrap());
            assert_eq!(back.chain(), error.chain());
            assert_eq!(back.kind(), error.kind());
            assert_eq!(back.hint_text(), error.hint_text());
        }
        let crashed = Failure::of_kind("crashed", "the service ended", None);
        assert_eq!(Error::from(&crashed).exit_code(), 1);
    }
}
