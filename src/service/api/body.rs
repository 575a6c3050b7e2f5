//! Bodies of requests as they come in: no larger than allowed, and no slower.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;

use crate::error::Error;
use crate::service::fault::{Answer, Fault, FaultKind};

/// In so many seconds...
const PATIENCE: Duration = Duration::from_secs(10);
/// ...at least so many bytes must come.
const LEAST: usize = 1024;
/// So long and so much is read of a body that is too large, so that its client sees the answer.
const LINGER: Duration = Duration::from_secs(10);
/// See [`LINGER`]; in bytes.
pub const LINGER_BYTES: u64 = 256 << 20;

/// A body that is read piece by piece, with a watch on its pace.
#[derive(Debug)]
pub struct Incoming {
    body: Body,
    patience: Duration,
    deadline: tokio::time::Instant,
    since: usize,
}

impl Incoming {
    /// Reads this body.
    pub fn new(body: Body) -> Self {
        Self::with_patience(body, PATIENCE)
    }

    pub(super) fn with_patience(body: Body, patience: Duration) -> Self {
        let deadline = tokio::time::Instant::now() + patience;
        Incoming { body, patience, deadline, since: 0 }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`FaultKind::TooSlow`] when less than 1 KB came in 10 seconds; [`FaultKind::Invalid`] when
    /// the client went away.
    pub async fn next(&mut self) -> Answer<Option<Bytes>> {
        loop {
            let frame = match tokio::time::timeout_at(self.deadline, self.body.frame()).await {
                Err(_) => return Err(too_slow(self.patience)),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => {
                    let error = Error::failed("the body of the request broke off").because(error);
                    return Err(Fault::new(FaultKind::Invalid, error));
                }
                Ok(Some(Ok(frame))) => frame,
            };
            // Trailers say nothing that is needed.
            let Ok(piece) = frame.into_data() else { continue };
            self.since += piece.len();
            if self.since >= LEAST {
                self.since = 0;
                self.deadline = tokio::time::Instant::now() + self.patience;
            }
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }

    /// The request is refused: see [`linger`].
    pub fn linger(self) {
        drain(self, LINGER_BYTES);
    }
}

fn too_slow(patience: Duration) -> Fault {
    let error = Error::failed(format!(
        "less than {LEAST} bytes of the request came in {} seconds",
        patience.as_secs_f64()
    ));
    Fault::new(FaultKind::TooSlow, error)
}

/// The whole of a body.
///
/// # Errors
/// [`FaultKind::TooLarge`] when it has more than `limit` bytes; as [`Incoming::next`].
pub async fn collect(body: Body, limit: usize) -> Answer<Vec<u8>> {
    let mut incoming = Incoming::new(body);
    let mut whole = Vec::new();
    while let Some(piece) = incoming.next().await? {
        if whole.len() + piece.len() > limit {
            incoming.linger();
            let error = Error::usage(format!("the body has more than {limit} bytes"));
            return Err(Fault::new(FaultKind::TooLarge, error));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// Reads on in the background what a client still sends after its request was refused, up to
/// `limit` bytes; else the connection is reset under it and it never sees the answer.
pub fn linger(body: Body, limit: u64) {
    drain(Incoming::new(body), limit);
}

fn drain(mut incoming: Incoming, limit: u64) {
    if http_body::Body::is_end_stream(&incoming.body) {
        return;
    }
    let rest = async move {
        let mut read = 0;
        while let Ok(Some(piece)) = incoming.next().await {
            read += piece.len() as u64;
            if read > limit {
                return;
            }
        }
    };
    // A runtime there always is: bodies come from connections.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(tokio::time::timeout(LINGER, rest));
    }
}
