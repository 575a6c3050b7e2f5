//! `facedeck jobs pause`: holds jobs until somebody resumes them.

use crate::error::Result;
use crate::jobs::State;

use super::super::output::OutputMode;
use super::Common;
use super::choose::ChooseArgs;
use super::each::each;

/// Arguments of `facedeck jobs pause`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PauseArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub choose: ChooseArgs,
    /// Give the memory back: the work is put away, and begun again when it is resumed
    #[arg(long)]
    pub release: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs pause 7K2M9QXA
  facedeck jobs pause 7K2M9QXA --release
  facedeck jobs pause --all

A job that runs is held where it is and keeps its memory, unless --release is given.";

/// Runs the command.
///
/// # Errors
/// When there is no such job, or it cannot be done.
pub(super) fn run(args: &PauseArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let fitting = [State::Queued, State::Running];
    each(&service, &args.choose, &fitting, mode, async |client, id| {
        client.pause(id, args.release).await
    })
}
