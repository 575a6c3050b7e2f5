//! `facedeck watch list`: how it stands with the hot folders.

use crate::error::Result;
use crate::service::wire::WatchView;

use super::super::jobs::Common;
use super::super::jobs::words::plain;
use super::super::models::table;
use super::super::output::{OutputMode, result_line};
use super::tell;

/// Arguments of `facedeck watch list`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ListArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  facedeck watch list
  facedeck watch list --json    with the rules of each";

/// Runs the command.
///
/// # Errors
/// When the service cannot be reached.
pub(super) fn run(args: &ListArgs, mode: OutputMode) -> Result<()> {
    let service = args.common.host.connect(mode)?;
    let watches = service.run(async |client| client.watches().await)?;
    if mode == OutputMode::Json {
        watches.iter().for_each(|watch| tell(watch, mode));
        return Ok(());
    }
    if watches.is_empty() {
        mode.note("there are no hot folders; add one: facedeck watch add NAME FOLDER -s PHOTO");
        return Ok(());
    }
    let head = ["NAME", "STATUS", "RULE", "WORKING", "SETTLED", "REJECTED", "FOLDER"];
    let cells: Vec<[String; 7]> =
        std::iter::once(head.map(str::to_owned)).chain(watches.iter().map(cells)).collect();
    table::lines(&cells, table::width(), 0).iter().for_each(|line| result_line(line));
    for watch in watches.iter().filter(|watch| !watch.reason.is_empty()) {
        mode.note(&plain(&format!("{}: {}", watch.name, watch.reason)));
    }
    Ok(())
}

fn cells(watch: &WatchView) -> [String; 7] {
    [
        plain(&watch.name),
        plain(&watch.status),
        plain(watch.rules["rule"].as_str().unwrap_or_default()),
        watch.working.to_string(),
        watch.settled.to_string(),
        watch.rejected.to_string(),
        plain(&watch.folder),
    ]
}
