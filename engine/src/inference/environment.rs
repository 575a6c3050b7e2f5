//! The one environment of the process: the library is loaded once and never unloaded.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

use crate::error::{Context, Error, Result};
use crate::provision::{self, Runtime};

struct Loaded {
    runtime: Runtime,
    environment: Environment,
}

static LOADED: OnceLock<Loaded> = OnceLock::new();

/// Gives back what loading a network has left in the allocator: copies of its weights, in pieces that
/// are too small to go back by themselves. It is as much again as the weights.
pub(super) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it only hands pages to the system that are in nobody's use.
    #[allow(unsafe_code)]
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Loads the runtime. Further calls with the same runtime do nothing.
///
/// # Errors
/// [`crate::error::Kind::Missing`] when the library cannot be loaded; a failure when another one is
/// loaded already.
pub fn init(runtime: &Runtime) -> Result<()> {
    /// Two threads must not load at once: ort allows one attempt at an environment.
    static LOADING: Mutex<()> = Mutex::new(());
    let _one = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = LOADED.get() {
        if loaded.runtime.path == runtime.path {
            return Ok(());
        }
        return Err(Error::failed(format!(
            "cannot load {}: {} is loaded already",
            runtime.path.display(),
            loaded.runtime.path.display()
        )));
    }
    let path = runtime.path.clone();
    let environment = ort::init_from(&path)
        .map_err(|e| {
            Error::missing(format!("cannot load the ONNX Runtime {}", path.display()))
                .because(e)
                .hint("remove it, or name another one in ORT_DYLIB_PATH")
        })?
        .with_name("facedeck")
        // The whole of it is switched off by a variable before the runtime is loaded: see `facedeck`'s
        // `cli::main`, and .cargo/config.toml for tests.
        .with_telemetry(false)
        .with_logger(Arc::new(log))
        .build()
        .context(|| format!("cannot start the ONNX Runtime {}", path.display()))?;
    // Each message below this level is not even composed.
    environment.set_log_level(if tracing::enabled!(tracing::Level::DEBUG) {
        LogLevel::Info
    } else {
        LogLevel::Warning
    });
    // The lock is held, so nobody can have been faster.
    let _ = LOADED.set(Loaded { runtime: runtime.clone(), environment });
    Ok(())
}

/// The environment, for sessions.
pub(super) fn current() -> Result<&'static Environment> {
    LOADED.get().map(|loaded| &loaded.environment).ok_or_else(not_loaded)
}

/// The runtime that is loaded.
///
/// # Errors
/// [`crate::error::Kind::Missing`] when none is.
pub fn loaded() -> Result<&'static Runtime> {
    LOADED.get().map(|loaded| &loaded.runtime).ok_or_else(not_loaded)
}

fn not_loaded() -> Error {
    Error::missing("ONNX Runtime is not loaded").hint("facedeck doctor --fix")
}

/// Finds or fetches a runtime and loads it: what every test needs that runs a model.
///
/// # Errors
/// As [`provision::for_tests`] and [`init`].
#[doc(hidden)]
pub fn for_tests() -> Result<()> {
    init(&provision::for_tests()?.runtime)
}

/// The runtime's own messages. What makes a call fail comes back as its error too, so nothing here
/// is worth more than a debugging line, except what ends the process.
fn log(level: LogLevel, category: &str, _id: &str, place: &str, message: &str) {
    match level {
        LogLevel::Fatal => tracing::error!(target: "onnxruntime", category, place, "{message}"),
        LogLevel::Error | LogLevel::Warning => {
            tracing::debug!(target: "onnxruntime", category, place, "{message}");
        }
        LogLevel::Info | LogLevel::Verbose => {
            tracing::trace!(target: "onnxruntime", category, place, "{message}");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::provision::RuntimeOrigin;

    use super::*;

    #[test]
    fn a_second_runtime_is_refused_and_the_same_one_is_fine() {
        for_tests().unwrap();
        for_tests().unwrap();
        let other = Runtime {
            path: "/nowhere/libonnxruntime.so".into(),
            version: "1.31.0".into(),
            origin: RuntimeOrigin::Named,
        };
        let error = init(&other).unwrap_err();
        assert!(error.message().contains("is loaded already"), "{}", error.message());
    }
}
