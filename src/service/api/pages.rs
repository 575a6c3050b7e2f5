//! Answers that many clients ask for at once are made once.
//!
//! An answer may be given to everybody who asked before anything changed since it was begun. Every
//! change is an event, so the number of the last event says whether something did. Whoever asks
//! while an answer is being made waits for it, and takes it if it was begun after the question.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde::Serialize;

use crate::error::Error;
use crate::service::fault::{Answer, Fault};

use super::answer::blocking;
use super::state::Shared;

/// Answers that are kept.
const KEPT: usize = 64;
/// An answer also shows times, which go on without an event.
const FRESH: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Page {
    /// The number of the last event when it was begun.
    number: u64,
    begun: Instant,
    text: Bytes,
}

type Slot = Arc<tokio::sync::Mutex<Option<Page>>>;

/// The answers.
#[derive(Debug, Default)]
pub struct Pages(Mutex<VecDeque<(String, Slot)>>);

impl Pages {
    /// The JSON of what `make` makes, which is the same for all who ask with this key.
    ///
    /// # Errors
    /// What `make` says.
    pub async fn get<T: Serialize>(
        &self,
        core: &Shared,
        key: String,
        make: impl FnOnce(&Shared) -> Answer<T> + Send + 'static,
    ) -> Answer<Bytes> {
        let asked = core.events.last_number();
        let slot = self.slot(key);
        let mut page = slot.lock().await;
        if let Some(page) = &*page
            && page.number >= asked
            && page.begun.elapsed() < FRESH
        {
            return Ok(page.text.clone());
        }
        let (number, begun) = (core.events.last_number(), Instant::now());
        let text = blocking(core, move |core| to_json(&make(core)?)).await?;
        *page = Some(Page { number, begun, text: text.clone() });
        Ok(text)
    }

    fn slot(&self, key: String) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = slots.iter().position(|(known, _)| *known == key);
        let entry = found.and_then(|at| slots.remove(at)).unwrap_or_else(|| (key, Slot::default()));
        let slot = Arc::clone(&entry.1);
        // The one that was asked for last is at the end.
        slots.push_back(entry);
        if slots.len() > KEPT {
            slots.pop_front();
        }
        slot
    }
}

fn to_json<T: Serialize>(value: &T) -> Answer<Bytes> {
    let text = serde_json::to_vec(value);
    let text = text.map_err(|e| Fault::internal(Error::failed("an answer is no JSON").because(e)));
    Ok(text?.into())
}
