//! The terminal: taken, given back whatever happens, and written to in one piece a frame.

mod output;
mod screen;
mod session;

pub use output::{Output, Traffic};
pub use screen::{Screen, Tty};
pub use session::Session;
