//! Where facedeck keeps its files, and the names of every environment variable it looks at.

pub mod config;
pub mod document;
mod nearest;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::error::{Error, Result};

pub use nearest::{nearest, unknown};

/// The environment variables that facedeck reads, all in one place.
pub mod variables {
    /// Moves everything that facedeck keeps beneath one folder.
    pub const HOME: &str = "FACEDECK_HOME";
    /// The ffmpeg program to use, or the folder that holds `ffmpeg` and `ffprobe`.
    pub const FFMPEG: &str = "FACEDECK_FFMPEG";
    /// The ONNX Runtime library to use; the name that other users of the runtime know as well.
    pub const RUNTIME: &str = "ORT_DYLIB_PATH";
    /// Seconds that a server may be silent before it is taken for dead (20 when not set); the
    /// pauses between two tries of a download follow it.
    pub const NETWORK_PATIENCE: &str = "FACEDECK_NETWORK_PATIENCE";
    /// The service that commands talk to, as `--host` says it.
    pub const SERVICE: &str = "FACEDECK_HOST";
    /// The token for a service on the network.
    pub const TOKEN: &str = "FACEDECK_TOKEN";
    /// The program that reaches `ssh://` hosts; `ssh` when not set.
    pub const SSH: &str = "FACEDECK_SSH";
    /// Folders in which programs are looked for.
    pub const PATH: &str = "PATH";
    /// Folders in which the dynamic loader looks first.
    pub const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";
    /// The active Python virtual environment.
    pub const VIRTUAL_ENV: &str = "VIRTUAL_ENV";
    /// The active Conda environment.
    pub const CONDA_PREFIX: &str = "CONDA_PREFIX";
}

/// The value of an environment variable; an empty one counts as not set.
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The folders in which facedeck keeps its files. None is created before something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// Configuration and profiles, written by the user.
    pub config: PathBuf,
    /// What facedeck fetched and needs: runtimes and models.
    pub data: PathBuf,
    /// What can be deleted at any time.
    pub cache: PathBuf,
    /// What facedeck remembers: logs and records.
    pub state: PathBuf,
}

impl Directories {
    /// The folders for this user: those beneath `FACEDECK_HOME` when it is set, else the
    /// platform's own (XDG on Linux).
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when there is neither `FACEDECK_HOME` nor a home directory.
    pub fn from_env() -> Result<Self> {
        match variable(variables::HOME) {
            Some(home) => Self::beneath(Path::new(&home)),
            None => Self::of_the_platform(),
        }
    }

    /// All folders beneath one; a relative path is taken from the current directory.
    ///
    /// # Errors
    /// When the current directory is gone.
    pub fn beneath(home: &Path) -> Result<Self> {
        let home = std::path::absolute(home).map_err(|e| {
            Error::usage(format!("{}={} is no usable path", variables::HOME, home.display()))
                .because(e)
        })?;
        Ok(Directories {
            config: home.join("config"),
            data: home.join("data"),
            cache: home.join("cache"),
            state: home.join("state"),
        })
    }

    fn of_the_platform() -> Result<Self> {
        let dirs = ProjectDirs::from("", "", "facedeck").ok_or_else(|| {
            Error::usage("this user has no home directory")
                .hint(format!("set {} to a folder that facedeck may write to", variables::HOME))
        })?;
        Ok(Directories {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            // macOS knows no state directory.
            state: dirs
                .state_dir()
                .map_or_else(|| dirs.data_local_dir().join("state"), Path::to_owned),
        })
    }

    /// Where the programs and libraries lie that facedeck fetched for itself.
    pub fn runtime(&self) -> PathBuf {
        self.data.join("runtime")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_home_holds_everything() {
        let dirs = Directories::beneath(Path::new("/srv/deck")).unwrap();
        for (dir, name) in [
            (&dirs.config, "config"),
            (&dirs.data, "data"),
            (&dirs.cache, "cache"),
            (&dirs.state, "state"),
        ] {
            assert_eq!(dir, &Path::new("/srv/deck").join(name));
        }
        assert_eq!(dirs.runtime(), Path::new("/srv/deck/data/runtime"));
    }

    #[test]
    fn a_relative_home_becomes_absolute() {
        let dirs = Directories::beneath(Path::new("deck")).unwrap();
        assert!(dirs.data.is_absolute());
        assert!(dirs.data.ends_with("deck/data"));
    }

    #[test]
    fn the_platform_keeps_the_four_apart() {
        let Ok(dirs) = Directories::of_the_platform() else { return };
        let all = [&dirs.config, &dirs.data, &dirs.cache, &dirs.state];
        for (i, a) in all.iter().enumerate() {
            assert!(a.to_string_lossy().contains("facedeck"), "{}", a.display());
            assert!(all[i + 1..].iter().all(|b| b != a), "{} is used twice", a.display());
        }
    }
}
