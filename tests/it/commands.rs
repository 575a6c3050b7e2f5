//! What each command says and does, to people and to programs.

#[cfg(target_os = "linux")]
mod bench;
mod consent;
mod events;
mod informed;
#[cfg(target_os = "linux")]
pub mod midway;
mod preview;
#[cfg(target_os = "linux")]
mod stopped;
