//! facedeck: face swapping for the terminal.
//!
//! Imports point down this list only; nothing below knows what is above it:
//! `cli` → `tui` → `client` → `service` → `jobs` → `pipeline` → `processors` → `faces` → `safety` → `media` → `inference` → `profiles` →
//! `models` → `imaging` → `provision` → `terminal` → `settings` → `saved`, `interrupt`, `error`.

pub mod cli;
pub mod client;
pub mod error;
pub mod faces;
pub mod imaging;
pub mod inference;
pub mod interrupt;
pub mod jobs;
pub mod media;
pub mod models;
pub mod pipeline;
pub mod processors;
pub mod profiles;
pub mod provision;
pub mod safety;
pub mod saved;
pub mod service;
pub mod settings;
pub mod terminal;
pub mod tui;

pub use error::{Error, Result};
