//! What other commands call before their work: are all models here, and if not, may they be
//! fetched now?

use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::models::store::missing_error;

use super::super::output::OutputMode;
use super::fetch;

/// Makes sure that these models, and all that they need, are here and whole: with `pull` by
/// fetching what is not.
///
/// # Errors
/// Without `pull` one [`crate::error::Kind::Missing`] error that lists all that is missing, with
/// sizes, licenses and the command that gets it; with it, why that did not work.
pub fn offer_missing(
    store: &Store,
    ids: &[impl AsRef<str>],
    pull: bool,
    accept_license: bool,
    mode: OutputMode,
    interrupt: &Interrupt,
) -> Result<()> {
    let missing = store.missing(ids)?;
    if missing.is_empty() {
        return Ok(());
    }
    if !pull {
        return Err(missing_error(&missing));
    }
    // What can only be imported would fail after half a gigabyte of something else.
    let hopeless: Vec<_> = missing.iter().filter(|one| !one.can_be_pulled).cloned().collect();
    if !hopeless.is_empty() {
        return Err(missing_error(&hopeless));
    }
    let entries: Vec<_> = missing.iter().map(|one| store.entry(&one.id)).collect::<Result<_>>()?;
    fetch::all(store, &entries, accept_license, mode, interrupt)
}
