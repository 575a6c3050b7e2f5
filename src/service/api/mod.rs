//! The API: HTTP on a unix socket and, on request, on the network.

pub mod answer;
mod auth;
pub mod body;
pub mod capabilities;
mod desk;
mod docs;
mod doctor;
pub mod door;
mod events;
pub mod faces;
mod files;
mod jobs;
pub mod listen;
pub mod meters;
pub mod metrics;
pub mod models;
mod output;
mod pages;
mod pictures;
mod presets;
pub mod preview;
pub mod profiles;
mod router;
pub mod routes;
mod serve;
pub mod service;
pub mod state;
mod thumbnail;
mod tls;
mod uploads;
mod watches;
mod weights;

use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use crate::error::Result;

use super::Core;

pub use listen::check_listen;
pub use routes::document;

/// Where the service listens; the sockets are bound and not blocking.
#[derive(Debug)]
pub struct Listeners {
    /// For this user on this machine, without a token.
    pub unix: UnixListener,
    /// For the network, with a token, and with TLS where the configuration has a certificate.
    pub tcp: Option<TcpListener>,
}

/// Answers until `core.stopping` is set and the answers under way are finished, but no longer than
/// a few seconds.
///
/// # Errors
/// When the certificate, the token or an allowed origin cannot be used.
pub async fn serve(core: Arc<Core>, listeners: Listeners) -> Result<()> {
    serve::serve(core, listeners, serve::Patience::default()).await
}

#[cfg(test)]
mod tests;
