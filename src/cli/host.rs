//! Which service a command talks to.

use std::path::PathBuf;

use clap::ValueHint;

use crate::client::{Blocking, Host, Options};
use crate::error::{Context, Error, Result};
use crate::settings::{variable, variables};

use super::output::OutputMode;

/// Which service.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Service")]
pub struct HostArgs {
    /// Talk to the service there: https://box:7870, ssh://me@box [default: the one of this user,
    /// here]
    #[arg(long, value_name = "URL", env = variables::SERVICE, value_parser = host)]
    pub host: Option<Host>,
    /// A file with the token for --host; FACEDECK_TOKEN holds one, too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
}

/// A host, or why it is none.
fn host(text: &str) -> Result<Host, String> {
    text.parse().map_err(|error: Error| match error.hint_text() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    })
}

impl HostArgs {
    /// Where the service is.
    pub fn host(&self) -> Host {
        self.host.clone().unwrap_or_default()
    }

    /// How to reach it; `start` allows to start the one of this machine. Says so when the token
    /// would go over the line in clear.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when the file of the token cannot be read.
    pub fn options(&self, start: bool, mode: OutputMode) -> Result<Options> {
        let (host, token) = (self.host(), self.token()?);
        if token.is_some() && host.is_in_clear() {
            mode.aside(&format!(
                "the token goes to {host} in clear, where everybody on the way can read it: use \
                 https:// or ssh://box"
            ));
        }
        Ok(Options { host, token, start, ..Options::default() })
    }

    /// Connects, and starts the service of this machine when it does not run.
    ///
    /// # Errors
    /// When it cannot be reached or started.
    pub fn connect(&self, mode: OutputMode) -> Result<Blocking> {
        Blocking::connect(&self.options(true, mode)?)
    }

    fn token(&self) -> Result<Option<String>> {
        let Some(path) = &self.token_file else {
            let given =
                variable(variables::TOKEN).map(|token| token.to_string_lossy().into_owned());
            return Ok(given);
        };
        let cannot = || format!("cannot read the token from {}", path.display());
        let text = std::fs::read_to_string(path).context(cannot)?;
        match text.trim() {
            "" => Err(Error::usage(format!("there is no token in {}", path.display()))),
            token => Ok(Some(token.to_owned())),
        }
    }
}
