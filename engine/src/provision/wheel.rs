//! Wheels of the Python package index as a source of libraries, fetched by whichever installer is there.
//!
//! The installer knows the user's package index, proxy and certificates. The wheel is only
//! downloaded, never installed, and its hash is checked here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::settings::{self, variables};

use super::command::{Finished, capture, capture_watched};
use super::fetch::{Archive, Source};
use super::ffmpeg::programs_on_path;
use super::pins::Pin;

/// Long enough for a slow line; a line that is dead is noticed by the installer itself.
pub(super) const DOWNLOAD_LIMIT: Duration = Duration::from_secs(600);
/// The slowest line on which a large wheel is waited for, in bytes a second.
const SLOWEST: u64 = 100_000;
/// The installer keeps a copy of what it fetched; of wheels larger than this it must not.
const LARGEST_KEPT: u64 = 32 << 20;

/// Programs that can download a wheel, and their words before `download`.
const INSTALLERS: [(&str, &[&str]); 4] = [
    ("python3", &["-m", "pip"]),
    ("pip3", &[]),
    ("pip", &[]),
    // uv has no download of its own, but runs pip without installing it.
    ("uv", &["tool", "run", "--quiet", "pip"]),
];

/// The wheel.
pub(super) struct Wheel {
    package: &'static str,
    pin: Pin,
    /// The program and its first words.
    installer: Installer,
}

/// A program that can download wheels, and its first words.
pub(super) type Installer = (PathBuf, &'static [&'static str]);

/// The first of [`INSTALLERS`] that works here.
///
/// # Errors
/// In words: which programs were tried.
pub(super) fn any_installer() -> Result<Installer, String> {
    let path = settings::variable(variables::PATH).unwrap_or_default();
    for (name, words) in INSTALLERS {
        let Some(program) = programs_on_path(&path, name).find(|p| p.is_file()) else {
            continue;
        };
        let mut probe = Command::new(&program);
        probe.args(words).arg("--version");
        let limit = Duration::from_secs(60);
        if capture(&mut probe, limit).is_ok_and(|done| done.status.success()) {
            return Ok((program, words));
        }
    }
    Err("none of python3 -m pip, pip3, pip and uv works here".into())
}

/// Downloads one wheel into a folder; what exactly is still to be added.
pub(super) fn download_command((program, words): &Installer, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(*words);
    command.args(["download", "--no-deps", "--only-binary=:all:", "--no-input"]);
    // A dead line should not be tried for minutes.
    command.args(["--disable-pip-version-check", "--retries=2", "--quiet", "--dest"]);
    command.arg(folder);
    command
}

impl Wheel {
    /// The wheel, when there is a program here that can fetch it.
    ///
    /// # Errors
    /// In words: which programs were tried.
    pub(super) fn with_any_installer(package: &'static str, pin: Pin) -> Result<Self, String> {
        Ok(Wheel { package, pin, installer: any_installer()? })
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = download_command(&self.installer, folder);
        // The tags come from the pinned file's name, so that the user's own Python does not matter.
        let stem = self.pin.file.trim_end_matches(".whl");
        let mut tags = stem.rsplit('-');
        if let (Some(platform), Some(abi), Some(python)) = (tags.next(), tags.next(), tags.next()) {
            // A "py3" wheel fits every Python.
            let (implementation, version) = match python.strip_prefix("cp3") {
                Some(version) => ("cp", version),
                None => ("py", "12"),
            };
            command.arg(format!("--python-version=3.{version}"));
            command.arg(format!("--implementation={implementation}"));
            command.arg(format!("--abi={abi}"));
            for one in platform.split('.') {
                command.arg(format!("--platform={one}"));
            }
        }
        if self.pin.bytes > LARGEST_KEPT {
            command.arg("--no-cache-dir");
        }
        // It downloads to a temporary file first, and the system's folder for those may be small.
        command.env("TMPDIR", folder);
        command.arg(format!("{}=={}", self.package, self.pin.version));
        command
    }

    /// Gets the file into an empty folder, telling `progress` how many bytes are there. Nobody has
    /// checked it yet.
    ///
    /// # Errors
    /// When the installer fails or gets another file.
    pub(super) fn get_watched(
        &self,
        folder: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<PathBuf> {
        let fail = || Error::failed(format!("cannot fetch the {} wheel", self.package));
        let limit = DOWNLOAD_LIMIT.max(Duration::from_secs(self.pin.bytes / SLOWEST));
        let mut tick = || progress(bytes_beneath(folder));
        let done = capture_watched(&mut self.command(folder), limit, &mut tick)
            .map_err(|e| fail().because(e))?;
        if !done.status.success() {
            return Err(fail().because(reason(&done)));
        }
        let path = folder.join(self.pin.file);
        if path.is_file() {
            Ok(path)
        } else {
            Err(fail()
                .because(format!("the package index has another file than {}", self.pin.file)))
        }
    }
}

/// The size of all files in a folder and those in it.
fn bytes_beneath(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => bytes_beneath(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Why the installer failed. Without a connection pip's last words are that there is no such
/// package, which leads nowhere.
pub(super) fn reason(done: &Finished) -> String {
    let offline = ["connection broken", "NewConnectionError", "Failed to establish"];
    if offline.iter().any(|words| done.stderr.contains(words)) {
        return "the package index cannot be reached".into();
    }
    done.last_line().trim_start_matches("ERROR: ").to_owned()
}

impl Source for Wheel {
    fn pin(&self) -> &Pin {
        &self.pin
    }

    fn archive(&self) -> Archive {
        Archive::Zip
    }

    fn origin(&self) -> String {
        let (program, words) = &self.installer;
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let words = words.iter().filter(|word| !word.starts_with("--")).copied();
        let line = std::iter::once(&*name).chain(words).collect::<Vec<_>>().join(" ");
        format!("the Python package index ({line})")
    }

    fn get(&self, folder: &Path) -> Result<PathBuf> {
        self.get_watched(folder, &mut |_| {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_are_those_of_the_pinned_file() {
        let pin = Pin {
            version: "1.31.0",
            file: "onnxruntime-1.31.0-cp312-cp312-manylinux_2_28_x86_64.whl",
            bytes: 0,
            sha256: "",
        };
        let installer = ("/usr/bin/uv".into(), INSTALLERS[3].1);
        let wheel = Wheel { package: "onnxruntime", pin, installer };
        let command = wheel.command(Path::new("/tmp/x"));
        let words: Vec<_> = command.get_args().map(|a| a.to_str().unwrap()).collect();
        for word in [
            "--python-version=3.12",
            "--abi=cp312",
            "--platform=manylinux_2_28_x86_64",
            "onnxruntime==1.31.0",
            "--no-deps",
        ] {
            assert!(words.contains(&word), "{word} not in {words:?}");
        }
        assert_eq!(wheel.origin(), "the Python package index (uv tool run pip)");
        assert!(!words.contains(&"--no-cache-dir"), "{words:?}");
    }

    #[test]
    fn a_wheel_for_every_python_is_asked_for_as_such() {
        let pin = Pin {
            version: "13.5.37",
            file: "nvidia_x-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            bytes: 400 << 20,
            sha256: "",
        };
        let installer = ("/usr/bin/pip".into(), INSTALLERS[2].1);
        let command = Wheel { package: "nvidia-x", pin, installer }.command(Path::new("/tmp/x"));
        let words: Vec<_> = command.get_args().map(|a| a.to_str().unwrap()).collect();
        for word in [
            "--implementation=py",
            "--abi=none",
            "--platform=manylinux2014_x86_64",
            "--platform=manylinux_2_17_x86_64",
            "--no-cache-dir",
            "nvidia-x==13.5.37",
        ] {
            assert!(words.contains(&word), "{word} not in {words:?}");
        }
    }

    #[test]
    fn a_dead_line_is_told_from_an_unknown_version() {
        let fail = |stderr: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", "echo \"$1\" >&2; exit 1", "sh", stderr]);
            reason(&capture(&mut command, Duration::from_secs(20)).unwrap())
        };
        let unknown = "ERROR: No matching distribution found for onnxruntime==1.31.0";
        assert_eq!(fail(unknown), unknown.trim_start_matches("ERROR: "));
        let dead = format!("WARNING: Retrying after connection broken by 'X'\n{unknown}");
        assert_eq!(fail(&dead), "the package index cannot be reached");
    }
}
