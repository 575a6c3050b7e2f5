//! Pure functions on pixels: no file, no model, no thread.

pub mod frame;
