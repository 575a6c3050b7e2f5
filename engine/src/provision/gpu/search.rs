//! Finds the libraries that a provider's library needs: beside it, in facedeck's own folder, where
//! the loader looks, and in the packages of an active Python environment. Those that the loader
//! would not find by itself are loaded beforehand by their full path.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::provision::command::capture;
use crate::provision::{library, places};
use crate::settings::Directories;

use super::elf::{Dependencies, dependencies};

/// A library that cannot be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Its name, e.g. `libcudnn.so.9`.
    pub name: String,
    /// The file name of the library that needs it.
    pub needed_by: String,
}

/// What came of looking for everything that a library needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Files to load first, by their full path and in this order.
    pub preload: Vec<PathBuf>,
    /// What is nowhere; empty when the library can be loaded.
    pub absent: Vec<Absent>,
}

/// The places where libraries may lie.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Folders that the loader does not look into.
    private: Vec<PathBuf>,
    /// Folders that it does.
    loader: Vec<PathBuf>,
    /// What its cache lists.
    cache: HashMap<String, PathBuf>,
}

impl Search {
    /// The places of this machine, for the libraries beside a certain runtime.
    pub fn of_this_machine(runtime: &Path) -> Self {
        let mut private: Vec<PathBuf> = runtime.parent().map(Path::to_owned).into_iter().collect();
        if let Ok(directories) = Directories::from_env() {
            private.extend(places::own_gpu(&directories.runtime()));
        }
        // A runtime in a Python package has NVIDIA's packages beside that: capi, onnxruntime, all.
        let beside = runtime.ancestors().nth(3).map(Path::to_owned);
        for packages in beside.into_iter().chain(places::python_packages()) {
            private.extend(accelerator_folders(&packages));
        }
        private.extend(toolkit_folders(Path::new("/usr/local")));
        // Where containers and WSL get the driver from, when nobody told the loader.
        let driver = ["/usr/local/nvidia/lib64", "/usr/lib/wsl/lib"];
        private.extend(driver.map(PathBuf::from).into_iter().filter(|folder| folder.is_dir()));
        let cache = listing().map(|text| in_loader_cache(&text)).unwrap_or_default();
        Search { private, loader: loader_folders(), cache }
    }

    /// Only these folders, none of which the loader knows.
    pub fn only(folders: Vec<PathBuf>) -> Self {
        Search { private: folders, ..Search::default() }
    }

    /// Looks for everything that a library needs, directly or not, and for the `extra` names that
    /// it only opens while it runs. Of the `optional` names, those that are found count.
    pub fn resolve(&self, library: &Path, extra: &[&str], optional: &[&str]) -> Resolved {
        let mut walk = Walk { search: self, seen: HashSet::new(), resolved: Resolved::default() };
        let name = file_name(library);
        let Ok(Dependencies { needed, .. }) = dependencies(library) else {
            return walk.resolved;
        };
        let optional = optional.iter().filter(|name| self.find(name).is_some());
        let extra = extra.iter().chain(optional).map(|name| (*name).to_owned());
        for wanted in needed.into_iter().chain(extra) {
            walk.visit(&wanted, &name);
        }
        walk.resolved
    }

    /// The file of this name and whether the loader would find it by itself.
    fn find(&self, name: &str) -> Option<(PathBuf, bool)> {
        let within = |folders: &[PathBuf]| {
            let usable = |path: &PathBuf| path.is_file() && library::fits_this_machine(path);
            folders.iter().map(|folder| folder.join(name)).find(usable)
        };
        // The libraries that belong to the runtime come before the system's, which may be of
        // another version.
        if let Some(path) = within(&self.private) {
            return Some((path, false));
        }
        within(&self.loader)
            .or_else(|| self.cache.get(name).filter(|path| path.is_file()).cloned())
            .map(|path| (path, true))
    }
}

struct Walk<'a> {
    search: &'a Search,
    seen: HashSet<String>,
    resolved: Resolved,
}

impl Walk<'_> {
    /// Depth first: what a library needs is loaded before it.
    fn visit(&mut self, name: &str, needed_by: &str) {
        if is_part_of_the_system(name) || !self.seen.insert(name.to_owned()) {
            return;
        }
        let Some((path, known)) = self.search.find(name) else {
            let (name, needed_by) = (name.to_owned(), needed_by.to_owned());
            self.resolved.absent.push(Absent { name, needed_by });
            return;
        };
        for next in dependencies(&path).unwrap_or_default().needed {
            self.visit(&next, name);
        }
        if !known {
            self.resolved.preload.push(path);
        }
    }
}

/// What every process has loaded already, or the C library brings.
fn is_part_of_the_system(name: &str) -> bool {
    ["libc.so", "libm.so", "libdl.so", "librt.so", "libpthread.so", "libgcc_s.so", "ld-linux"]
        .iter()
        .any(|known| name.starts_with(known))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The library folders of NVIDIA's, TensorRT's and OpenVINO's Python packages.
fn accelerator_folders(packages: &Path) -> Vec<PathBuf> {
    let mut folders = vec![packages.join("tensorrt_libs"), packages.join("openvino/libs")];
    // nvidia/cu13/lib, nvidia/cudnn/lib, …
    for entry in fs::read_dir(packages.join("nvidia")).into_iter().flatten().flatten() {
        folders.push(entry.path().join("lib"));
    }
    folders.retain(|folder| folder.is_dir());
    folders.sort_unstable();
    folders
}

/// The library folders of CUDA toolkits that were installed by hand, newest first.
fn toolkit_folders(prefix: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(prefix).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("cuda"))
        .map(|entry| entry.path().join("lib64"))
        .filter(|folder| folder.is_dir())
        .collect();
    folders.sort_unstable();
    folders.reverse();
    folders
}

/// Where the loader looks without being told.
fn loader_folders() -> Vec<PathBuf> {
    let mut folders = places::library_path();
    let multiarch = format!("{}-linux-gnu", std::env::consts::ARCH);
    for prefix in ["/lib", "/usr/lib"] {
        folders.push(Path::new(prefix).join(&multiarch));
        folders.push(format!("{prefix}64").into());
        folders.push(prefix.into());
    }
    folders
}

fn listing() -> Option<String> {
    // Ordinary users often lack /sbin in their PATH.
    let program = if Path::new("/sbin/ldconfig").is_file() { "/sbin/ldconfig" } else { "ldconfig" };
    capture(Command::new(program).arg("-p"), Duration::from_secs(10)).ok().map(|done| done.stdout)
}

/// Lines such as `libcuda.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcuda.so.1`.
fn in_loader_cache(listing: &str) -> HashMap<String, PathBuf> {
    let kind = if cfg!(target_arch = "aarch64") { "AArch64" } else { "x86-64" };
    let mut found = HashMap::new();
    for line in listing.lines() {
        let Some((left, path)) = line.trim().split_once(" => ") else { continue };
        let Some((name, about)) = left.split_once(" (") else { continue };
        if about.contains(kind) {
            // The first line is the one that the loader takes.
            found.entry(name.to_owned()).or_insert_with(|| PathBuf::from(path.trim()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::elf::tests::library_needing;
    use super::*;

    fn put(folder: &Path, name: &str, needed: &[&str]) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, library_needing(needed, None)).unwrap();
        path
    }

    #[test]
    fn what_is_needed_comes_first_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join("own");
        let provider = put(dir.path(), "libprovider.so", &["libblas.so.1", "librand.so.1"]);
        let light = put(&own, "liblight.so.1", &["libc.so.6"]);
        let blas = put(&own, "libblas.so.1", &["liblight.so.1", "libc.so.6"]);
        let rand = put(&own, "librand.so.1", &["liblight.so.1"]);
        let resolved = Search::only(vec![own]).resolve(&provider, &[], &["libnone.so"]);
        assert_eq!(resolved, Resolved { preload: vec![light, blas, rand], absent: vec![] });
    }

    #[test]
    fn what_is_nowhere_is_named_with_who_needs_it() {
        let dir = tempfile::tempdir().unwrap();
        let provider = put(dir.path(), "libprovider.so", &["libblas.so.1"]);
        put(dir.path(), "libblas.so.1", &["libcuda.so.1", "libm.so.6"]);
        let search = Search::only(vec![dir.path().to_owned()]);
        let resolved = search.resolve(&provider, &["libdnn.so.9"], &[]);
        let absent =
            |name: &str, needed_by: &str| Absent { name: name.into(), needed_by: needed_by.into() };
        let expected =
            [absent("libcuda.so.1", "libblas.so.1"), absent("libdnn.so.9", "libprovider.so")];
        assert_eq!(resolved.absent, expected);
    }

    #[test]
    fn what_the_loader_finds_is_left_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let provider = put(dir.path(), "libprovider.so", &["liba.so", "libb.so"]);
        let folder = dir.path().join("loader");
        put(&folder, "liba.so", &[]);
        let b = put(&dir.path().join("odd"), "libb.so", &[]);
        let cache = HashMap::from([("libb.so".to_owned(), b)]);
        let search = Search { loader: vec![folder], cache, ..Search::default() };
        assert_eq!(search.resolve(&provider, &[], &[]), Resolved::default());
    }

    #[test]
    fn the_folders_of_packages_and_toolkits_are_known() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["nvidia/cudnn/lib", "nvidia/cu13/lib", "tensorrt_libs", "cuda-12/lib64"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let under = |folder: &str| dir.path().join(folder);
        assert_eq!(
            accelerator_folders(dir.path()),
            [under("nvidia/cu13/lib"), under("nvidia/cudnn/lib"), under("tensorrt_libs")]
        );
        assert_eq!(toolkit_folders(dir.path()), [under("cuda-12/lib64")]);
    }

    #[test]
    fn the_loader_cache_is_read_for_this_processor() {
        let listing = "2 libs found in cache `/etc/ld.so.cache'\n\
            \tlibcuda.so.1 (libc6) => /usr/lib32/libcuda.so.1\n\
            \tlibcuda.so.1 (libc6,x86-64) => /usr/lib/libcuda.so.1\n\
            \tlibcuda.so.1 (libc6,AArch64) => /usr/lib/libcuda.so.1\n";
        let found = in_loader_cache(listing);
        assert_eq!(found["libcuda.so.1"], Path::new("/usr/lib/libcuda.so.1"));
        assert_eq!(found.len(), 1);
    }
}
