//! `facedeck service restart`: ends it and starts it again, after an update for instance.

use crate::error::Result;
use crate::service::process::detach::start_detached;
use crate::settings::Directories;

use super::super::args::{OutArgs, TermsArgs};
use super::super::output::OutputMode;
use super::{start, stop};

/// Arguments of `facedeck service restart`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RestartArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub terms: TermsArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck service restart

A service that systemd or a container runs is restarted by that: systemctl --user restart facedeck.";

/// Runs the command.
///
/// # Errors
/// When it does not end, or cannot start.
pub(super) fn run(args: &RestartArgs, mode: OutputMode) -> Result<()> {
    args.terms.ensure()?;
    let directories = Directories::from_env()?;
    stop::stop(&directories)?;
    let record = start_detached(&directories, args.terms.accept_terms)?;
    start::report(&record, false, mode);
    Ok(())
}
