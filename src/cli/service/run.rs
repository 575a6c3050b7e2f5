//! `facedeck service run`: the service itself, in the foreground.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};
use serde_json::json;

use crate::error::Result;
use crate::service::process::{self, LogTo, Options};

use super::super::args::TermsArgs;
use super::super::output::{OutputMode, json_line};

/// Arguments of `facedeck service run`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    /// Listen on the network, too, for clients with the token
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// Yes, others can reach that address, and I know what that means
    #[arg(long, requires = "listen")]
    pub i_know: bool,
    /// A folder in which clients of the network may name files; several are fine
    #[arg(long = "root", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub roots: Vec<PathBuf>,
    /// Write the log only there [default: to both]
    #[arg(long, value_enum)]
    pub log: Option<Log>,
    /// Print one JSON object on standard output when it is ready, or why it cannot be
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub terms: TermsArgs,
}

/// Where the log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// To standard error: systemd and containers keep logs themselves
    Stderr,
    /// To files, one a day
    File,
}

const EXAMPLES: &str = "\
Examples:
  facedeck service run
  facedeck service run --log stderr
  facedeck service run --listen 127.0.0.1:7870 --root /srv/media
  facedeck service run --listen 0.0.0.0:7870 --i-know

The first SIGTERM or Ctrl-C ends it cleanly: jobs go back to the queue. The second ends it at once.
SIGHUP does nothing: it outlives the terminal.";

/// Runs the command.
///
/// # Errors
/// As [`process::run`].
pub(super) fn run(args: &RunArgs, verbose: u8, mode: OutputMode) -> Result<()> {
    let options = Options {
        listen: args.listen.clone(),
        i_know: args.i_know,
        roots: args.roots.clone(),
        log: match args.log {
            None => LogTo::Both,
            Some(Log::Stderr) => LogTo::Stderr,
            Some(Log::File) => LogTo::File,
        },
        verbose,
        accept_terms: args.terms.accept_terms,
    };
    process::run(&options, &|record| {
        if mode == OutputMode::Json {
            let mut event = json!(record);
            event["event"] = json!("ready");
            json_line(&event);
        }
    })
}
