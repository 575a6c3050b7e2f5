//! What is safe on the disk of a video job that is not done, so that nothing of it is made twice.
//!
//! The work of an output lies in a hidden folder beside it: finished segments, and a ledger that
//! says what they are and what the stages remembered at the end of the last one. Whoever starts the
//! same job again, after a crash, a full disk or a reboot, goes on from there.

mod fingerprint;
mod folder;
mod ledger;
#[cfg(test)]
mod tests;

pub use fingerprint::Fingerprint;
pub use folder::{Found, Work, of_output, part};
pub use ledger::{Counts, Film, Sealed, State};
