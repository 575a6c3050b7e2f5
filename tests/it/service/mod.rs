//! The service as its users meet it: the real binary, a home of its own, its socket.

mod desk;
mod killed;
mod queue;

pub use desk::{Desk, Server};
