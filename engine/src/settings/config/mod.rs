//! The configuration: `config.toml` in the configuration folder. Every key has a default; an
//! unknown one is an error that names the nearest known one.

mod check;
mod dashboard;
mod edit;
mod notify;
mod read;
mod service;
mod watch;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::settings::document::BadValue;

pub use dashboard::{Announce, Dashboard, Graphics};
pub use edit::{add_watch, change_watch, remove_watch, set_watch_paused};
pub use notify::{Notify, Occasion};
pub use service::Service;
pub use watch::{Input, Look, PARTS, Rule, Watch};

/// Everything that can be configured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The service.
    pub service: Service,
    /// Who is told when something happens.
    pub notify: Notify,
    /// The dashboard.
    pub dashboard: Dashboard,
    /// Hot folders.
    pub watch: Vec<Watch>,
}

impl Config {
    /// The file in the configuration folder.
    pub fn path(config_dir: &Path) -> PathBuf {
        config_dir.join("config.toml")
    }

    /// Reads `config.toml` in the configuration folder; where there is none, everything has its
    /// default.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it cannot be read, is no TOML, has unknown keys or values
    /// that make no sense: all of them, by line.
    pub fn load(config_dir: &Path) -> Result<Self> {
        let path = Self::path(config_dir);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(read::read(&text, &path)?),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(e) => {
                Err(Error::usage(format!("cannot read the configuration {}", path.display()))
                    .because(e)
                    .hint("check its permissions; it is a text in UTF-8"))
            }
        }
    }

    /// A configuration that says nothing but shows every key with its default and what it is for.
    pub fn sample() -> &'static str {
        include_str!("../../../../docs/config.toml")
    }
}

impl Watch {
    /// Puts the user's own folder in the place of `~`, and turns nested settings into keys with
    /// dots, as is done when the configuration is read.
    pub fn tidy(&mut self) {
        read::tidy_watch(self, read::home().as_deref());
    }

    /// Everything that makes no sense about a hot folder, each with its key at the end of its way.
    pub fn faults(&self) -> Vec<BadValue> {
        check::watch(self)
    }

    /// Checks a hot folder as the configuration would be checked that holds it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with everything that makes no sense.
    pub fn check(&self) -> Result<()> {
        let bad = check::watch(self);
        let Some(first) = bad.first() else { return Ok(()) };
        let all: Vec<&str> = bad.iter().map(|bad| bad.message.as_str()).collect();
        Err(Error::usage(format!("the hot folder {}: {}", self.name, all.join("; ")))
            .hint(first.hint.as_str()))
    }
}

#[cfg(test)]
mod tests;
