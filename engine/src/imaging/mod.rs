//! Pure functions on pixels: no file, no model, no thread.

pub mod aligned;
pub mod color;
pub mod color_match;
pub mod crop_mask;
pub mod field;
pub mod filter;
pub mod frame;
pub mod lettering;
pub mod mask;
pub mod paste;
mod paste_insightface;
pub mod picture;
pub mod region;
pub mod rows;
pub mod sample;
mod shrunk;
pub mod signature;
pub mod similarity;
mod taps;
pub mod template;
pub mod turn;
mod warp;
