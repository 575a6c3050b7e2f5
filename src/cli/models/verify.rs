//! `facedeck models verify`: reads files again and compares them with their hashes.

use serde_json::json;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::models::store::{mebibytes, missing_error};
use crate::models::{Entry, Missing, Status, Store};

use super::super::args::OutArgs;
use super::super::output::{OutputMode, json_line, result_line};

/// Arguments of `facedeck models verify`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct VerifyArgs {
    /// The models, by id [default: all that are here]
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  facedeck models verify
  facedeck models verify inswapper_128 --json

The exit code is 1 when a file is damaged.";

/// Runs the command.
///
/// # Errors
/// When a file is damaged, or a model that was named is not here.
pub(super) fn run(args: &VerifyArgs, mode: OutputMode) -> Result<()> {
    let store = Store::open()?;
    let interrupt = Interrupt::on_signals()?;
    let entries: Vec<&Entry> = match args.ids.is_empty() {
        true => store.entries().iter().collect(),
        false => args.ids.iter().map(|id| store.entry(id)).collect::<Result<_>>()?,
    };
    let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or_default();
    let (mut damaged, mut missing) = (Vec::new(), Vec::new());
    for entry in entries {
        let status = store.status_read_whole(&entry.id, &interrupt)?;
        match &status {
            Status::Missing if args.ids.is_empty() => continue,
            Status::Missing => missing.push(Missing::new(entry, &status)),
            Status::Damaged { .. } => damaged.push(Missing::new(entry, &status)),
            Status::Embedded | Status::Here(_) => {}
        }
        report(mode, &entry.id, width, &status);
    }
    if let [one, ..] = &damaged[..] {
        let ids: Vec<&str> = damaged.iter().map(|one| one.id.as_str()).collect();
        let hint = missing_error(&damaged).hint_text().unwrap_or_default().to_owned();
        let message = match ids.len() {
            1 => format!("the file of {} is damaged", one.id),
            _ => format!("the files of {} are damaged", ids.join(", ")),
        };
        return Err(Error::failed(message).hint(hint));
    }
    if missing.is_empty() { Ok(()) } else { Err(missing_error(&missing)) }
}

fn report(mode: OutputMode, id: &str, width: usize, status: &Status) {
    let (good, word, words, hash) = match status {
        Status::Embedded => (true, "embedded", "embedded".to_owned(), None),
        Status::Here(found) => {
            let known = if found.pinned { "" } else { ", your own file" };
            let (size, path) = (mebibytes(found.bytes), found.path.display());
            (true, "here", format!("{size}, {path}{known}"), Some(&found.sha256))
        }
        Status::Missing => (false, "missing", "not here".to_owned(), None),
        Status::Damaged { path, why } => {
            (false, "damaged", format!("{}: {why}", path.display()), None)
        }
    };
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => json_line(&json!({
            "event": "verified", "id": id, "status": word, "good": good, "detail": words,
            "sha256": hash,
        })),
        _ => result_line(&format!("{} {id:width$}  {words}", if good { '✔' } else { '✖' })),
    }
}
