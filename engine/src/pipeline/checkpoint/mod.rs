//! What is safe on the disk of a video job that is not done, so that nothing of it is made twice.
//!
//! The work of an output lies in a hidden folder beside it: finished segments, and a ledger that
//! says what they are and what the stages remembered at the end of the last one. Whoever starts the
//! same job again, after a crash, a full disk or a reboot, goes on from there.

mod fingerprint;
mod folder;
mod ledger;
mod lock;
#[cfg(test)]
mod tests;
mod unfinished;

pub use fingerprint::Fingerprint;
#[cfg(test)]
pub use folder::of_output;
pub use folder::{Found, Work, part};
pub use ledger::{Counts, Film, Sealed, State};
pub use unfinished::{Unfinished, discard, is_there, unfinished, unfinished_of};
