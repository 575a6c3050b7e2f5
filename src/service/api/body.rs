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

    fn with_patience(body: Body, patience: Duration) -> Self {
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
            let error = Error::usage(format!("the body has more than {limit} bytes"));
            return Err(Fault::new(FaultKind::TooLarge, error));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}
