//! Finds what facedeck needs and does not carry: the ffmpeg programs and the ONNX Runtime library;
//! fetches or installs them on request.

pub mod answers;
pub mod command;
mod download;
mod fetch;
mod ffmpeg;
pub mod gpu;
mod install;
mod library;
mod member;
mod pins;
mod places;
mod release;
mod runtime;
mod unpack;
mod wheel;

use std::sync::OnceLock;

use crate::error::{Error, Kind, Result};

pub use fetch::fetch_runtime;
pub use ffmpeg::{FfmpegTools, OLDEST_FFMPEG, find_ffmpeg, prove_ffmpeg};
pub use install::install_ffmpeg;
pub use member::wheel_member;
pub use runtime::{
    OLDEST_RUNTIME, Preference, Runtime, RuntimeOrigin, find_runtime, find_runtime_for,
};

/// Everything that facedeck needs from outside, found and usable.
#[derive(Debug, Clone)]
pub struct Provisioned {
    /// The ffmpeg and ffprobe programs.
    pub ffmpeg: FfmpegTools,
    /// The ONNX Runtime library.
    pub runtime: Runtime,
}

/// Finds everything; with `fix`, first fetches what is missing and says so through `report`.
///
/// # Errors
/// [`Kind::Missing`] when something is missing and `fix` is false or could not help.
pub fn ensure(report: &mut dyn FnMut(&str), fix: bool) -> Result<Provisioned> {
    ensure_for(Preference::Processor, report, fix)
}

/// As [`ensure`], with the runtime that suits the providers that are to be used.
///
/// # Errors
/// As [`ensure`]. That a runtime for GPUs is missing is no error here: the providers say so.
pub fn ensure_for(
    preference: Preference,
    report: &mut dyn FnMut(&str),
    fix: bool,
) -> Result<Provisioned> {
    let ffmpeg = find_or(fix, find_ffmpeg, || install_ffmpeg(report))?;
    let runtime = find_or(fix, || find_runtime_for(preference), || fetch_runtime(report))?;
    Ok(Provisioned { ffmpeg, runtime })
}

fn find_or<T>(
    fix: bool,
    find: impl FnOnce() -> Result<T>,
    get: impl FnOnce() -> Result<T>,
) -> Result<T> {
    match find() {
        Err(error) if fix && *error.kind() == Kind::Missing => get(),
        found => found,
    }
}

/// What tests run on: found or fetched once per process.
///
/// # Errors
/// As [`ensure`]; every later call gets the first one's answer.
#[doc(hidden)]
pub fn for_tests() -> Result<&'static Provisioned> {
    static FOUND: OnceLock<Result<Provisioned, String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        ensure(&mut |line| eprintln!("{line}"), true).map_err(|error| error.chain())
    });
    found.as_ref().map_err(|words| Error::missing(words.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_fetched() {
        let missing = || Err(Error::missing("gone"));
        assert_eq!(find_or(true, || Ok(1), || Ok(2)).unwrap(), 1);
        assert_eq!(find_or(true, missing, || Ok(2)).unwrap(), 2);
        assert_eq!(find_or(false, missing, || Ok(2)).unwrap_err().exit_code(), 5);
        let usage = || Err(Error::usage("no home"));
        assert_eq!(find_or(true, usage, || Ok(2)).unwrap_err().exit_code(), 2);
    }
}
