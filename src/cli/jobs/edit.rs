//! `facedeck jobs edit`: changes a job that has not ended.

use crate::error::{Error, Result};
use crate::service::wire::EditJob;

use super::super::offered;
use super::super::output::OutputMode;
use super::Common;
use super::each::tell;
use super::when;

/// Arguments of `facedeck jobs edit`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct EditArgs {
    /// The job, by id
    #[arg(value_name = "ID", add = offered::jobs())]
    pub id: String,
    /// Those with more go first; -1000 to 1000
    #[arg(long, value_name = "N", allow_negative_numbers = true,
          value_parser = clap::value_parser!(i32).range(-1000..=1000))]
    pub priority: Option<i32>,
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Do not begin before this time: in 2h, tomorrow 08:00; "none" takes it away
    #[arg(long, value_name = "TIME", value_parser = time_or_none)]
    pub not_before: Option<String>,
    /// Jobs that must be done before it; "none" for none
    #[arg(long, value_name = "ID", num_args = 1.., add = offered::jobs())]
    pub after: Option<Vec<String>>,
    /// How often it is tried when it fails for a reason that can pass
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub attempts: Option<u32>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs edit 7K2M9QXA --priority 10
  facedeck jobs edit 7K2M9QXA --not-before \"tomorrow 08:00\"
  facedeck jobs edit 7K2M9QXA --not-before none --after 3F8TR1CW

What is done to the faces cannot be changed: cancel the job and add another one.";

/// What stands for nothing.
const NONE: &str = "none";

fn time_or_none(text: &str) -> Result<String, String> {
    if text == NONE { Ok(String::new()) } else { when::parse(text).map(|at| at.to_string()) }
}

/// Runs the command.
///
/// # Errors
/// When there is nothing to change, no such job, or it has ended.
pub(super) fn run(args: &EditArgs, mode: OutputMode) -> Result<()> {
    let edit = edit(args);
    if edit == EditJob::default() {
        return Err(Error::usage("nothing is to be changed")
            .hint("give --priority, --name, --not-before, --after or --attempts"));
    }
    let service = args.common.host.connect(mode)?;
    let job = service.run(async |client| client.edit(&args.id, &edit).await)?;
    tell(&job, mode);
    Ok(())
}

fn edit(args: &EditArgs) -> EditJob {
    let after = args.after.clone().map(|ids| if ids == [NONE] { Vec::new() } else { ids });
    EditJob {
        priority: args.priority,
        place: None,
        not_before: args.not_before.clone(),
        after,
        max_attempts: args.attempts,
        name: args.name.clone(),
    }
}
