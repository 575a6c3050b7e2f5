//! The long-lived process that owns the work: the queue, hot folders, one API for everyone.
//!
//! [`Core`] holds what all parts share. The scheduler runs jobs; hot folders add them; the API
//! shows and steers them. Whatever changes is told once, through [`events`].

pub mod api;
pub mod core;
pub mod doctor;
pub mod engines;
pub mod events;
pub mod fault;
pub mod files;
pub mod guard;
pub mod hotfolder;
pub mod looks;
pub mod meters;
pub mod metrics;
pub mod notify;
pub mod presets;
pub mod process;
pub mod pulls;
pub mod running;
pub mod scheduler;
pub mod token;
pub mod uploads;
pub mod weights;
pub mod wire;

pub use core::Core;
pub use fault::{Fault, FaultKind};

/// Version of the API. A client of another version says so instead of guessing.
pub const PROTOCOL: u32 = 1;
