//! Swappers that work on aligned crops: every published family through one implementation that is
//! told by the catalog how a network is fed and read.
//!
//! A face is cut out, goes through the network together with what the network is told about the
//! person who is put in, and the result is pasted back under a mask. See
//! [`crate::models::catalog::SwapperSpec`] for what an entry can say.

mod identity;
mod keep;
mod network;
mod processor;
mod settings;
mod source;

pub use identity::{Identity, balanced, through_emap};
pub use network::{SwapNetwork, Swapped};
pub use processor::LatentSwapper;
pub use settings::BOOSTS;
