//! The `onnxruntime` wheel as a source of the runtime, fetched by whichever installer is there.
//!
//! The installer knows the user's package index, proxy and certificates. The wheel is only
//! downloaded, never installed, and its hash is checked here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::settings::{self, variables};

use super::command::{Finished, capture};
use super::fetch::{Archive, Source};
use super::ffmpeg::programs_on_path;
use super::pins::Pin;

/// Long enough for a slow line; a line that is dead is noticed by the installer itself.
pub(super) const DOWNLOAD_LIMIT: Duration = Duration::from_secs(600);

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
    pub(super) fn with_any_installer(pin: Pin) -> Result<Self, String> {
        Ok(Wheel { pin, installer: any_installer()? })
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = download_command(&self.installer, folder);
        // The tags come from the pinned file's name, so that the user's own Python does not matter.
        let stem = self.pin.file.trim_end_matches(".whl");
        let mut tags = stem.rsplit('-');
        if let (Some(platform), Some(abi), Some(python)) = (tags.next(), tags.next(), tags.next()) {
            let version = python.trim_start_matches("cp3");
            command.arg(format!("--python-version=3.{version}"));
            command.arg("--implementation=cp");
            command.arg(format!("--abi={abi}"));
            command.arg(format!("--platform={platform}"));
        }
        command.arg(format!("onnxruntime=={}", self.pin.version));
        command
    }
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
        let fail = || Error::failed("cannot fetch the onnxruntime wheel");
        let done =
            capture(&mut self.command(folder), DOWNLOAD_LIMIT).map_err(|e| fail().because(e))?;
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
        let wheel = Wheel { pin, installer: ("/usr/bin/uv".into(), INSTALLERS[3].1) };
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
