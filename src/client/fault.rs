//! Answers that are errors become errors of this program, with the exit code that the same failure
//! would have here.

use crate::error::{Error, Kind};
use crate::jobs::failure::told;
use crate::service::FaultKind;
use crate::service::fault::FaultBody;

/// The error that this answer tells. A body that is none of ours comes from something between.
pub(super) fn of_answer(status: u16, body: &[u8]) -> Error {
    match serde_json::from_slice::<FaultBody>(body) {
        Ok(body) => of_fault(&body),
        Err(_) => {
            let text: String = String::from_utf8_lossy(body).chars().take(200).collect();
            Error::failed(format!("something that is no facedeck answered {status}"))
                .because(text.trim().to_owned())
                .hint("check the address, and the proxy in front of the service")
        }
    }
}

/// The type of the error that this body tells; none when it is none of ours.
pub(super) fn kind_of(body: &[u8]) -> Option<FaultKind> {
    serde_json::from_slice::<FaultBody>(body).ok().map(|body| body.error.kind)
}

fn of_fault(body: &FaultBody) -> Error {
    let words = &body.error.failure;
    let kind = match body.error.kind {
        FaultKind::Invalid => Kind::Usage,
        FaultKind::Refused => Kind::Refused(words.refusal.clone().unwrap_or_default()),
        FaultKind::NoFace => Kind::NoFace,
        FaultKind::Missing => Kind::Missing,
        FaultKind::Provider => Kind::Provider,
        _ => Kind::Failed,
    };
    let hint = words.hint.as_deref().or(match body.error.kind {
        FaultKind::Unauthorized => Some(
            "give its token by --token-file or FACEDECK_TOKEN: facedeck service token prints it",
        ),
        FaultKind::Busy => Some("try again in a moment"),
        _ => None,
    });
    told(kind, &words.message, &words.causes, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;
    use crate::service::Fault;

    #[test]
    fn an_error_over_there_is_the_same_here() {
        let refusal = Refusal { file: "a.mp4".into(), frame: 7, time: 0.28, score: 0.5 };
        for error in [
            Error::failed("no luck").because("EIO").hint("another disk"),
            Error::usage("nonsense"),
            Error::new(Kind::Refused(refusal), "refused"),
            Error::no_face("nobody"),
            Error::missing("no ffmpeg"),
            Error::new(Kind::Provider, "no cuda").hint("use the CPU"),
        ] {
            let fault = Fault::from(error);
            let sent = serde_json::to_vec(&FaultBody::from(&fault)).unwrap();
            let back = of_answer(fault.kind.status(), &sent);
            assert_eq!(back.kind(), fault.error.kind());
            assert_eq!(back.exit_code(), fault.error.exit_code());
            assert_eq!(back.chain(), fault.error.chain());
            assert_eq!(back.hint_text(), fault.error.hint_text());
        }
    }

    #[test]
    fn types_become_exit_codes() {
        for (kind, code) in [
            ("invalid", 2),
            ("refused", 3),
            ("no_face", 4),
            ("missing", 5),
            ("provider", 6),
            ("unauthorized", 1),
            ("not_found", 1),
            ("conflict", 1),
            ("internal", 1),
        ] {
            let body = format!(
                "{{\"error\":{{\"type\":\"{kind}\",\"message\":\"no\",\"causes\":[\"a\",\"b\"]}}}}"
            );
            let error = of_answer(400, body.as_bytes());
            assert_eq!((error.exit_code(), error.chain().as_str()), (code, "no: a: b"), "{kind}");
        }
        let error = of_answer(502, b"<html>Bad Gateway</html>");
        assert!(error.chain().contains("502") && error.chain().contains("Gateway"), "{error}");
    }
}
