//! The service as its users meet it: the real binary, a home of its own, its socket; and the
//! commands that talk to it.

mod client;
mod commands;
mod desk;
mod events;
mod fake;
mod faults;
mod films;
mod hot;
mod killed;
mod looks;
mod network;
mod pick;
mod process;
mod queue;
mod remote;
mod setup;
mod terminal;

pub use desk::{Desk, Server};
