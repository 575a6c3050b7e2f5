//! What protects people: the content filter and the acknowledgement on first use.

pub mod consent;
pub mod filter;
