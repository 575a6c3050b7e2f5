//! Makes sure that a provider that was asked for can serve: its libraries are found and loaded, and
//! it computes what the processor computes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Kind, Result};
use crate::provision::gpu::Search;

use super::super::environment;
use super::missing::{Situation, look, refuse};
use super::probe::{Proof, prove};
use super::{Provider, built_in};

/// Makes sure that networks can run on the first device of this provider. Needs a loaded runtime.
///
/// # Errors
/// [`Kind::Provider`], saying what is missing and how to get it; never a silent fallback to the
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
    static PROVEN: Mutex<Option<HashMap<(Provider, u32), Proof>>> = Mutex::new(None);
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
    let runtime = environment::loaded()?;
    let built_in = built_in();
    let situation =
        Situation { runtime: &runtime.path, version: &runtime.version, built_in: &built_in };
    let search = || Search::of_this_machine(&runtime.path);
    for library in look(provider, &situation, &search)? {
        preload(provider, library)?;
    }
    Ok(())
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
    let what = format!("its test network does not run on device {device}");
    let refusal = refuse(provider, &what, way.map(str::to_owned)).because(error);
    debug_assert_eq!(*refusal.kind(), Kind::Provider);
    refusal
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
        let azure = require(Provider::Azure).unwrap_err();
        assert!(azure.message().contains("online service"), "{}", azure.message());
    }

    #[test]
    fn what_the_driver_says_leads_to_what_can_be_done() {
        let says = |words: &str| {
            let error = does_not_run(Provider::Cuda, 3, Error::failed(words));
            assert_eq!(error.exit_code(), 6);
            assert!(error.message().ends_with("does not run on device 3"), "{}", error.message());
            error.hint_text().unwrap().to_owned()
        };
        let old = "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version";
        assert!(says(old).contains("580"));
        assert!(says("CUDA failure 100: no CUDA-capable device is detected").contains("see a GPU"));
        assert!(says("CUDA failure 101: invalid device ordinal").contains("--device-id"));
        assert_eq!(says("odd"), "use --execution-provider cpu");
    }
}
