//! `facedeck jobs resume`: lets held jobs go on.

use crate::error::Result;
use crate::jobs::State;

use super::super::output::OutputMode;
use super::Common;
use super::choose::ChooseArgs;
use super::each::each;

/// Arguments of `facedeck jobs resume`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ResumeArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub choose: ChooseArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs resume 7K2M9QXA
  facedeck jobs resume --all";

/// Runs the command.
///
/// # Errors
/// When there is no such job, or it cannot be done.
pub(super) fn run(args: &ResumeArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let fitting = [State::Paused];
    each(&service, &args.choose, &fitting, mode, async |client, id| client.resume(id).await)
}
