//! Processors that are not facedeck's own, and the chain that runs them.

mod debugger;
mod own;
