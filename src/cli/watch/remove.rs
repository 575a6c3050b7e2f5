//! `facedeck watch remove`: hot folders that are looked at no more.

use serde_json::json;

use crate::error::Result;

use super::super::jobs::each::worst;
use super::super::jobs::words::plain;
use super::super::models::ask;
use super::super::output::{OutputMode, json_line, result_line};
use super::NamesArgs;

/// Arguments of `facedeck watch remove`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RemoveArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub names: NamesArgs,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  facedeck watch remove studio
  facedeck watch remove studio archive --yes

Their files and jobs stay; only the rules go. Where there is nobody to ask (a
script, --json), --yes is needed.";

/// Runs the command.
///
/// # Errors
/// When there is no such hot folder, the user says no, or there is nobody to ask.
pub(super) fn run(args: &RemoveArgs, mode: OutputMode) -> Result<()> {
    let names = &args.names.names;
    let what = format!("the rules of {}", plain(&names.join(", ")));
    ask::agree_to_lose(&what, args.yes, mode)?;
    let service = args.names.common.host.connect(mode)?;
    let mut failures = Vec::new();
    for name in names {
        match service.run(async |client| client.remove_watch(name).await) {
            Ok(()) if mode == OutputMode::Json => {
                json_line(&json!({ "event": "watch_removed", "name": name }));
            }
            Ok(()) if mode == OutputMode::Quiet => {}
            Ok(()) => result_line(&plain(&format!("{name}: removed"))),
            Err(error) => failures.push(error),
        }
    }
    worst(failures, mode)
}
