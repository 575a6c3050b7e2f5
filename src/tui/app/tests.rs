//! The real loop, driven by messages.

mod deck;
mod keys;
mod links;
mod looks;
mod pictures;
mod service;

use super::*;
