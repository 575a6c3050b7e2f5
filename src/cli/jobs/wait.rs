//! `facedeck jobs wait`: until jobs have ended.

use crate::error::Result;

use super::super::offered;
use super::super::output::OutputMode;
use super::Common;
use super::follow;

/// Arguments of `facedeck jobs wait`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct WaitArgs {
    /// The jobs, by id
    #[arg(value_name = "ID", required = true, add = offered::jobs())]
    pub ids: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs wait 7K2M9QXA
  facedeck jobs wait 7K2M9QXA 3F8TR1CW --json

The exit code is that of the job, as facedeck swap would have ended; of several, the highest.
Ctrl-C ends the waiting and not the jobs.";

/// Runs the command.
///
/// # Errors
/// What the jobs failed with; when one of them is not there.
pub(super) fn run(args: &WaitArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let mut ids = Vec::new();
    for id in &args.ids {
        let id = service.run(async |client| client.show(id).await)?.job.id;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    follow::until_ended(&service, &ids, mode).map(drop)
}
