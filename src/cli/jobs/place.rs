//! `facedeck jobs move`: another place in the queue.

use clap::ValueEnum;

use crate::error::{Error, Result};
use crate::service::wire::{EditJob, PlaceView};

use super::super::offered;
use super::super::output::OutputMode;
use super::Common;
use super::each::tell;

/// Arguments of `facedeck jobs move`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct MoveArgs {
    /// The job, by id
    #[arg(value_name = "ID", add = offered::jobs())]
    pub id: String,
    /// Where it goes among those of its priority
    #[arg(value_enum, required_unless_present_any = ["before", "after"])]
    pub to: Option<To>,
    /// Right before this job, with its priority
    #[arg(long, value_name = "ID", conflicts_with_all = ["to", "after"], add = offered::jobs())]
    pub before: Option<String>,
    /// Right behind this job, with its priority
    #[arg(long, value_name = "ID", conflicts_with = "to", add = offered::jobs())]
    pub after: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

/// A place among the jobs of a priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// Before all others
    Top,
    /// Behind all others
    Bottom,
    /// One place earlier
    Up,
    /// One place later
    Down,
}

const EXAMPLES: &str = "\
Examples:
  facedeck jobs move 7K2M9QXA top
  facedeck jobs move 7K2M9QXA --before 3F8TR1CW

To wait for the end of another job is something else: facedeck jobs edit 7K2M9QXA --after 3F8TR1CW";

/// Runs the command.
///
/// # Errors
/// When there is no such job, or it has ended.
pub(super) fn run(args: &MoveArgs, mode: OutputMode) -> Result<()> {
    let edit = EditJob { place: Some(place(args)?), ..EditJob::default() };
    let service = args.common.host.connect(mode)?;
    let job = service.run(async |client| client.edit(&args.id, &edit).await)?;
    tell(&job, mode);
    Ok(())
}

fn place(args: &MoveArgs) -> Result<PlaceView> {
    Ok(match (args.to, &args.before, &args.after) {
        (Some(To::Top), ..) => PlaceView::Top,
        (Some(To::Bottom), ..) => PlaceView::Bottom,
        (Some(To::Up), ..) => PlaceView::Up,
        (Some(To::Down), ..) => PlaceView::Down,
        (None, Some(id), _) => PlaceView::Before(id.clone()),
        (None, None, Some(id)) => PlaceView::Behind(id.clone()),
        (None, None, None) => return Err(Error::usage("no place was given")),
    })
}
