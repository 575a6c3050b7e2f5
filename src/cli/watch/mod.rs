//! `facedeck watch`: hot folders, whose files become jobs. One file a verb.

mod add;
mod list;
mod pause;
mod remove;

use clap::Subcommand;

use crate::error::Result;
use crate::service::wire::WatchView;

use super::jobs::Common;
use super::jobs::words::plain;
use super::offered;
use super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck watch`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct WatchArgs {
    /// What to do with them
    #[command(subcommand)]
    pub command: WatchCommand,
}

const EXAMPLES: &str = "\
Examples:
  facedeck watch add studio /srv/in -s me.jpg           every picture and video there becomes a job
  facedeck watch add studio /srv/in -s me.jpg --dry-run what would be done with what lies there
  facedeck watch list
  facedeck watch pause studio

Hot folders are kept in the configuration, as [[watch]] in config.toml.";

/// The verbs.
#[derive(Debug, Clone, Subcommand)]
pub enum WatchCommand {
    /// Show hot folders, and how it stands with them
    List(list::ListArgs),
    /// Add a hot folder
    Add(Box<add::AddArgs>),
    /// Remove hot folders; their files and jobs stay
    Remove(remove::RemoveArgs),
    /// Let hot folders take nothing for now
    Pause(NamesArgs),
    /// Let hot folders go on
    Resume(NamesArgs),
}

/// Some hot folders.
#[derive(Debug, Clone, clap::Args)]
pub struct NamesArgs {
    /// Their names
    #[arg(value_name = "NAME", required = true, add = offered::watches())]
    pub names: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

impl WatchArgs {
    /// How this command speaks.
    pub fn output_mode(&self) -> OutputMode {
        match &self.command {
            WatchCommand::List(args) => args.common.mode(),
            WatchCommand::Add(args) => args.common.mode(),
            WatchCommand::Remove(args) => args.names.common.mode(),
            WatchCommand::Pause(args) | WatchCommand::Resume(args) => args.common.mode(),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// What the verb says.
pub fn run(args: &WatchArgs) -> Result<()> {
    let mode = args.output_mode();
    match &args.command {
        WatchCommand::List(args) => list::run(args, mode),
        WatchCommand::Add(args) => add::run(args, mode),
        WatchCommand::Remove(args) => remove::run(args, mode),
        WatchCommand::Pause(args) => pause::run(args, true, mode),
        WatchCommand::Resume(args) => pause::run(args, false, mode),
    }
}

/// Tells how it stands with a hot folder.
fn tell(watch: &WatchView, mode: OutputMode) {
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => {
            let mut event = serde_json::json!(watch);
            event["event"] = "watch".into();
            json_line(&event);
        }
        _ => {
            let why =
                if watch.reason.is_empty() { String::new() } else { format!(", {}", watch.reason) };
            result_line(&plain(&format!(
                "{}: {}{why}, {}",
                watch.name, watch.status, watch.folder
            )));
        }
    }
}
