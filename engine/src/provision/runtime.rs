//! Finds the ONNX Runtime library among the places where it may lie.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::settings::{self, Directories, variables};

use super::library::{Version, version_of};
use super::places;

/// The oldest ONNX Runtime that speaks the API that facedeck uses (version 18 of its C API).
pub const OLDEST_RUNTIME: (u32, u32) = (1, 18);

/// A usable ONNX Runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// The shared library.
    pub path: PathBuf,
    /// Its version, e.g. `1.31.0`; `unknown` for a library named by the user that does not say.
    pub version: String,
    /// Where it was found.
    pub origin: RuntimeOrigin,
}

/// Where a runtime was found, in the order in which it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeOrigin {
    /// `ORT_DYLIB_PATH` names it.
    Named,
    /// facedeck fetched it.
    Own,
    /// facedeck fetched it, with the libraries that a GPU needs.
    OwnGpu,
    /// The system's libraries.
    System,
    /// A Python environment.
    Python,
}

impl RuntimeOrigin {
    /// For people to read.
    pub fn describe(self) -> &'static str {
        match self {
            RuntimeOrigin::Named => "named by ORT_DYLIB_PATH",
            RuntimeOrigin::Own => "fetched by facedeck",
            RuntimeOrigin::OwnGpu => "fetched by facedeck, for GPUs",
            RuntimeOrigin::System => "system library",
            RuntimeOrigin::Python => "Python package",
        }
    }
}

/// Which runtime is taken where there is a choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Preference {
    /// The one for processors, which is small and loads fast.
    #[default]
    Processor,
    /// The one for GPUs.
    Gpu,
}

/// Finds the ONNX Runtime: what `ORT_DYLIB_PATH` names, else facedeck's own, the system's, an
/// active Python environment's. Of facedeck's own, the one for GPUs comes last here.
///
/// # Errors
/// [`crate::error::Kind::Missing`] when there is none to use, naming every one that was seen and
/// its fault. What `ORT_DYLIB_PATH` names must be usable: nothing else is taken in its place.
pub fn find_runtime() -> Result<Runtime> {
    find_runtime_for(Preference::Processor)
}

/// As [`find_runtime`]; for GPUs, one comes first that has provider libraries for a GPU beside it:
/// facedeck's own, else a Python environment's or the system's.
///
/// # Errors
/// As [`find_runtime`].
pub fn find_runtime_for(preference: Preference) -> Result<Runtime> {
    if let Some(named) = settings::variable(variables::RUNTIME) {
        return named_runtime(Path::new(&named));
    }
    let own = Directories::from_env()?.runtime();
    let mut faults = Vec::new();
    if preference == Preference::Gpu
        && let Some(found) = first_for_gpus(&own)
    {
        return Ok(found);
    }
    // Each place costs more to look into than the one before it, so they are asked in turn.
    let found = first_usable(RuntimeOrigin::Own, &places::own(&own), &mut faults)
        .or_else(|| first_usable(RuntimeOrigin::System, &places::system(), &mut faults))
        .or_else(|| first_usable(RuntimeOrigin::Python, &places::active_python(), &mut faults))
        .or_else(|| first_usable(RuntimeOrigin::Python, &places::asked_python(), &mut faults))
        .or_else(|| own_gpu_runtime(&own));
    found.ok_or_else(|| {
        let message = if faults.is_empty() {
            "ONNX Runtime is not installed".to_owned()
        } else {
            format!("no ONNX Runtime here can be used ({})", faults.join("; "))
        };
        Error::missing(message).hint("facedeck doctor --fix")
    })
}

/// The newest runtime that facedeck fetched, when there is one.
pub(super) fn own_runtime(folder: &Path) -> Option<Runtime> {
    first_usable(RuntimeOrigin::Own, &places::own(folder), &mut Vec::new())
}

/// The newest GPU runtime that facedeck fetched, when there is one.
pub(super) fn own_gpu_runtime(folder: &Path) -> Option<Runtime> {
    first_usable(RuntimeOrigin::OwnGpu, &places::own_gpu(folder), &mut Vec::new())
}

/// The first runtime that was built for a GPU.
fn first_for_gpus(own: &Path) -> Option<Runtime> {
    let others = |origin, folders: Vec<PathBuf>| {
        let folders: Vec<PathBuf> = folders.into_iter().filter(|f| is_for_gpus(f)).collect();
        first_usable(origin, &folders, &mut Vec::new())
    };
    own_gpu_runtime(own)
        .or_else(|| others(RuntimeOrigin::Python, places::active_python()))
        .or_else(|| others(RuntimeOrigin::System, places::system()))
        .or_else(|| others(RuntimeOrigin::Python, places::asked_python()))
}

/// Whether a folder has a provider's library in it, other than the one that all share.
fn is_for_gpus(folder: &Path) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("libonnxruntime_providers_") && !name.contains("_shared.")
    })
}

fn named_runtime(path: &Path) -> Result<Runtime> {
    let refuse = |fault: String| {
        Error::missing(format!("{}={}: {fault}", variables::RUNTIME, path.display()))
            .hint(format!("correct {}, or unset it", variables::RUNTIME))
    };
    let real = path.canonicalize().map_err(|e| refuse(e.to_string()))?;
    let version = match version_of(&real).map_err(refuse)? {
        Some(version) if too_old(version) => return Err(refuse(age(version))),
        Some(version) => version.to_string(),
        // The library itself is asked when it is loaded.
        None => "unknown".to_owned(),
    };
    Ok(Runtime { path: real, version, origin: RuntimeOrigin::Named })
}

/// The newest usable library of the first folder that has one.
fn first_usable(
    origin: RuntimeOrigin,
    folders: &[PathBuf],
    faults: &mut Vec<String>,
) -> Option<Runtime> {
    folders.iter().find_map(|folder| {
        let (version, path) = places::libraries_in(folder)
            .into_iter()
            .filter_map(|path| match usable(&path) {
                Ok(version) => Some((version, path)),
                Err(fault) => {
                    faults.push(format!("{}: {fault}", path.display()));
                    None
                }
            })
            .max()?;
        Some(Runtime { path, version: version.to_string(), origin })
    })
}

fn usable(library: &Path) -> Result<Version, String> {
    let version = version_of(library)?.ok_or("does not say its version")?;
    if too_old(version) { Err(age(version)) } else { Ok(version) }
}

fn too_old(version: Version) -> bool {
    (version.0, version.1) < OLDEST_RUNTIME
}

fn age(version: Version) -> String {
    format!("version {version} is older than {}.{}", OLDEST_RUNTIME.0, OLDEST_RUNTIME.1)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::library::tests::fake_library;
    use super::*;

    fn library(folder: &Path, version: &str) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let name = if cfg!(target_os = "macos") {
            format!("libonnxruntime.{version}.dylib")
        } else {
            format!("libonnxruntime.so.{version}")
        };
        let path = folder.join(name);
        fs::write(&path, fake_library("")).unwrap();
        path.canonicalize().unwrap()
    }

    #[test]
    fn the_newest_of_a_folder_is_taken_and_old_ones_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        let oldest = library(&old, "1.17.3");
        library(&new, "1.9.0");
        library(&new, "1.20.1");
        let best = library(&new, "1.31.0");
        let mut faults = Vec::new();
        let found =
            first_usable(RuntimeOrigin::System, &[old, new], &mut faults).expect("a runtime");
        assert_eq!((found.path, found.version.as_str()), (best, "1.31.0"));
        assert_eq!(found.origin, RuntimeOrigin::System);
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0], format!("{}: version 1.17.3 is older than 1.18", oldest.display()));
    }

    #[test]
    fn a_python_package_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let capi = dir.path().join("lib/python3.12/site-packages/onnxruntime/capi");
        let expected = library(&capi, "1.24.4");
        let folders = places::site_packages(dir.path());
        let found = first_usable(RuntimeOrigin::Python, &folders, &mut Vec::new());
        assert_eq!(found.map(|r| r.path), Some(expected));
    }

    #[test]
    fn a_runtime_for_gpus_is_told_by_its_provider_libraries() {
        let dir = tempfile::tempdir().unwrap();
        library(dir.path(), "1.31.0");
        fs::write(dir.path().join("libonnxruntime_providers_shared.so"), "").unwrap();
        assert!(!is_for_gpus(dir.path()));
        fs::write(dir.path().join("libonnxruntime_providers_cuda.so"), "").unwrap();
        assert!(is_for_gpus(dir.path()));
        assert!(!is_for_gpus(&dir.path().join("nowhere")));
    }

    #[test]
    fn the_gpu_runtime_has_a_folder_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        library(&dir.path().join("onnxruntime-1.31.0"), "1.31.0");
        assert_eq!(own_gpu_runtime(dir.path()), None);
        // One that was being fetched when the process was killed.
        library(&dir.path().join(".gpu-1.31.0.part/libraries"), "1.31.0");
        assert_eq!(own_gpu_runtime(dir.path()), None);
        let path = library(&dir.path().join("gpu-1.31.0"), "1.31.0");
        let found = own_gpu_runtime(dir.path()).unwrap();
        assert_eq!((found.path, found.origin), (path, RuntimeOrigin::OwnGpu));
        assert_eq!(own_runtime(dir.path()).unwrap().origin, RuntimeOrigin::Own);
    }

    #[test]
    fn a_named_library_must_be_usable() {
        let dir = tempfile::tempdir().unwrap();
        let gone = named_runtime(&dir.path().join("libonnxruntime.so")).unwrap_err();
        assert_eq!(gone.exit_code(), 5);
        let old = named_runtime(&library(dir.path(), "1.10.0")).unwrap_err();
        assert!(old.message().contains("older than 1.18"), "{}", old.message());
        let silent = dir.path().join("mine.so");
        fs::write(&silent, fake_library("no version")).unwrap();
        assert_eq!(named_runtime(&silent).unwrap().version, "unknown");
        let good = library(dir.path(), "1.18.0");
        assert_eq!(named_runtime(&good).unwrap().version, "1.18.0");
    }
}
