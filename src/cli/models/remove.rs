//! `facedeck models remove`: takes weights off the disk.

use serde_json::json;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::models::remove::{holdings, remove};
use crate::models::store::mebibytes;

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, line};
use super::ask;

/// Arguments of `facedeck models remove`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RemoveArgs {
    /// The models, by id
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck models remove inswapper_128
  facedeck models remove inswapper_128 gfpgan_1.4 --yes

What a broken download left goes, too. Catalog entries of your own stay.";

/// Runs the command.
///
/// # Errors
/// When a model lies in the binary, is not here, the user says no, or there is nobody to ask.
pub(super) fn run(args: &RemoveArgs, mode: OutputMode) -> Result<()> {
    let store = Store::open()?;
    let interrupt = Interrupt::on_signals()?;
    let mut found = Vec::new();
    // All are looked at before the first is lost.
    for id in &args.ids {
        let entry = store.entry(id)?;
        let held = holdings(&store, entry)?;
        if held.file.is_none() && held.parts.is_empty() {
            return Err(Error::usage(format!("{id} is not here: there is nothing to remove")));
        }
        found.push((entry, held));
    }
    let bytes: u64 = found.iter().map(|(_, held)| held.bytes).sum();
    let what = format!("{} ({})", args.ids.join(", "), mebibytes(bytes));
    ask::agree_to_lose(&what, args.yes, mode)?;
    for (entry, held) in &found {
        remove(&store, entry, held, &interrupt)?;
        match mode {
            OutputMode::Quiet => {}
            OutputMode::Json => {
                json_line(&json!({ "event": "removed", "id": entry.id, "bytes": held.bytes }));
            }
            _ => line(&format!("✔ {}: {} are free again", entry.id, mebibytes(held.bytes))),
        }
    }
    Ok(())
}
