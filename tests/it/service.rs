//! The service and the commands that talk to it.

mod commands;
mod events;
mod fake;
mod process;
mod remote;
