//! Profiles: every layer, every fault with its file, line and key, and the commands.

mod commands;
mod faults;
mod layers;

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::common::{facedeck, words};

/// A user with an empty folder of their own.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Home(tempfile::tempdir().expect("a folder"))
    }

    /// The binary with this user's folder and none of the caller's choices.
    pub fn facedeck(&self) -> Command {
        let mut command = facedeck();
        command.env("FACEDECK_HOME", self.0.path()).env_remove("FACEDECK_PROFILE");
        command
    }

    /// `facedeck profiles` with these arguments.
    pub fn profiles(&self, arguments: &[&str]) -> Output {
        self.facedeck().arg("profiles").args(arguments).output().expect("it starts")
    }

    /// Where the profile of this name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("config/profiles").join(format!("{name}.toml"))
    }

    /// Writes a profile into the user's folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }
}

/// What a command that must succeed prints.
fn printed(run: &Output) -> String {
    assert!(run.status.success(), "{}", words(run));
    String::from_utf8(run.stdout.clone()).expect("UTF-8")
}

/// The JSON objects that a command prints, whether or not it succeeds.
fn events(run: &Output) -> Vec<serde_json::Value> {
    let text = std::str::from_utf8(&run.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON in every line")).collect()
}
