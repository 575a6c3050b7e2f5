//! facedeck: face swapping for the terminal.
//!
//! Imports point down this list only; nothing below knows what is above it:
//! `cli` → `tui` → `client` → `service` → `jobs` → `terminal` → the rooms of the engine.

pub mod cli;
pub mod client;
pub mod jobs;
pub mod service;
pub mod terminal;
pub mod tui;

pub use facedeck_engine::{
    error, faces, imaging, inference, interrupt, media, models, pipeline, processors, profiles,
    provision, safety, settings,
};

pub use error::{Error, Result};
