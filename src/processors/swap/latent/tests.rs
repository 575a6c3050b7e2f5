//! Every kind of swapper with networks whose function is known: see `tests/models/README.md`.

mod kinds;
mod masks;
mod regions;
mod setting;
