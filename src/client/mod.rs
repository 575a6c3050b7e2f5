//! A typed client of the service's API, over the unix socket, the network or SSH.
//!
//! [`Client`] is asynchronous; [`Blocking`] runs it for commands that do one thing after the other.

mod blocking;
mod connect;
mod events;
mod fault;
mod files;
mod folders;
mod host;
mod jobs;
mod looks;
mod machine;
mod models;
mod pictures;
mod profiles;
mod service;
mod sse;
mod ssh;
mod wait;
mod watches;

pub use blocking::Blocking;
pub use connect::{Client, Options, VersionView};
pub use events::{EventStream, Told};
pub use files::Uploaded;
pub use host::{Host, SshHost};
pub use looks::{Film, PreviewPicture, Thumbnail};
pub use pictures::Frame;
pub use wait::Heard;
