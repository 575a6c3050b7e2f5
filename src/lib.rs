//! facedeck: face swapping for the terminal.
//!
//! Imports point down this list only; nothing below knows what is above it:
//! `cli` → `pipeline` → `processors` → `faces` → `safety` → `media` → `inference` → `models` →
//! `imaging` → `provision` → `settings` → `interrupt`, `error`.

pub mod error;
pub mod imaging;
pub mod interrupt;

pub use error::{Error, Result};
