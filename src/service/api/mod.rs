//! The API: HTTP on a unix socket and, on request, on the network.

pub mod answer;
pub mod body;
pub mod door;
pub mod routes;
pub mod state;

use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use crate::error::Result;

use super::Core;

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
/// When the certificate cannot be used.
pub async fn serve(core: Arc<Core>, listeners: Listeners) -> Result<()> {
    let _ = (core, listeners);
    todo!()
}
