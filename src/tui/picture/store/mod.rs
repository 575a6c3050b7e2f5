//! What is loaded and encoded, what is missing, and what may go.

mod forget;
mod plan;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;

use super::encode::Encoded;
use super::key::Key;

/// A picture that the last view wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Want {
    /// Which one.
    pub key: Key,
    /// Columns and rows into which it is fitted.
    pub cells: (u16, u16),
}

/// What can be shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// This.
    Ready(Arc<Encoded>, u64),
    /// Nothing yet.
    Waiting,
    /// Nothing, for this reason.
    Failed(String),
}

#[derive(Debug)]
struct Raw {
    state: RawState,
    /// Counts what arrived under this key.
    version: u64,
    /// When it was asked for last, and whether the answer is still to come.
    asked: Duration,
    asking: bool,
    used: u64,
}

impl Raw {
    /// A picture that nobody asked for yet, wanted by this view.
    fn unasked(view: u64) -> Self {
        let state = RawState::Missing;
        Raw { state, version: 0, asked: Duration::ZERO, asking: false, used: view }
    }
}

#[derive(Debug)]
enum RawState {
    Missing,
    Here(Arc<RgbImage>),
    Failed(String),
}

#[derive(Debug)]
struct Drawn {
    encoded: Arc<Encoded>,
    version: u64,
    used: u64,
}

/// What is loaded and encoded.
#[derive(Debug, Default)]
pub struct Pictures {
    raw: HashMap<Key, Raw>,
    drawn: HashMap<Want, Drawn>,
    /// The newest version that is being encoded.
    encoding: HashMap<Want, u64>,
    /// Counts views, to know what was not wanted for long.
    view: u64,
    /// Between two frames of a live picture.
    pub every: Duration,
}

impl Pictures {
    /// What can be shown of a picture now.
    pub fn look(&self, want: &Want) -> Look {
        if let Some(drawn) = self.drawn.get(want) {
            return Look::Ready(Arc::clone(&drawn.encoded), drawn.version);
        }
        let failed = want.key.sources().into_iter().find_map(|key| match self.raw.get(key) {
            Some(Raw { state: RawState::Failed(why), .. }) => Some(why.clone()),
            _ => None,
        });
        failed.map_or(Look::Waiting, Look::Failed)
    }

    /// The pixels of a picture, where they are here.
    pub fn pixels(&self, key: &Key) -> Option<&Arc<RgbImage>> {
        match self.raw.get(key) {
            Some(Raw { state: RawState::Here(image), .. }) => Some(image),
            _ => None,
        }
    }

    /// A picture was loaded, or could not be; `None` when there is none yet.
    pub fn loaded(&mut self, key: &Key, result: Result<Option<Arc<RgbImage>>, String>) {
        let Some(raw) = self.raw.get_mut(key) else { return };
        raw.asking = false;
        match (result, &raw.state) {
            (Ok(Some(image)), RawState::Here(old)) if *old == image => {}
            (Ok(Some(image)), _) => {
                raw.state = RawState::Here(image);
                raw.version += 1;
            }
            // What was there before is better than nothing.
            (Ok(None) | Err(_), RawState::Here(_)) => {}
            (Ok(None), _) => raw.state = RawState::Missing,
            (Err(why), _) => raw.state = RawState::Failed(why),
        }
    }

    /// Puts a picture there that came by another way.
    pub fn put(&mut self, key: Key, image: Arc<RgbImage>) {
        let view = self.view;
        let raw = self.raw.entry(key.clone()).or_insert(Raw::unasked(view));
        raw.asking = true;
        self.loaded(&key, Ok(Some(image)));
    }

    /// A picture was encoded, or could not be.
    pub fn encoded(&mut self, want: Want, version: u64, result: Result<Encoded, String>) {
        self.encoding.remove(&want);
        match result {
            Ok(encoded) => {
                let drawn = Drawn { encoded: Arc::new(encoded), version, used: self.view };
                self.drawn.insert(want, drawn);
            }
            Err(why) => {
                for key in want.key.sources() {
                    if let Some(raw) = self.raw.get_mut(key) {
                        raw.state = RawState::Failed(why.clone());
                    }
                }
            }
        }
    }

    /// Forgets every escape sequence: the terminal draws in another way now.
    pub fn redraw(&mut self) {
        self.drawn.clear();
        self.encoding.clear();
    }
}

#[cfg(test)]
mod tests;
