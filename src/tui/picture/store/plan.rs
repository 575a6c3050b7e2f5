//! What has to be loaded and encoded, and when.

use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;

use super::{Key, Pictures, Raw, RawState, Want};

/// What could not be loaded is tried again after so long.
const AGAIN: Duration = Duration::from_secs(5);

/// What has to be done so that everything that is wanted can be shown.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// Pictures to load, each with the most pixels that are of use.
    pub load: Vec<Key>,
    /// Pictures to encode: what for, its version, and of what.
    pub encode: Vec<(Want, u64, Vec<Arc<RgbImage>>)>,
    /// A live picture has to be looked at again at this time.
    pub again: Option<Duration>,
}

impl Pictures {
    /// What has to be done for what the last view wanted.
    pub fn plan(&mut self, wants: &[Want], now: Duration) -> Plan {
        self.view += 1;
        let mut plan = Plan::default();
        for want in wants {
            let mut pixels = Vec::new();
            let mut version = 0;
            for key in want.key.sources() {
                self.ask(key, now, &mut plan);
                if let Some(raw) = self.raw.get(key) {
                    version += raw.version;
                    if let RawState::Here(image) = &raw.state {
                        pixels.push(Arc::clone(image));
                    }
                }
            }
            if let Some(drawn) = self.drawn.get_mut(want) {
                drawn.used = self.view;
            }
            let have = self.drawn.get(want).map(|drawn| drawn.version);
            let busy = self.encoding.contains_key(want);
            if pixels.len() == want.key.sources().len() && have != Some(version) && !busy {
                self.encoding.insert(want.clone(), version);
                plan.encode.push((want.clone(), version, pixels));
            }
        }
        self.forget();
        plan
    }

    fn ask(&mut self, key: &Key, now: Duration, plan: &mut Plan) {
        let (view, every) = (self.view, self.every);
        let raw = self.raw.entry(key.clone()).or_insert(Raw::unasked(view));
        raw.used = view;
        if raw.asking || plan.load.contains(key) {
            return;
        }
        let due = match raw.state {
            RawState::Missing if raw.version == 0 && raw.asked.is_zero() => Some(now),
            RawState::Missing | RawState::Failed(_) => {
                Some(raw.asked + AGAIN.min(every.max(AGAIN / 5)))
            }
            RawState::Here(_) if key.is_live() => Some(raw.asked + every),
            RawState::Here(_) => None,
        };
        match due {
            Some(due) if due <= now => {
                raw.asking = true;
                raw.asked = now;
                plan.load.push(key.clone());
            }
            Some(due) => plan.again = Some(plan.again.map_or(due, |again| again.min(due))),
            None => {}
        }
    }
}
