//! `facedeck jobs cancel`: gives jobs up.

use crate::error::Result;
use crate::jobs::State;

use super::super::output::OutputMode;
use super::Common;
use super::choose::ChooseArgs;
use super::each::each;

/// Arguments of `facedeck jobs cancel`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CancelArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub choose: ChooseArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs cancel 7K2M9QXA
  facedeck jobs cancel --all=queued,paused

They stay in the list and can be tried again.";

/// Runs the command.
///
/// # Errors
/// When there is no such job, or it cannot be done.
pub(super) fn run(args: &CancelArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let fitting = [State::Queued, State::Running, State::Paused];
    each(&service, &args.choose, &fitting, mode, async |client, id| client.cancel(id).await)
}
