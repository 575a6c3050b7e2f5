//! Finds the ffmpeg and ffprobe programs and makes sure that they work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::settings::{self, Directories, variables};

use super::answers::ask;
use super::command::capture;

/// The oldest ffmpeg that is known to have every option that facedeck passes.
pub const OLDEST_FFMPEG: (u32, u32) = (4, 4);

/// The libavutil of ffmpeg 4.4 (its `doc/APIchanges`); builds from git carry no other number.
const OLDEST_AVUTIL: (u32, u32) = (56, 70);

/// `ffmpeg -version` answers in milliseconds; a cold network drive may take longer.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// What both programs tell their version for.
const VERSION: &str = "-version";

/// A working pair of programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FfmpegTools {
    /// The ffmpeg program.
    pub ffmpeg: PathBuf,
    /// The ffprobe program.
    pub ffprobe: PathBuf,
    /// The version as ffmpeg words it, e.g. `5.1.6-0+deb12u1`.
    pub version: String,
}

impl FfmpegTools {
    /// The names of the encoders in this build of ffmpeg, e.g. `libx264`.
    ///
    /// # Errors
    /// When ffmpeg fails.
    pub fn encoders(&self) -> Result<Vec<String>> {
        let fail = || Error::failed(format!("cannot ask {} for encoders", self.ffmpeg.display()));
        let mut command = Command::new(&self.ffmpeg);
        command.args(["-hide_banner", "-encoders"]);
        let done = capture(&mut command, ANSWER_LIMIT).map_err(|e| fail().because(e))?;
        if !done.status.success() {
            return Err(fail().because(done.last_line().to_owned()));
        }
        Ok(encoder_names(&done.stdout))
    }
}

/// Lines such as ` V....D libx264   libx264 H.264 / AVC …`, below a line of dashes.
fn encoder_names(listing: &str) -> Vec<String> {
    let below = listing.lines().skip_while(|line| !line.trim().starts_with("---")).skip(1);
    below.filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}

/// As [`find_ffmpeg`], and starts the programs, whatever they answered before.
///
/// # Errors
/// As [`find_ffmpeg`].
pub fn prove_ffmpeg() -> Result<FfmpegTools> {
    Places { anew: true, ..Places::from_env()? }.find()
}

/// Finds ffmpeg: where `FACEDECK_FFMPEG` says, else in facedeck's own folder, else on `PATH`.
///
/// # Errors
/// [`crate::error::Kind::Missing`] when there is none that works, naming every one that was tried
/// and its fault. What `FACEDECK_FFMPEG` names must work: nothing else is taken in its place.
pub fn find_ffmpeg() -> Result<FfmpegTools> {
    Places::from_env()?.find()
}

/// Where ffmpeg may lie.
#[derive(Debug, Default)]
struct Places {
    /// What the user asked for: a program or a folder.
    asked: Option<PathBuf>,
    /// facedeck's own folder.
    own: PathBuf,
    /// The search path, as the shell has it.
    path: OsString,
    /// Programs are started even when it is known what they answer.
    anew: bool,
}

impl Places {
    fn from_env() -> Result<Self> {
        Ok(Places {
            asked: settings::variable(variables::FFMPEG).map(PathBuf::from),
            own: Directories::from_env()?.runtime().join("ffmpeg"),
            path: settings::variable(variables::PATH).unwrap_or_default(),
            anew: false,
        })
    }

    fn find(&self) -> Result<FfmpegTools> {
        if let Some(asked) = &self.asked {
            let program = if asked.is_dir() { program_in(asked) } else { asked.clone() };
            return self.check(&program).map_err(|fault| {
                Error::missing(format!("{}={}: {fault}", variables::FFMPEG, asked.display()))
                    .hint(format!("correct {}, or unset it", variables::FFMPEG))
            });
        }
        let mut faults = Vec::new();
        let own = [program_in(&self.own)];
        for program in own.into_iter().chain(programs_on_path(&self.path, "ffmpeg")) {
            if !program.is_file() {
                continue;
            }
            match self.check(&program) {
                Ok(tools) => return Ok(tools),
                Err(fault) => faults.push(format!("{}: {fault}", program.display())),
            }
        }
        let message = if faults.is_empty() {
            "ffmpeg is not installed".to_owned()
        } else {
            format!("no ffmpeg here works ({})", faults.join("; "))
        };
        Err(Error::missing(message).hint("facedeck doctor --fix"))
    }

    /// Whether this ffmpeg runs, is new enough and has an ffprobe that runs.
    fn check(&self, ffmpeg: &Path) -> Result<FfmpegTools, String> {
        if !ffmpeg.is_file() {
            return Err(format!("there is no {}", ffmpeg.display()));
        }
        let banner = self.banner(ffmpeg)?;
        let version = version_word(&banner)
            .ok_or_else(|| "does not answer to -version as ffmpeg does".to_owned())?;
        if !new_enough(&version, &banner) {
            let (major, minor) = OLDEST_FFMPEG;
            return Err(format!("version {version} is older than {major}.{minor}"));
        }
        let ffprobe = self.ffprobe_for(ffmpeg)?;
        Ok(FfmpegTools { ffmpeg: ffmpeg.to_owned(), ffprobe, version })
    }

    /// The ffprobe beside this ffmpeg, else the first on the search path that runs.
    fn ffprobe_for(&self, ffmpeg: &Path) -> Result<PathBuf, String> {
        let mut fault = "has no ffprobe beside it".to_owned();
        let beside = ffmpeg.with_file_name("ffprobe");
        for program in [beside].into_iter().chain(programs_on_path(&self.path, "ffprobe")) {
            if !program.is_file() {
                continue;
            }
            match self.banner(&program) {
                Ok(_) => return Ok(program),
                Err(reason) => fault = format!("{}: {reason}", program.display()),
            }
        }
        Err(fault)
    }

    /// What the program prints for `-version`.
    fn banner(&self, program: &Path) -> Result<String, String> {
        if self.anew { banner(program) } else { ask(program, &[VERSION], || banner(program)) }
    }
}

/// ffmpeg in a folder, or in the `bin` folder in it, as unpacked builds have it.
fn program_in(folder: &Path) -> PathBuf {
    let nested = folder.join("bin").join("ffmpeg");
    if nested.is_file() { nested } else { folder.join("ffmpeg") }
}

/// Where on the search path a program of this name would lie.
pub(super) fn programs_on_path(path: &OsString, name: &str) -> impl Iterator<Item = PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    let name = name.to_owned();
    // An empty entry means the current directory to a shell; a program that works on other
    // people's files should not run whatever lies beside them.
    folders.into_iter().filter(|f| f.is_absolute()).map(move |f| f.join(&name))
}

/// Starts the program to hear its version.
fn banner(program: &Path) -> Result<String, String> {
    let done = capture(Command::new(program).arg(VERSION), ANSWER_LIMIT)
        .map_err(|e| format!("cannot be run: {e}"))?;
    if done.status.success() {
        Ok(done.stdout)
    } else {
        Err(format!("fails with {}: {}", done.status, done.last_line()))
    }
}

/// The word after "ffmpeg version".
fn version_word(banner: &str) -> Option<String> {
    let rest = banner.lines().next()?.strip_prefix("ffmpeg version ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn new_enough(version: &str, banner: &str) -> bool {
    if let Some(number) = major_minor(version.trim_start_matches('n')) {
        return number >= OLDEST_FFMPEG;
    }
    // A build from git is named "N-115000-g…" or by its date.
    let avutil = banner.lines().find_map(|line| line.trim().strip_prefix("libavutil"));
    avutil
        .map(|rest| rest.chars().filter(|c| !c.is_whitespace()).collect::<String>())
        .and_then(|rest| major_minor(&rest))
        .is_some_and(|number| number >= OLDEST_AVUTIL)
}

/// "5.1.6-0+deb" → (5, 1); "7" → (7, 0). Nothing for a date or a commit.
fn major_minor(text: &str) -> Option<(u32, u32)> {
    let digits = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse::<u32>().ok()
    };
    let mut parts = text.split('.');
    let major = digits(parts.next()?)?;
    let minor = parts.next().and_then(digits).unwrap_or(0);
    // "2024-05-20-git-…" is a date.
    (major < 1000).then_some((major, minor))
}

#[cfg(test)]
mod tests;
