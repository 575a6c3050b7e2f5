//! `facedeck service token`: what a client of the network has to show.

use serde_json::json;

use crate::error::Result;
use crate::service::token;
use crate::settings::Directories;

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck service token`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct TokenArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck service token
  export FACEDECK_TOKEN=\"$(ssh box facedeck service token)\"
  facedeck jobs list --host https://box:7870

Whoever has it may use the service as you do. To have a new one, remove the file in which it lies
and restart the service.";

/// Runs the command.
///
/// # Errors
/// When it cannot be read or made.
pub(super) fn run(mode: OutputMode) -> Result<()> {
    let config = Directories::from_env()?.config;
    let token = token::load_or_make(&config)?;
    let path = token::place(&config);
    if mode == OutputMode::Json {
        json_line(&json!({ "event": "token", "token": token.reveal(), "file": path }));
    } else {
        result_line(token.reveal());
    }
    Ok(())
}
