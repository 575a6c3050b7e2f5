//! Says exactly what a provider lacks and how to get it: a runtime that was built with it, its
//! library beside the runtime, or a library that this one needs.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};
use crate::provision::gpu::{Absent, Resolved, Search};

use super::Provider;

/// Libraries that a provider opens only while it runs, so that its own file does not name them.
/// CUDA's provider opens cuDNN 9 so; older ones name it (as `libcudnn.so`, version in the name).
fn opened_late(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Cuda => &["libcudnn.so.9", "libcudnn_graph.so.9"],
        _ => &[],
    }
}

/// Libraries that only few networks need, for Fourier transforms and fused kernels: they are loaded
/// where they are.
fn opened_seldom(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Cuda => &["libcufft.so.12", "libnvrtc.so.13"],
        _ => &[],
    }
}

/// What is known about the runtime that is loaded.
pub(super) struct Situation<'a> {
    /// The library.
    pub(super) runtime: &'a Path,
    /// Its version.
    pub(super) version: &'a str,
    /// What it was built with.
    pub(super) built_in: &'a [Provider],
}

/// What stands between a provider and its use as far as files tell: an error that names it, or the
/// libraries to load first.
///
/// # Errors
/// [`Kind::Provider`].
pub(super) fn look(
    provider: Provider,
    situation: &Situation<'_>,
    search: &dyn Fn() -> Search,
) -> Result<Vec<PathBuf>, Error> {
    let library = library_file(provider);
    let beside = library.as_ref().map(|name| situation.runtime.with_file_name(name));
    if provider == Provider::Azure {
        return Err(refuse(provider, "it sends pictures to an online service", None));
    }
    if !situation.built_in.contains(&provider) {
        return Err(not_built_in(provider, situation, library.as_deref()));
    }
    let Some(path) = beside else { return Ok(Vec::new()) };
    if !path.is_file() {
        let what = format!(
            "{} is not beside {}",
            library.unwrap_or_default(),
            situation.runtime.display()
        );
        return Err(refuse(provider, &what, source_of(provider)));
    }
    let Resolved { preload, absent } =
        search().resolve(&path, opened_late(provider), opened_seldom(provider));
    if absent.is_empty() { Ok(preload) } else { Err(lacks(provider, &path, &absent)) }
}

/// The name of the provider's library on this platform; `None` for one that is part of the
/// runtime.
fn library_file(provider: Provider) -> Option<String> {
    let stem = provider.library_stem();
    (!stem.is_empty()).then(|| {
        let ending = std::env::consts::DLL_SUFFIX;
        let start = std::env::consts::DLL_PREFIX;
        format!("{start}onnxruntime_providers_{stem}{ending}")
    })
}

fn not_built_in(provider: Provider, situation: &Situation<'_>, library: Option<&str>) -> Error {
    let names: Vec<&str> = situation.built_in.iter().map(|p| p.name()).collect();
    let names = if names.is_empty() { "cpu".to_owned() } else { names.join(", ") };
    let library = library.map_or_else(String::new, |name| format!("{name} is not there: "));
    let what = format!(
        "it needs {}, and {library}the ONNX Runtime {} ({}) was built with {names} only",
        provider.needs(),
        situation.runtime.display(),
        situation.version,
    );
    refuse(provider, &what, source_of(provider))
}

/// The error for libraries that cannot be found.
pub fn lacks(provider: Provider, library: &Path, absent: &[Absent]) -> Error {
    let own = library.file_name().unwrap_or_default().to_string_lossy();
    let list: Vec<String> = absent
        .iter()
        .map(|one| {
            let about = known(&one.name).map_or_else(String::new, |k| format!(" ({})", k.what));
            let needs = if one.needed_by == own {
                String::new()
            } else {
                format!(", which {} needs,", one.needed_by)
            };
            format!("{}{about}{needs}", one.name)
        })
        .collect();
    let (is, list) = match list.as_slice() {
        [one] => ("is", one.clone()),
        _ => ("are", list.join(", ")),
    };
    let what = format!("{} is there, but {list} {is} not found", library.display());
    let mut ways: Vec<&str> = Vec::new();
    for way in absent.iter().filter_map(|one| known(&one.name)).map(|known| known.way) {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let ways = (!ways.is_empty()).then(|| ways.join("; "));
    refuse(provider, &what, ways)
}

pub(super) fn refuse(provider: Provider, what: &str, way: Option<String>) -> Error {
    let message = format!("the execution provider {provider} is not available: {what}");
    let cpu = "use --execution-provider cpu";
    let hint = way.map_or_else(|| cpu.to_owned(), |way| format!("{way}; or {cpu}"));
    Error::new(Kind::Provider, message).hint(hint)
}

/// How to get a runtime with this provider.
fn source_of(provider: Provider) -> Option<String> {
    const OWN: &str = "name an ONNX Runtime that was built with it in ORT_DYLIB_PATH";
    let published = cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"));
    Some(match provider {
        Provider::Cpu | Provider::Azure => return None,
        Provider::Cuda if published => "facedeck doctor --fix --gpu fetches what it needs".into(),
        Provider::TensorRt if published => {
            "facedeck doctor --fix --gpu fetches the provider; TensorRT 10 itself comes from \
             NVIDIA"
                .into()
        }
        Provider::CoreMl if !cfg!(target_os = "macos") => return None,
        Provider::DirectMl if !cfg!(windows) => return None,
        Provider::OpenVino => {
            format!("install the Python package onnxruntime-openvino, or {OWN}")
        }
        _ => OWN.into(),
    })
}

/// A library that is no part of ONNX Runtime, and where it comes from.
struct Known {
    what: &'static str,
    way: &'static str,
}

fn known(name: &str) -> Option<Known> {
    const FETCH: &str = "facedeck doctor --fix --gpu fetches CUDA and cuDNN";
    const DRIVER: &str = "install the NVIDIA driver, or let the container have the GPU \
                          (docker run --gpus all)";
    const TENSORRT: &str = "install TensorRT 10 from NVIDIA";
    const AMD: &str = "install ROCm from AMD";
    let table: [(&str, &'static str, &'static str); 12] = [
        ("libcuda.so", "the NVIDIA driver", DRIVER),
        ("libnvidia-", "the NVIDIA driver", DRIVER),
        ("libcudnn", "cuDNN", FETCH),
        ("libcu", "CUDA", FETCH),
        ("libnvrtc", "CUDA", FETCH),
        ("libnvJitLink", "CUDA", FETCH),
        ("libnvinfer", "TensorRT", TENSORRT),
        ("libnvonnxparser", "TensorRT", TENSORRT),
        ("libmigraphx", "MIGraphX", AMD),
        ("libamdhip", "ROCm", AMD),
        ("libMIOpen", "ROCm", AMD),
        ("libopenvino", "OpenVINO", "install OpenVINO from Intel"),
    ];
    table
        .into_iter()
        .find(|(start, ..)| name.starts_with(start))
        .map(|(_, what, way)| Known { what, way })
}

#[cfg(test)]
mod tests;
