//! Looks at pictures and frames outside of jobs: who is in them, and what a job would make of one.
//!
//! Each look loads a picture and runs networks, so only a few are had at a time; a few more wait
//! for their turn, and whoever comes then is told to come back.

mod faces;
mod picture;
mod preview;
mod thumbnail;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;
use crate::pipeline::{Observer, StageShare};

use super::fault::{Answer, Fault, FaultKind};

pub use faces::{FacesBody, FacesView, faces};
pub use picture::{ImageFormat, encode};
pub use preview::{Image, PreviewBody, Side, preview};
pub use thumbnail::{Film, Small, ThumbnailQuery, thumbnail};

/// Looks at a time.
const AT_A_TIME: usize = 2;
/// Looks that wait for their turn.
const WAITING: usize = 16;

/// Who looks, and who waits.
#[derive(Debug)]
pub struct Looks {
    turns: Arc<Semaphore>,
    inside: Arc<AtomicUsize>,
}

impl Default for Looks {
    fn default() -> Self {
        Looks { turns: Arc::new(Semaphore::new(AT_A_TIME)), inside: Arc::default() }
    }
}

/// A turn; to be kept as long as the look takes.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// A place among those who look or wait, given back also by those who go away while they wait.
#[derive(Debug)]
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Looks {
    /// Waits for a turn.
    ///
    /// # Errors
    /// [`FaultKind::Busy`] when too many wait already.
    pub async fn turn(&self) -> Answer<Turn> {
        let before = self.inside.fetch_add(1, Ordering::AcqRel);
        let place = Place(Arc::clone(&self.inside));
        if before >= AT_A_TIME + WAITING {
            let error = Error::failed(format!("{WAITING} others wait for a look already"))
                .hint("ask again in a few seconds");
            return Err(Fault::new(FaultKind::Busy, error));
        }
        let permit = Arc::clone(&self.turns).acquire_owned().await;
        let permit = permit.map_err(|e| {
            Fault::internal(Error::failed("the service gives no more turns").because(e))
        })?;
        Ok(Turn { _permit: permit, _place: place })
    }
}

/// Nobody watches a look; what is worth knowing goes to the log.
struct Logged;

impl Observer for Logged {
    fn note(&self, text: &str) {
        tracing::info!("{text}");
    }

    fn begin(&self, _: Option<u64>, _: u64) {}

    fn progress(&self, _: u64, _: &str, _: &[StageShare]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_look_some_wait_and_the_rest_is_sent_away() {
        let looks = Arc::new(Looks::default());
        let first = looks.turn().await.unwrap();
        let second = looks.turn().await.unwrap();
        let wait = || {
            let looks = Arc::clone(&looks);
            tokio::spawn(async move { looks.turn().await.map(drop) })
        };
        let mut waiting: Vec<_> = (0..WAITING).map(|_| wait()).collect();
        while looks.inside.load(Ordering::Acquire) < AT_A_TIME + WAITING {
            tokio::task::yield_now().await;
        }
        let fault = looks.turn().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Busy);
        assert!(waiting.iter().all(|one| !one.is_finished()), "nobody looks in between");
        // Who goes away while waiting leaves the place to another.
        let gone = waiting.remove(0);
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        waiting.push(wait());
        drop(first);
        drop(second);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert_eq!(looks.inside.load(Ordering::Acquire), 0);
    }
}
