//! The folders in which an ONNX Runtime library may lie, and the libraries in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::settings::{self, variables};

use super::command::capture;
use super::ffmpeg::programs_on_path;

/// Every ONNX Runtime library of a folder, links followed, each file once.
pub(super) fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files: BTreeSet<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_library_name))
        .filter_map(|entry| entry.path().canonicalize().ok())
        .filter(|path| path.is_file())
        .collect();
    files.into_iter().collect()
}

/// `libonnxruntime.so`, `libonnxruntime.so.1.31.0`, `libonnxruntime.1.31.0.dylib`, and not the
/// provider libraries beside them.
pub(super) fn is_library_name(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libonnxruntime") else { return false };
    if cfg!(target_os = "macos") {
        rest.starts_with('.') && rest.ends_with(".dylib")
    } else {
        rest == ".so" || rest.starts_with(".so.")
    }
}

/// The folders of the runtimes that facedeck fetched, newest first.
pub(super) fn own(runtime_folder: &Path) -> Vec<PathBuf> {
    versions(runtime_folder, "onnxruntime-")
}

/// The folders of the GPU runtimes that facedeck fetched, newest first.
pub(super) fn own_gpu(runtime_folder: &Path) -> Vec<PathBuf> {
    versions(runtime_folder, "gpu-")
}

/// The folders whose names are this prefix and a version, newest first.
fn versions(runtime_folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(runtime_folder) else { return Vec::new() };
    let mut folders: Vec<(Option<super::library::Version>, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?;
            Some((super::library::Version::starting(version), entry.path()))
        })
        .collect();
    folders.sort_unstable_by(|a, b| b.cmp(a));
    folders.into_iter().map(|(_, folder)| folder).collect()
}

/// The folders in which the user tells the loader to look first.
pub(super) fn library_path() -> Vec<PathBuf> {
    settings::variable(variables::LIBRARY_PATH)
        .map(|paths| std::env::split_paths(&paths).filter(|p| p.is_absolute()).collect())
        .unwrap_or_default()
}

/// The system's library folders.
pub(super) fn system() -> Vec<PathBuf> {
    let mut folders = library_path();
    if cfg!(target_os = "macos") {
        folders.extend(["/opt/homebrew/lib", "/usr/local/lib"].map(PathBuf::from));
        return folders;
    }
    // The triplet of Debian's multiarch folders.
    let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    folders.extend(["/usr/local/lib", "/usr/local/lib64"].map(PathBuf::from));
    folders.extend([multiarch.as_str(), "/usr/lib64", "/usr/lib"].map(PathBuf::from));
    for folder in loader_cache() {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// The folders of every ONNX Runtime that the dynamic loader knows.
fn loader_cache() -> Vec<PathBuf> {
    // Ordinary users often lack /sbin in their PATH.
    let program = if Path::new("/sbin/ldconfig").is_file() { "/sbin/ldconfig" } else { "ldconfig" };
    capture(Command::new(program).arg("-p"), Duration::from_secs(10))
        .map(|done| folders_in_loader_cache(&done.stdout))
        .unwrap_or_default()
}

/// Lines such as `libonnxruntime.so.1 (libc6,x86-64) => /opt/ort/lib/libonnxruntime.so.1`.
fn folders_in_loader_cache(listing: &str) -> Vec<PathBuf> {
    listing
        .lines()
        .filter_map(|line| line.trim().split_once(" => "))
        .filter(|(name, _)| name.split(' ').next().is_some_and(is_library_name))
        .filter_map(|(_, path)| Path::new(path.trim()).parent().map(Path::to_owned))
        .collect()
}

/// The package folders of the virtual and Conda environments that are active.
pub(super) fn active_python() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for name in [variables::VIRTUAL_ENV, variables::CONDA_PREFIX] {
        if let Some(prefix) = settings::variable(name) {
            folders.extend(site_packages(Path::new(&prefix)));
        }
    }
    if let Some(prefix) = settings::variable(variables::CONDA_PREFIX) {
        folders.push(Path::new(&prefix).join("lib"));
    }
    folders
}

/// The folders with the packages of the virtual and Conda environments that are active.
pub(super) fn python_packages() -> Vec<PathBuf> {
    [variables::VIRTUAL_ENV, variables::CONDA_PREFIX]
        .into_iter()
        .filter_map(settings::variable)
        .flat_map(|prefix| packages_of(Path::new(&prefix)))
        .collect()
}

/// Where the `onnxruntime` package keeps its library, in every Python of an environment.
pub(super) fn site_packages(prefix: &Path) -> Vec<PathBuf> {
    packages_of(prefix).iter().map(|folder| in_package(folder)).collect()
}

fn packages_of(prefix: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(prefix.join("lib")) else { return Vec::new() };
    let mut pythons: Vec<PathBuf> = entries
        .flatten()
        .filter(|e| e.file_name().to_str().is_some_and(|n| n.starts_with("python3")))
        .map(|e| e.path().join("site-packages"))
        .collect();
    pythons.sort_unstable();
    pythons
}

/// The package folders of the `python3` on the search path, which it is asked for.
pub(super) fn asked_python() -> Vec<PathBuf> {
    let path = settings::variable(variables::PATH).unwrap_or_default();
    let Some(python) = programs_on_path(&path, "python3").find(|p| p.is_file()) else {
        return Vec::new();
    };
    // -I keeps the current directory and the user's Python variables out of it.
    let script = "import site, sys\n\
                  folders = site.getsitepackages() + [site.getusersitepackages()] + sys.path\n\
                  print('\\n'.join(folders))";
    let mut command = Command::new(python);
    command.args(["-I", "-c", script]);
    let Ok(done) = capture(&mut command, Duration::from_secs(20)) else { return Vec::new() };
    done.stdout
        .lines()
        .map(Path::new)
        .filter(|folder| folder.is_absolute())
        .map(in_package)
        .collect()
}

fn in_package(site_packages: &Path) -> PathBuf {
    site_packages.join("onnxruntime").join("capi")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_no_runtime() {
        let yes = if cfg!(target_os = "macos") {
            ["libonnxruntime.dylib", "libonnxruntime.1.31.0.dylib"]
        } else {
            ["libonnxruntime.so", "libonnxruntime.so.1.31.0"]
        };
        assert!(yes.into_iter().all(is_library_name));
        for name in ["libonnxruntime_providers_shared.so", "libonnxruntime.a", "onnxruntime.dll"] {
            assert!(!is_library_name(name), "{name}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_link_and_its_file_are_one() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("libonnxruntime.so.1.31.0");
        fs::write(&real, "x").unwrap();
        std::os::unix::fs::symlink(&real, dir.path().join("libonnxruntime.so.1")).unwrap();
        std::os::unix::fs::symlink("gone", dir.path().join("libonnxruntime.so")).unwrap();
        assert_eq!(libraries_in(dir.path()), [real.canonicalize().unwrap()]);
    }

    #[test]
    fn own_runtimes_come_newest_first_and_halves_never() {
        let dir = tempfile::tempdir().unwrap();
        for name in
            ["onnxruntime-1.9.0", "onnxruntime-1.31.0", ".onnxruntime-1.40.0-half", "ffmpeg"]
        {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let names: Vec<_> =
            own(dir.path()).iter().map(|p| p.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["onnxruntime-1.31.0", "onnxruntime-1.9.0"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_loader_cache_is_understood() {
        let listing = "240 libs found in cache `/etc/ld.so.cache'\n\
            \tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1\n\
            \tlibonnxruntime.so.1 (libc6,x86-64) => /opt/ort/lib/libonnxruntime.so.1\n\
            \tlibonnxruntime_providers_shared.so (libc6) => /opt/no/lib/x.so\n";
        assert_eq!(folders_in_loader_cache(listing), [PathBuf::from("/opt/ort/lib")]);
    }
}
