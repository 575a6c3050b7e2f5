//! Pictures in the dashboard.
//!
//! A view says which picture it wants where ([`Key`], in cells); [`Pictures`] knows what is loaded
//! and encoded; loading and encoding happen away from the thread that draws, and the newest wins.
//! On the screen a picture lies over cells that are blank for ratatui: [`layer`] draws what is new
//! and erases what is gone, so that nothing is sent for a picture that stays, and nothing of it
//! remains when it goes.

pub mod encode;
mod key;
pub mod layer;
mod store;

pub use encode::{Encoded, How, encode, fit};
pub use key::{Crop, Cut, Key, Side};
pub use store::{Look, Pictures, Want};
