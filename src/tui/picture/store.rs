//! What is loaded and encoded, what is missing, and what may go.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;

use super::encode::Encoded;
use super::key::Key;

/// Bytes of pixels that are kept at most.
const PIXELS: usize = 48 << 20;
/// Bytes of escape sequences that are kept at most.
const SEQUENCES: usize = 24 << 20;
/// What could not be loaded is tried again after so long.
const AGAIN: Duration = Duration::from_secs(5);

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

    /// Lets go what was not wanted for longest, where there is too much.
    fn forget(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::picture::Side;

    fn want(key: Key) -> Want {
        Want { key, cells: (10, 5) }
    }

    fn image(value: u8) -> Arc<RgbImage> {
        Arc::new(RgbImage::from_pixel(64, 64, image::Rgb([value; 3])))
    }

    fn encoded() -> Encoded {
        Encoded::Sequence { cells: (10, 5), bytes: vec![0; 100] }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_picture_is_loaded_encoded_once_and_shown() {
        let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
        let want = want(Key::file("/a.jpg"));
        let plan = pictures.plan(std::slice::from_ref(&want), SECOND);
        assert_eq!(plan.load, std::slice::from_ref(&want.key));
        assert_eq!(pictures.plan(std::slice::from_ref(&want), SECOND), Plan::default());
        assert_eq!(pictures.look(&want), Look::Waiting);
        pictures.loaded(&want.key, Ok(Some(image(1))));
        let plan = pictures.plan(std::slice::from_ref(&want), SECOND);
        assert_eq!((plan.load.len(), plan.encode.len()), (0, 1));
        assert_eq!(pictures.plan(std::slice::from_ref(&want), SECOND), Plan::default());
        pictures.encoded(want.clone(), 1, Ok(encoded()));
        assert_eq!(pictures.look(&want), Look::Ready(Arc::new(encoded()), 1));
        assert_eq!(pictures.plan(&[want], 9 * SECOND), Plan::default(), "nothing more to do");
    }

    #[test]
    fn live_pictures_come_again_and_the_old_one_stays_until_then() {
        let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
        let want = want(Key::Live { job: "J".into(), side: Side::After });
        assert_eq!(pictures.plan(std::slice::from_ref(&want), SECOND).load.len(), 1);
        // There is none yet: it is asked for again a little later.
        pictures.loaded(&want.key, Ok(None));
        let plan = pictures.plan(std::slice::from_ref(&want), SECOND);
        assert_eq!((plan.load.len(), plan.again), (0, Some(2 * SECOND)));
        assert_eq!(pictures.plan(std::slice::from_ref(&want), 2 * SECOND).load.len(), 1);
        pictures.loaded(&want.key, Ok(Some(image(1))));
        let plan = pictures.plan(std::slice::from_ref(&want), 2 * SECOND);
        assert_eq!((plan.encode.len(), plan.again), (1, Some(3 * SECOND)));
        pictures.encoded(want.clone(), 1, Ok(encoded()));
        pictures.plan(std::slice::from_ref(&want), 3 * SECOND);
        pictures.loaded(&want.key, Ok(Some(image(2))));
        assert!(matches!(pictures.look(&want), Look::Ready(_, 1)), "the old one");
        assert_eq!(pictures.plan(&[want], 3 * SECOND).encode.len(), 1);
    }

    #[test]
    fn the_same_frame_again_is_not_encoded_again() {
        let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
        let want = want(Key::Live { job: "J".into(), side: Side::After });
        for round in 1..4 {
            pictures.plan(std::slice::from_ref(&want), round * SECOND);
            pictures.loaded(&want.key, Ok(Some(image(7))));
            let plan = pictures.plan(std::slice::from_ref(&want), round * SECOND);
            assert_eq!(plan.encode.len(), usize::from(round == 1));
            pictures.encoded(want.clone(), 1, Ok(encoded()));
        }
    }

    #[test]
    fn what_fails_says_why_and_is_tried_again_later() {
        let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
        let want = want(Key::file("/a.jpg"));
        pictures.plan(std::slice::from_ref(&want), SECOND);
        pictures.loaded(&want.key, Err("no such file".into()));
        assert_eq!(pictures.look(&want), Look::Failed("no such file".into()));
        assert!(pictures.plan(std::slice::from_ref(&want), SECOND).load.is_empty());
        assert_eq!(pictures.plan(&[want], 9 * SECOND).load.len(), 1);
    }

    #[test]
    fn memory_has_an_end() {
        let mut pictures = Pictures { every: SECOND, ..Pictures::default() };
        let big = Arc::new(RgbImage::new(2000, 2000));
        for n in 0..20 {
            let want = want(Key::file(format!("/{n}.jpg")));
            pictures.plan(std::slice::from_ref(&want), SECOND);
            pictures.loaded(&want.key, Ok(Some(Arc::clone(&big))));
            pictures.plan(std::slice::from_ref(&want), SECOND);
        }
        let bytes = pictures.raw.len() * big.as_raw().len();
        assert!(bytes <= PIXELS + big.as_raw().len(), "{}", pictures.raw.len());
        assert!(pictures.pixels(&Key::file("/19.jpg")).is_some(), "the last one is here");
    }
}
