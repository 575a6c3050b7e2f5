//! The service as its users meet it: the real binary, a home of its own, its socket.

mod desk;
mod faults;
mod hot;
mod killed;
mod looks;
mod network;
mod queue;
mod terminal;

pub use desk::{Desk, Server};
