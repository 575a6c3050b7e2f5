//! `facedeck watch pause` and `resume`: whether hot folders take anything.

use crate::error::Result;

use super::super::jobs::each::worst;
use super::super::output::OutputMode;
use super::{NamesArgs, tell};

/// Runs the command.
///
/// # Errors
/// When there is no such hot folder.
pub(super) fn run(args: &NamesArgs, paused: bool, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let mut failures = Vec::new();
    for name in &args.names {
        match service.run(async |client| client.set_watch_paused(name, paused).await) {
            Ok(watch) => tell(&watch, mode),
            Err(error) => failures.push(error),
        }
    }
    worst(failures, mode)
}
