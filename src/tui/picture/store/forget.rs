//! What may go when there is too much.

use std::collections::HashMap;

use super::{Drawn, Pictures, Raw, RawState};

/// Bytes of pixels that are kept at most.
pub(super) const PIXELS: usize = 48 << 20;
/// Bytes of escape sequences that are kept at most.
const SEQUENCES: usize = 24 << 20;

impl Pictures {
    /// Lets go what was not wanted for longest, where there is too much.
    pub(super) fn forget(&mut self) {
        let view = self.view;
        let size = |raw: &Raw| match &raw.state {
            RawState::Here(image) => image.as_raw().len(),
            _ => 256,
        };
        shrink(&mut self.raw, PIXELS, size, |raw| raw.used, |raw| raw.used == view || raw.asking);
        let bytes = |drawn: &Drawn| drawn.encoded.bytes();
        shrink(&mut self.drawn, SEQUENCES, bytes, |d| d.used, |d| d.used == view);
    }
}

fn shrink<K: Clone + Eq + std::hash::Hash, V>(
    map: &mut HashMap<K, V>,
    most: usize,
    size: impl Fn(&V) -> usize,
    used: impl Fn(&V) -> u64,
    needed: impl Fn(&V) -> bool,
) {
    let mut sum: usize = map.values().map(&size).sum();
    while sum > most {
        let oldest = map
            .iter()
            .filter(|(_, v)| !needed(v))
            .min_by_key(|(_, v)| used(v))
            .map(|(k, _)| k.clone());
        let Some(gone) = oldest.and_then(|key| map.remove(&key)) else { return };
        sum -= size(&gone);
    }
}
