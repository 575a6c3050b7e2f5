//! Fetches several models in a row: asks about licenses once, says what became of each.

use serde_json::json;

use crate::error::{Error, Result};
use crate::interrupt::Interrupt;
use crate::models::download::Patience;
use crate::models::pull::{Pulled, pull};
use crate::models::store::mebibytes;
use crate::models::{Entry, Found, Store};

use super::super::output::{OutputMode, json_line, line};
use super::ask;
use super::watch::Show;

/// Fetches those of these models that are not here. One that fails does not stop the others.
///
/// # Errors
/// When a license is not accepted; why the first one failed; when the user stops it.
pub(super) fn all(
    store: &Store,
    entries: &[&Entry],
    accept_license: bool,
    mode: OutputMode,
    interrupt: &Interrupt,
) -> Result<()> {
    let patience = Patience::from_env()?;
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let missing = store.missing(&ids)?;
    let wanted: Vec<&Entry> =
        entries.iter().copied().filter(|e| missing.iter().any(|m| m.id == e.id)).collect();
    ask::accept_licenses(&wanted, accept_license, mode)?;
    let mut failures = Vec::new();
    for entry in entries {
        let mut show = Show::new(mode);
        let pulled = pull(store, entry, patience, &mut show, interrupt);
        drop(show);
        match pulled {
            Ok(pulled) => report(mode, entry, &pulled),
            Err(error) if error.exit_code() == 130 => return Err(error),
            Err(error) => failures.push((entry.id.as_str(), error)),
        }
    }
    verdict(failures, mode)
}

fn verdict(mut failures: Vec<(&str, Error)>, mode: OutputMode) -> Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    let (_, first) = failures.remove(0);
    if failures.is_empty() {
        return Err(first);
    }
    // The first ends the command; the others are said before it.
    for (id, error) in failures {
        mode.warn(&format!("{id}: {}", error.chain()));
    }
    Err(first)
}

fn report(mode: OutputMode, entry: &Entry, pulled: &Pulled) {
    let (how, found): (&str, Option<&Found>) = match pulled {
        Pulled::Embedded => ("lies in facedeck itself", None),
        Pulled::Here(found) => ("was here already", Some(found)),
        Pulled::Fetched(found) => (found.origin.as_str(), Some(found)),
        Pulled::ByAnother(found) => ("was fetched by another facedeck meanwhile", Some(found)),
    };
    match mode {
        OutputMode::Quiet => {}
        OutputMode::Json => json_line(&json!({
            "event": "pulled",
            "id": entry.id,
            "how": how,
            "path": found.map(|found| &found.path),
            "bytes": found.map(|found| found.bytes),
            "sha256": found.map(|found| &found.sha256),
        })),
        _ => line(&match found {
            Some(Found { path, bytes, .. }) => {
                format!("✔ {}: {how}: {}, {}", entry.id, path.display(), mebibytes(*bytes))
            }
            None => format!("✔ {}: {how}", entry.id),
        }),
    }
}
