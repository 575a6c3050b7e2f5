//! Questions that must be answered before something is fetched or lost.

use std::io::IsTerminal;

use crate::error::{Error, Result};
use crate::models::Entry;

use super::super::output::{OutputMode, line};

/// Makes sure that the user knows the licenses of these models and accepts those that forbid
/// commercial use, or are not known.
///
/// # Errors
/// [`crate::error::Kind::Usage`], showing the licenses, when the user does not accept them or
/// there is nobody to ask.
pub(super) fn accept_licenses(entries: &[&Entry], accepted: bool, mode: OutputMode) -> Result<()> {
    let restricted: Vec<&&Entry> = entries.iter().filter(|entry| !entry.commercial).collect();
    if restricted.is_empty() {
        return Ok(());
    }
    let terms: Vec<String> = restricted.iter().map(|entry| entry.terms()).collect();
    if accepted {
        for terms in terms {
            mode.note(&terms);
        }
        return Ok(());
    }
    if !may_ask(mode) {
        return Err(Error::usage(format!(
            "the license must be accepted first:\n  {}",
            terms.join("\n  ")
        ))
        .hint("add --accept-license if you accept it"));
    }
    for terms in &terms {
        line(terms);
    }
    let question = if terms.len() == 1 { "Do you accept it?" } else { "Do you accept them?" };
    if yes(question) {
        return Ok(());
    }
    Err(Error::usage("nothing was fetched, as the license was not accepted"))
}

/// Makes sure that the user wants to lose something: by `--yes`, or asked for it.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the user says no or there is nobody to ask: nothing may be
/// removed then.
pub(in super::super) fn agree_to_lose(what: &str, yes: bool, mode: OutputMode) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !may_ask(mode) {
        return Err(Error::usage(format!("{what} would be lost")).hint("add --yes to agree"));
    }
    if self::yes(&format!("Remove {what}?")) {
        return Ok(());
    }
    Err(Error::usage("nothing was removed"))
}

/// Asks a yes-or-no question on the terminal; anything but a yes is a no.
pub(in super::super) fn yes(question: &str) -> bool {
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Whether a person is there.
fn may_ask(mode: OutputMode) -> bool {
    mode != OutputMode::Json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
