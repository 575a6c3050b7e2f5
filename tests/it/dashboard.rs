//! The dashboard as its users meet it: the real binary on a terminal that the test plays.

mod plain;
mod pty;
mod session;
mod terminals;
mod tmux;
mod trouble;

pub use pty::{Plays, Pty};
pub use tmux::Tmux;
