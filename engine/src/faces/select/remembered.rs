//! A selector's memory as bytes.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::saved;

use super::{Picker, Selector, held, judge, matching};

/// Whose memory it is.
const WHOSE: &str = "selector";

/// What a selector remembers from frame to frame.
#[derive(Serialize, Deserialize)]
struct Memory {
    judged: judge::Known,
    picked: Picked,
}

/// What its rule remembers.
#[derive(Serialize, Deserialize)]
enum Picked {
    Holder(held::Memory),
    Everybody,
    First(matching::Memory),
    All(matching::Memory),
}

impl Selector {
    /// What it remembers, as bytes.
    ///
    /// # Errors
    /// When that cannot be put into bytes.
    pub fn save(&self) -> Result<Vec<u8>> {
        let picked = match &self.picker {
            Picker::Holder(holder) => Picked::Holder(holder.memory.clone()),
            Picker::Everybody => Picked::Everybody,
            Picker::First(matcher) => Picked::First(matcher.memory.clone()),
            Picker::All(matcher) => Picked::All(matcher.memory.clone()),
        };
        saved::pack(WHOSE, &Memory { judged: self.judge.known.clone(), picked })
    }

    /// Goes on from what a selector with the same rule has saved.
    ///
    /// # Errors
    /// When it does not fit; then nothing has changed.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        let Memory { judged, picked } = saved::unpack(WHOSE, state, |_| true)?;
        match (&mut self.picker, picked) {
            (Picker::Holder(holder), Picked::Holder(memory)) => holder.memory = memory,
            (Picker::Everybody, Picked::Everybody) => {}
            (Picker::First(matcher), Picked::First(memory))
            | (Picker::All(matcher), Picked::All(memory))
                if matcher.fits(&memory) =>
            {
                matcher.memory = memory;
            }
            _ => return Err(saved::misfit(WHOSE)),
        }
        self.judge.known = judged;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
