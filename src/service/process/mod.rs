//! The process around the service: one for each home, detached, with a log, ended by signals.
//!
//! A lock on a file says that a service runs, and ends with the process however that ends. What
//! clients look for lies beside it: a record with the process and its socket.

pub mod detach;
mod lock;
mod log;
mod place;
mod record;
mod run;
mod signals;
mod socket;
mod supervise;

pub use lock::is_running;
pub use log::LogTo;
pub use place::Places;
pub use record::Record;
pub use run::{Options, run};
