//! `facedeck service start`: starts it in the background.

use serde_json::json;

use crate::error::Result;
use crate::service::process::detach::start_detached;
use crate::service::process::{Places, Record};
use crate::settings::Directories;

use super::super::args::{OutArgs, TermsArgs};
use super::super::output::{OutputMode, json_line};

/// Arguments of `facedeck service start`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct StartArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub terms: TermsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck service start
  facedeck service start --json

It runs in a session of its own and outlives this terminal. Where it listens and what it does is in
the configuration: config.toml.";

/// Runs the command.
///
/// # Errors
/// When the terms are not accepted, or what the service says that could not start.
pub(super) fn run(args: &StartArgs, mode: OutputMode) -> Result<()> {
    args.terms.ensure()?;
    let directories = Directories::from_env()?;
    let before = Record::of_running(&Places::of(&directories)).is_some();
    let record = start_detached(&directories, args.terms.accept_terms)?;
    report(&record, before, mode);
    Ok(())
}

pub(super) fn report(record: &Record, before: bool, mode: OutputMode) {
    if mode == OutputMode::Json {
        let mut event = json!(record);
        event["event"] = json!(if before { "running" } else { "started" });
        json_line(&event);
        return;
    }
    let what = if before { "runs already" } else { "has started" };
    let Record { pid, socket, .. } = record;
    mode.note(&format!("✔ the service {what}: process {pid}, socket {}", socket.display()));
}
