//! `facedeck models`: the weights that lie here, and how others get here. One file a verb.

pub(super) mod ask;
mod fetch;
mod import;
mod list;
mod offer;
mod path;
mod pull;
mod remove;
pub(super) mod table;
mod verify;
mod watch;

use clap::Subcommand;

use crate::error::Result;

use super::output::OutputMode;

pub use offer::offer_missing;

/// Arguments of `facedeck models`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ModelsArgs {
    /// What to do with them
    #[command(subcommand)]
    pub command: ModelsCommand,
}

const EXAMPLES: &str = "\
Examples:
  facedeck models list --role swapper              which swappers there are
  facedeck models pull inswapper_128               fetch one, and what it needs
  facedeck models import ~/roop/models             take what is known of a folder
  facedeck models verify                           read every file again

A slow or a dead line: FACEDECK_NETWORK_PATIENCE is the number of seconds that
a server may be silent (20 when not set). HTTPS_PROXY, ALL_PROXY and NO_PROXY
are minded.";

/// The verbs.
#[derive(Debug, Clone, Subcommand)]
pub enum ModelsCommand {
    /// Show every model: what for, whether it is here, how large, under which license
    List(list::ListArgs),
    /// Fetch models, and what they need
    Pull(pull::PullArgs),
    /// Take weights that you have already
    Import(import::ImportArgs),
    /// Read files again and compare them with their hashes
    Verify(verify::VerifyArgs),
    /// Remove weights from the disk
    Remove(remove::RemoveArgs),
    /// Print where the weights are
    Path(path::PathArgs),
}

impl ModelsArgs {
    /// How this command speaks.
    pub fn output_mode(&self) -> OutputMode {
        let out = match &self.command {
            ModelsCommand::List(args) => args.out,
            ModelsCommand::Pull(args) => args.out,
            ModelsCommand::Import(args) => args.out,
            ModelsCommand::Verify(args) => args.out,
            ModelsCommand::Remove(args) => args.out,
            ModelsCommand::Path(args) => args.out,
        };
        OutputMode::from_flags(out.json, out.quiet)
    }
}

/// Runs the command.
///
/// # Errors
/// What the verb says.
pub fn run(args: &ModelsArgs) -> Result<()> {
    let mode = args.output_mode();
    match &args.command {
        ModelsCommand::List(args) => list::run(args, mode),
        ModelsCommand::Pull(args) => pull::run(args, mode),
        ModelsCommand::Import(args) => import::run(args, mode),
        ModelsCommand::Verify(args) => verify::run(args, mode),
        ModelsCommand::Remove(args) => remove::run(args, mode),
        ModelsCommand::Path(args) => path::run(args, mode),
    }
}
