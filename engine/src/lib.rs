//! The engine of facedeck: everything between a photo, a video and the video with another face.
//!
//! It is a crate of its own because its pixel loops want an optimizing compiler and what lies above
//! it does not. `facedeck` shows its rooms under the same names.
//!
//! Imports point down this list only; nothing below knows what is above it:
//! `pipeline` → `processors` → `faces` → `safety` → `media` → `inference` → `profiles` → `models` →
//! `imaging` → `provision` → `settings` → `saved`, `interrupt`, `error`.

pub mod error;
pub mod faces;
pub mod imaging;
pub mod inference;
pub mod interrupt;
pub mod media;
pub mod models;
pub mod pipeline;
pub mod processors;
pub mod profiles;
pub mod provision;
pub mod safety;
pub mod saved;
pub mod settings;

pub use error::{Error, Result};
