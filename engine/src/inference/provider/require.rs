//! Makes sure that a provider that was asked for can serve: its libraries are found and loaded, and
//! it computes what the processor computes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::error::{Error, Result};
use crate::provision::Runtime;
use crate::provision::gpu::Search;

use super::super::environment;
use super::missing::{Situation, look, refuse};
use super::probe::{Proof, prove};
use super::{Provider, built_in};

/// The providers that were proven in this process, on which devices.
static PROVEN: Mutex<Option<HashMap<(Provider, u32), Proof>>> = Mutex::new(None);

/// What is known about a provider.
#[derive(Debug)]
pub enum Standing {
    /// It was proven, on one device at least.
    Works(Proof),
    /// All that it needs is here; nothing has run on it yet.
    Ready,
    /// It cannot be used, and why.
    Lacks(Error),
    /// Nobody knows before the ONNX Runtime is loaded, or while it is being proven.
    Unknown,
}

/// What is known about a provider, without waiting for anybody and without loading anything: it
/// looks at files only.
pub fn standing(provider: Provider) -> Standing {
    match PROVEN.try_lock() {
        Ok(proven) => {
            let known = proven.iter().flatten();
            let proof = known.filter(|((of, _), _)| *of == provider).min_by_key(|((_, d), _)| *d);
            if let Some((_, proof)) = proof {
                return Standing::Works(*proof);
            }
        }
        Err(TryLockError::WouldBlock) => return Standing::Unknown,
        Err(TryLockError::Poisoned(_)) => {}
    }
    let Ok(runtime) = environment::loaded() else { return Standing::Unknown };
    if provider == Provider::Cpu {
        return Standing::Ready;
    }
    match libraries(provider, runtime) {
        Ok(_) => Standing::Ready,
        Err(error) => Standing::Lacks(error),
    }
}

/// Makes sure that networks can run on the first device of this provider. Needs a loaded runtime.
///
/// # Errors
/// [`crate::error::Kind::Provider`], saying what is missing and how to get it; never a silent fallback to the
/// CPU.
pub fn require(provider: Provider) -> Result<()> {
    if provider == Provider::Cpu {
        return Ok(());
    }
    require_on(provider, 0).map(|_| ())
}

/// As [`require`], for a certain device; says how the provider did. A provider is proven once a
/// process.
///
/// # Errors
/// As [`require`].
pub fn require_on(provider: Provider, device: u32) -> Result<Proof> {
    // Held all the while: two threads must not start the same device at once.
    let mut proven = PROVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let proven = proven.get_or_insert_default();
    if let Some(proof) = proven.get(&(provider, device)) {
        return Ok(*proof);
    }
    if provider != Provider::Cpu {
        prepare(provider)?;
    }
    let proof = prove(provider, device).map_err(|error| does_not_run(provider, device, error))?;
    proven.insert((provider, device), proof);
    Ok(proof)
}

/// Finds and loads everything that the provider's library needs.
fn prepare(provider: Provider) -> Result<()> {
    for library in libraries(provider, environment::loaded()?)? {
        preload(provider, library)?;
    }
    Ok(())
}

/// The libraries that the provider's own needs to be loaded first.
fn libraries(provider: Provider, runtime: &Runtime) -> Result<Vec<PathBuf>> {
    let built_in = built_in();
    let situation =
        Situation { runtime: &runtime.path, version: &runtime.version, built_in: &built_in };
    look(provider, &situation, &|| Search::of_this_machine(&runtime.path))
}

/// Loads a library by its full path, for good: who needs one of its name gets this one.
fn preload(provider: Provider, library: PathBuf) -> Result<()> {
    ort::util::preload_dylib(&library).map_err(|e| {
        let what = format!("{} cannot be loaded", library.display());
        refuse(provider, &what, None).because(e.to_string())
    })
}

/// The libraries are all there, but the device or its driver is not up to it.
fn does_not_run(provider: Provider, device: u32, error: Error) -> Error {
    let words = error.chain();
    let has = |part: &str| words.contains(part);
    let way = if has("driver version is insufficient") {
        // CUDA 13 release notes: the oldest driver of its minor versions.
        Some("update the NVIDIA driver: CUDA 13 needs version 580 or newer")
    } else if has("no CUDA-capable device") || has("CUDA_ERROR_NO_DEVICE") {
        Some("let this process see a GPU (CUDA_VISIBLE_DEVICES, docker run --gpus all)")
    } else if has("invalid device ordinal") {
        Some("choose another --device-id: they are counted from 0")
    } else if has("out of memory") {
        Some("free the device's memory (nvidia-smi shows who uses it)")
    } else {
        None
    };
    let way = way.map(str::to_owned);
    let what = format!("its test network does not run on device {device}");
    match driver_words(&words) {
        Some(said) => refuse(provider, &format!("{what}: {said}"), way),
        None => refuse(provider, &what, way).because(error),
    }
}

/// What CUDA says, without the runtime's paths and lines around it.
fn driver_words(words: &str) -> Option<&str> {
    let said = &words[words.find("CUDA failure ")?..];
    said.split(" ;").next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::providers;

    #[test]
    fn the_cpu_is_there_and_others_are_refused_with_reasons() {
        crate::inference::for_tests().unwrap();
        assert!(providers().contains(&"cpu".to_owned()), "{:?}", providers());
        require(Provider::Cpu).unwrap();
        assert!(require_on(Provider::Cpu, 0).unwrap().milliseconds > 0.0);
        for &provider in &Provider::ALL[1..] {
            // A machine with a GPU and its runtime has more than the processor.
            let Err(error) = require(provider) else { continue };
            assert_eq!(error.exit_code(), 6);
            assert!(error.message().contains(provider.name()), "{}", error.message());
        }
        for &provider in Provider::ALL {
            // Another test may be proving one at the moment.
            match standing(provider) {
                Standing::Works(_) | Standing::Unknown => {}
                Standing::Ready => assert!(built_in().contains(&provider), "{provider}"),
                Standing::Lacks(error) => assert_eq!(error.exit_code(), 6, "{provider}"),
            }
        }
        let azure = require(Provider::Azure).unwrap_err();
        assert!(azure.message().contains("online service"), "{}", azure.message());
    }

    #[test]
    fn what_the_driver_says_leads_to_what_can_be_done() {
        let says = |words: &str| {
            let error = does_not_run(Provider::Cuda, 3, Error::failed(words));
            assert_eq!(error.exit_code(), 6);
            assert!(error.message().contains("does not run on device 3"), "{}", error.message());
            error.hint_text().unwrap().to_owned()
        };
        let old = "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version";
        assert!(says(old).contains("580"));
        assert!(says("CUDA failure 100: no CUDA-capable device is detected").contains("see a GPU"));
        assert!(says("CUDA failure 101: invalid device ordinal").contains("--device-id"));
        assert_eq!(says("odd"), "use --execution-provider cpu");
        let noise =
            "cuda.cc:63 FAIL : CUDA failure 100: no CUDA-capable device is detected ; GPU=-1";
        let error = does_not_run(Provider::Cuda, 0, Error::failed(noise));
        let end = "on device 0: CUDA failure 100: no CUDA-capable device is detected";
        assert!(error.chain().ends_with(end), "{}", error.chain());
    }
}
