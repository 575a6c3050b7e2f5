//! Enhancers and masks on models whose function is known: what comes out is worked out by hand.

mod faults;
mod formats;
mod masks;
pub mod scene;
mod stages;
mod table;
