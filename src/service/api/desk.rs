//! What the API remembers of its own for one run of the service.

use std::sync::Arc;

use axum::Extension;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use super::pages::Pages;

/// Event streams at a time.
pub const MOST_STREAMS: usize = 512;
/// Pictures that are made for clients at a time.
const MOST_PICTURES: usize = 2;

/// The desk at which all requests of one run are answered.
#[derive(Debug)]
pub struct Desk {
    /// Names this run: the number of an event means nothing in another one.
    pub boot: String,
    /// Cancelled when the service ends, so that event streams end.
    pub ending: CancellationToken,
    /// A permit for each event stream.
    pub streams: Arc<Semaphore>,
    /// A permit for each picture that is being made: they take a core each.
    pub pictures: Arc<Semaphore>,
    /// Answers that are asked for again and again.
    pub pages: Pages,
}

/// How handlers take the desk.
pub type AtDesk = Extension<Arc<Desk>>;

impl Default for Desk {
    fn default() -> Self {
        Desk {
            boot: Ulid::generate().to_string(),
            ending: CancellationToken::new(),
            streams: Arc::new(Semaphore::new(MOST_STREAMS)),
            pictures: Arc::new(Semaphore::new(MOST_PICTURES)),
            pages: Pages::default(),
        }
    }
}
