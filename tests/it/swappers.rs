//! Swappers of the catalog on models whose function is known: what comes out is worked out by
//! hand.

mod boost;
mod faults;
mod identity;
mod kinds;
mod masks;
mod regions;
pub mod scene;
