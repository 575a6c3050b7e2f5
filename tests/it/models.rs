//! Weights: what the commands say and do, and what a download survives.

mod commands;
mod faults;
mod home;
mod import;
mod once;
mod server;
mod stopped;
