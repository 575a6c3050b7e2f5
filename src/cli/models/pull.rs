//! `facedeck models pull`: fetches models, and what they need.

use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::models::Store;

use super::super::args::OutArgs;
use super::super::output::OutputMode;
use super::fetch;

/// Arguments of `facedeck models pull`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PullArgs {
    /// The models, by id
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Accept the models' licenses without being asked (for scripts)
    #[arg(long)]
    pub accept_license: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck models pull inswapper_128
  facedeck models pull det_10g w600k_r50 inswapper_128 --accept-license

A download that was cut off goes on where it ended when the command is run again.";

/// Runs the command.
///
/// # Errors
/// When a model is not known, its license is not accepted, or it cannot be fetched.
pub(super) fn run(args: &PullArgs, mode: OutputMode) -> Result<()> {
    let store = Store::open()?;
    let entries = store.with_needs(&args.ids)?;
    fetch::all(&store, &entries, args.accept_license, mode, &Interrupt::on_signals()?)
}
