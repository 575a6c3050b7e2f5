//! `facedeck jobs retry`: tries jobs again.

use crate::error::Result;
use crate::jobs::State;

use super::super::output::OutputMode;
use super::Common;
use super::choose::ChooseArgs;
use super::each::each;

/// Arguments of `facedeck jobs retry`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RetryArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub choose: ChooseArgs,
    /// Begin from the first frame, whatever is left of an earlier attempt
    #[arg(long)]
    pub from_scratch: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs retry 7K2M9QXA
  facedeck jobs retry --all-failed
  facedeck jobs retry --all=failed,cancelled --from-scratch";

/// Runs the command.
///
/// # Errors
/// When there is no such job, or it cannot be done.
pub(super) fn run(args: &RetryArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let fitting = [State::Failed, State::Refused, State::Cancelled];
    each(&service, &args.choose, &fitting, mode, async |client, id| {
        client.retry(id, args.from_scratch).await
    })
}
