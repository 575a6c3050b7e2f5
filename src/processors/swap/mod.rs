//! Swappers: whose face goes onto whose.

pub mod mesh;
