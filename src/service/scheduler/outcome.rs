//! What the end of an attempt means for its job: whether it can pass, and when to try again.

use std::error::Error as _;
use std::io::ErrorKind;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::{Error, Kind};
use crate::jobs::store::Change;
use crate::jobs::{Failure, Job};
use crate::settings::config;

use super::super::running::Stop;

/// No pause between two attempts is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// What programs and drivers say of what can pass.
const PASSING_WORDS: [&str; 12] = [
    "out of memory",
    "failed to allocate memory",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "cannot allocate memory",
    "input/output error",
    "stale file handle",
    "connection timed out",
    "host is down",
    "no route to host",
    "transport endpoint is not connected",
    "no space left on device",
];

/// The change that follows an attempt which ended with this error.
pub(super) fn of(
    error: &Error,
    job: &Job,
    stopped: Option<Stop>,
    config: &config::Service,
) -> Change {
    match stopped {
        Some(Stop::Cancel) => return Change::Cancel { reason: "given up by hand".to_owned() },
        Some(Stop::Release) => {
            let reason = "held by hand, its memory given back".to_owned();
            return Change::Pause { reason };
        }
        Some(Stop::Shutdown) => {
            return Change::Requeue { reason: "the service was stopped".to_owned() };
        }
        None => {}
    }
    let failure = Failure::from(error);
    if can_pass(error) && job.attempts < job.max_attempts {
        let pause = pause_before(job.attempts, config.retry_seconds);
        let not_before = Timestamp::now().checked_add(pause).unwrap_or(Timestamp::MAX);
        return Change::TryAgain { failure, not_before };
    }
    Change::Fail { failure }
}

/// The pause after so many attempts: twice as long each time.
fn pause_before(attempts: u32, first: f64) -> Duration {
    let factor = 2_f64.powi(i32::try_from(attempts.saturating_sub(1).min(32)).unwrap_or(32));
    let seconds = (first.max(0.0) * factor).min(LONGEST_PAUSE.as_secs_f64());
    Duration::from_secs_f64(seconds)
}

/// Whether the same job may succeed later though nobody changes anything: a network file system
/// that is away, a device or a disk that is full. Never for what is wrong with the input.
fn can_pass(error: &Error) -> bool {
    if matches!(error.kind(), Kind::Refused(_) | Kind::NoFace | Kind::Provider | Kind::Missing) {
        return false;
    }
    let mut cause = error.source();
    while let Some(because) = cause {
        if because.downcast_ref::<std::io::Error>().is_some_and(io_can_pass) {
            return true;
        }
        cause = because.source();
    }
    let words = error.chain().to_lowercase();
    PASSING_WORDS.iter().any(|word| words.contains(word))
}

fn io_can_pass(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::TimedOut
            | ErrorKind::StaleNetworkFileHandle
            | ErrorKind::NotConnected
            | ErrorKind::NetworkDown
            | ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::ResourceBusy
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::OutOfMemory
            | ErrorKind::WouldBlock
    ) || error.raw_os_error() == Some(libc::EIO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Refusal;

    #[test]
    fn what_is_wrong_with_the_input_does_not_pass() {
        let refusal = Refusal { file: "a".into(), frame: 0, time: 0.0, score: 1.0 };
        for error in [
            Error::no_face("there is no face"),
            Error::new(Kind::Refused(refusal), "out of memory"),
            Error::missing("no model").because("Input/output error"),
            Error::usage("cannot find the target"),
            Error::failed("cannot read the picture").because("it is damaged"),
            Error::failed("cannot read").because(std::io::Error::from(ErrorKind::NotFound)),
        ] {
            assert!(!can_pass(&error), "{}", error.chain());
        }
    }

    #[test]
    fn a_share_that_is_away_and_a_device_that_is_full_pass() {
        let eio = std::io::Error::from_raw_os_error(libc::EIO);
        let stale = std::io::Error::from_raw_os_error(libc::ESTALE);
        let full = std::io::Error::from_raw_os_error(libc::ENOSPC);
        for error in [
            Error::usage("cannot find the target").because(stale),
            Error::failed("cannot decode").because(Error::failed("cannot read").because(eio)),
            Error::failed("cannot write").because(full),
            Error::failed("the swapper failed").because("CUDA error 2: out of memory"),
            Error::failed("the encoder ended").because("av_write: No space left on device"),
        ] {
            assert!(can_pass(&error), "{}", error.chain());
        }
    }

    #[test]
    fn pauses_double_and_end_somewhere() {
        let seconds = |attempts| pause_before(attempts, 10.0).as_secs();
        assert_eq!([1, 2, 3, 4].map(seconds), [10, 20, 40, 80]);
        assert_eq!(pause_before(100, 10.0), LONGEST_PAUSE);
        assert_eq!(pause_before(0, -1.0), Duration::ZERO);
    }
}
