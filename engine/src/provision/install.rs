//! Installs ffmpeg with the system's package manager.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::settings::{self, variables};

use super::command::capture;
use super::ffmpeg::{FfmpegTools, programs_on_path, prove_ffmpeg};

/// A package manager: what to say to it, in the order in which it is tried.
struct Manager {
    program: &'static str,
    /// Whether it needs root; Homebrew refuses root instead.
    root: bool,
    /// Fetches the list of packages.
    refresh: &'static [&'static str],
    /// Installs ffmpeg. A second line is for systems that name it otherwise.
    install: &'static [&'static [&'static str]],
}

const MANAGERS: [Manager; 6] = [
    Manager {
        program: "apt-get",
        root: true,
        refresh: &["update"],
        // Another apt may be at work, e.g. right after the machine has started.
        install: &[&[
            "-o",
            "DPkg::Lock::Timeout=120",
            "install",
            "--yes",
            "--no-install-recommends",
            "ffmpeg",
        ]],
    },
    Manager {
        program: "dnf",
        root: true,
        refresh: &["makecache"],
        // Fedora's own repositories only have ffmpeg-free.
        install: &[
            &["install", "--assumeyes", "ffmpeg"],
            &["install", "--assumeyes", "ffmpeg-free"],
        ],
    },
    Manager {
        program: "pacman",
        root: true,
        refresh: &["-Sy", "--noconfirm"],
        install: &[&["-S", "--noconfirm", "--needed", "ffmpeg"]],
    },
    Manager {
        program: "zypper",
        root: true,
        refresh: &["--non-interactive", "refresh"],
        install: &[&["--non-interactive", "install", "ffmpeg"]],
    },
    Manager { program: "apk", root: true, refresh: &["update"], install: &[&["add", "ffmpeg"]] },
    Manager {
        program: "brew",
        root: false,
        refresh: &["update"],
        install: &[&["install", "ffmpeg"]],
    },
];

/// A package manager on a slow line, with the packages that ffmpeg pulls in.
const INSTALL_LIMIT: Duration = Duration::from_secs(1800);
/// Lists older than this often name packages that are gone from the servers.
const LIST_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Who we are to the package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rights {
    Root,
    /// `sudo` works without a password.
    Sudo,
    User,
}

/// Installs ffmpeg with the package manager of this system, saying so through `report`. Works as
/// root or with a `sudo` that asks for no password; else it only says what to run.
///
/// # Errors
/// [`crate::error::Kind::Missing`] with the command to run as its hint.
pub fn install_ffmpeg(report: &mut dyn FnMut(&str)) -> Result<FfmpegTools> {
    let path = settings::variable(variables::PATH).unwrap_or_default();
    let stale = !lists_are_fresh(Path::new("/var/lib/apt/lists"), SystemTime::now());
    install_with(&path, rights(), stale, report)?;
    prove_ffmpeg()
}

fn install_with(
    path: &OsString,
    rights: Rights,
    stale: bool,
    report: &mut dyn FnMut(&str),
) -> Result<()> {
    let found = MANAGERS.iter().find_map(|manager| {
        programs_on_path(path, manager.program)
            .find(|p| p.is_file())
            .map(|program| (manager, program))
    });
    let Some((manager, program)) = found else {
        return Err(Error::missing(
            "ffmpeg is not installed, and no known package manager is here",
        )
        .hint("install ffmpeg 4.4 or newer, or set FACEDECK_FFMPEG to the folder it is in"));
    };
    let job = Job { manager, program, rights };
    if manager.root && rights == Rights::User {
        return Err(Error::missing("ffmpeg is not installed, and installing it needs root")
            .hint(job.advice()));
    }
    job.install(stale, report)
}

struct Job<'a> {
    manager: &'a Manager,
    program: PathBuf,
    rights: Rights,
}

impl Job<'_> {
    fn install(&self, stale: bool, report: &mut dyn FnMut(&str)) -> Result<()> {
        let refresh_first = self.manager.program == "apt-get" && stale;
        if refresh_first {
            report("updating the package lists with apt-get");
            // An offline mirror may fail here and still have the package.
            if let Err(fault) = self.run(self.manager.refresh) {
                report(&format!("that failed: {fault}"));
            }
        }
        report(&format!("installing ffmpeg with {}", self.manager.program));
        let Err(mut fault) = self.try_install() else { return Ok(()) };
        if !refresh_first {
            report(&format!("that failed: {fault}; trying again with fresh package lists"));
            fault = match self.run(self.manager.refresh).and_then(|()| self.try_install()) {
                Ok(()) => return Ok(()),
                Err(fault) => fault,
            };
        }
        Err(Error::missing(format!("{} cannot install ffmpeg: {fault}", self.manager.program))
            .hint(self.advice()))
    }

    fn try_install(&self) -> Result<(), String> {
        let mut faults = Vec::new();
        for words in self.manager.install {
            match self.run(words) {
                Ok(()) => return Ok(()),
                Err(fault) => faults.push(fault),
            }
        }
        Err(faults.join("; "))
    }

    fn run(&self, words: &[&str]) -> Result<(), String> {
        let mut command = if self.manager.root && self.rights == Rights::Sudo {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive"]).arg(&self.program);
            sudo
        } else {
            let mut plain = Command::new(&self.program);
            plain.env("DEBIAN_FRONTEND", "noninteractive");
            plain
        };
        let done = capture(command.args(words), INSTALL_LIMIT)
            .map_err(|e| format!("cannot run it: {e}"))?;
        if done.status.success() { Ok(()) } else { Err(done.last_line().to_owned()) }
    }

    /// The command for the user to run.
    fn advice(&self) -> String {
        let Manager { program, root, install, .. } = self.manager;
        // The plainest spelling; a person can answer its questions.
        let words = install.first().map_or(&[][..], |words| words);
        let verb = words.iter().find(|w| matches!(**w, "install" | "add" | "-S")).unwrap_or(&"");
        let sudo = if *root && self.rights != Rights::Root { "sudo " } else { "" };
        format!("run: {sudo}{program} {verb} ffmpeg")
    }
}

fn rights() -> Rights {
    if rustix::process::geteuid().is_root() {
        return Rights::Root;
    }
    let sudo = capture(Command::new("sudo").args(["-n", "true"]), Duration::from_secs(20));
    if sudo.is_ok_and(|done| done.status.success()) { Rights::Sudo } else { Rights::User }
}

/// Whether apt has package lists, and recent ones.
fn lists_are_fresh(folder: &Path, now: SystemTime) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries
        .flatten()
        // Named …_Packages, with the ending of a compression or none.
        .filter(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
        .filter_map(|entry| entry.metadata().ok()?.modified().ok())
        .max()
        .is_some_and(|newest| now.duration_since(newest).unwrap_or_default() < LIST_AGE)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::command::tests::write_script;
    use super::*;

    /// A fake package manager that writes down what it is told and fails as long as `fail` exists.
    fn manager(folder: &Path, name: &str) -> OsString {
        let path = folder.join(name);
        let script = format!(
            "#!/bin/sh\nd={}\necho \"$@\" >> $d/log\n\
             case \"$*\" in *install*|*add*|-S*) test -e $d/fail && \
             {{ echo 'no such package' >&2; exit 100; }};; *) rm -f $d/fail;; esac\nexit 0\n",
            folder.display()
        );
        write_script(&path, &script);
        // The script needs rm.
        std::env::join_paths([folder, Path::new("/usr/bin"), Path::new("/bin")]).unwrap()
    }

    fn log(folder: &Path) -> Vec<String> {
        let text = fs::read_to_string(folder.join("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn stale_lists_are_updated_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = manager(dir.path(), "apt-get");
        install_with(&path, Rights::Root, true, &mut |_| {}).unwrap();
        let log = log(dir.path());
        assert_eq!(log[0], "update");
        assert!(log[1].ends_with("install --yes --no-install-recommends ffmpeg"), "{log:?}");
        assert_eq!(log.len(), 2);
    }

    #[test]
    fn a_failure_is_tried_again_with_fresh_lists() {
        let dir = tempfile::tempdir().unwrap();
        let path = manager(dir.path(), "apt-get");
        fs::write(dir.path().join("fail"), "").unwrap();
        let mut said = Vec::new();
        install_with(&path, Rights::Root, false, &mut |line| said.push(line.to_owned())).unwrap();
        assert_eq!(log(dir.path()).len(), 3);
        assert!(said[1].contains("no such package"), "{said:?}");
    }

    #[test]
    fn without_rights_the_command_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = manager(dir.path(), "apt-get");
        let error = install_with(&path, Rights::User, true, &mut |_| {}).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert_eq!(error.hint_text(), Some("run: sudo apt-get install ffmpeg"));
        assert!(log(dir.path()).is_empty());
    }

    #[test]
    fn no_manager_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().as_os_str().to_owned();
        let error = install_with(&path, Rights::Root, true, &mut |_| {}).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.hint_text().is_some_and(|hint| hint.contains("FACEDECK_FFMPEG")));
    }

    #[test]
    fn fresh_lists_are_known() {
        let dir = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        assert!(!lists_are_fresh(dir.path(), now));
        fs::write(dir.path().join("lock"), "").unwrap();
        assert!(!lists_are_fresh(dir.path(), now));
        fs::write(dir.path().join("deb_main_binary-amd64_Packages.lz4"), "").unwrap();
        assert!(lists_are_fresh(dir.path(), now));
        assert!(!lists_are_fresh(dir.path(), now + LIST_AGE * 2));
    }
}
