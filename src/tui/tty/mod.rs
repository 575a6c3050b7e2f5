//! The terminal: taken, given back whatever happens, and written to in one piece a frame.

mod links;
mod output;
mod screen;
mod session;

pub use links::{Link, Links};
pub use output::{Output, Traffic};
pub use screen::{Screen, Tty};
pub use session::Session;
