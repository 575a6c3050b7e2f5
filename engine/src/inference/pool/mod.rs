//! Networks by their catalog id, each loaded once, shared by whoever needs it, and dropped when
//! nobody has used it for a while.

mod guard;
mod lanes;
mod shared;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::models::{Store, Weights};

use super::provider::Provider;
use super::quantized::Form;
use super::rewrite::made;
use super::session::Session;
use super::settings::Settings;

pub use guard::Guarded;
#[cfg(test)]
pub(super) use lanes::Lanes;
pub use shared::Shared;

/// Hears what the user should know, from any thread.
pub type Note = Arc<dyn Fn(&str) + Send + Sync>;

/// So many networks that nobody uses at the moment are kept for the next job.
const MOST_IDLE: usize = 8;

/// A network and how it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    id: String,
    /// Whether it is run in full precision whatever the settings say.
    full: bool,
    /// Whether it is there a second time, for pictures of another size.
    again: bool,
    /// Which of its forms in eight bits it is.
    form: Option<String>,
}

impl Key {
    /// A network as the settings say.
    fn of(id: &str) -> Self {
        Key { id: id.to_owned(), full: false, again: false, form: None }
    }
}

/// A network that is loaded, for reports.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Loaded {
    /// Its catalog id.
    pub id: String,
    /// The provider that most of it runs on.
    pub provider: &'static str,
    /// The size of its weights.
    pub bytes: u64,
    /// Whether somebody holds it.
    pub in_use: bool,
    /// How long it has not run.
    pub idle: Duration,
}

/// Loads networks on demand. Cheap to clone: the clones share what is loaded.
#[derive(Clone)]
pub struct Pool(Arc<Inner>, Option<Arc<Form>>);

struct Inner {
    store: Store,
    settings: Settings,
    note: Note,
    state: Mutex<State>,
    /// Something was loaded, or could not be.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    loaded: HashMap<Key, Arc<Shared>>,
    /// Those that somebody is loading; whoever else wants one of them waits.
    loading: HashSet<Key>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Pool {
    /// An empty pool, whose notes go to the log.
    pub fn new(store: Store, settings: Settings) -> Self {
        Self::with_note(store, settings, Arc::new(|text| tracing::warn!("{text}")))
    }

    /// An empty pool whose notes are heard: that a network is run otherwise than was asked for.
    pub fn with_note(store: Store, settings: Settings, note: Note) -> Self {
        let inner =
            Inner { store, settings, note, state: Mutex::default(), changed: Condvar::new() };
        Pool(Arc::new(inner), None)
    }

    /// The same pool, for a job that runs one of the networks in eight bits.
    #[must_use]
    pub fn with_form(&self, form: Form) -> Self {
        Pool(Arc::clone(&self.0), Some(Arc::new(form)))
    }

    /// Where the networks come from.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// How networks are run.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Who hears its notes.
    pub fn note(&self) -> Note {
        Arc::clone(&self.0.note)
    }

    /// The network with this catalog id.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] when it is not here; [`crate::error::Kind::Provider`] when
    /// the provider refuses it; a failure when it cannot be loaded or the memory limit is too low.
    pub fn get(&self, id: &str) -> Result<Arc<Shared>> {
        let form = self.1.as_ref().filter(|form| form.verdict.model == id);
        let form = form.map(|form| form.name.clone());
        self.load(Key { form, ..Key::of(id) }, &self.0.settings)
    }

    /// The network with this catalog id for those who run it on pictures of another size than the
    /// others do.
    ///
    /// An accelerator prepares itself for the size that it is given, and anew whenever the size
    /// changes, which takes many times as long as the run: there it is a session of its own. The
    /// processor takes any size at once: there it is the same.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_again(&self, id: &str) -> Result<Arc<Shared>> {
        let first = self.get(id)?;
        if first.provider() == Provider::Cpu {
            return Ok(first);
        }
        self.load(Key { again: true, ..Key::of(id) }, &self.0.settings)
    }

    /// As [`Self::get`], in full precision; `None` when the settings do not halve anyway.
    fn get_in_full_precision(&self, id: &str) -> Option<Result<Arc<Shared>>> {
        let settings = self.0.settings.in_full_precision()?;
        Some(self.load(Key { full: true, ..Key::of(id) }, &settings))
    }

    /// Loads these networks on a thread of its own, one after the other, for those who will ask for
    /// them: they are told what was wrong, if anything.
    pub fn load_ahead(&self, ids: Vec<String>) {
        let pool = self.clone();
        let load = move || ids.iter().for_each(|id| drop(pool.get(id)));
        if let Err(error) = std::thread::Builder::new().name("load".into()).spawn(load) {
            tracing::debug!("networks are not loaded ahead: {error}");
        }
    }

    fn load(&self, key: Key, settings: &Settings) -> Result<Arc<Shared>> {
        let mut state = self.lock();
        let (weights, limit) = loop {
            if let Some(shared) = state.loaded.get(&key) {
                return Ok(Arc::clone(shared));
            }
            let weights = self.0.store.locate(&key.id)?;
            let on_device =
                matches!(weights, Weights::File(_)) && settings.provider() != Provider::Cpu;
            let limit = settings.vram_limit.filter(|_| on_device);
            // Nobody else must load the same, nor count the same memory.
            if !state.loading.contains(&key) && (limit.is_none() || state.loading.is_empty()) {
                break (weights, limit);
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        let bytes = size_of(&weights);
        let mut settings = settings.clone();
        if let Some(limit) = limit {
            settings.vram_limit = Some(make_room(&mut state.loaded, &key.id, bytes, limit)?);
        }
        state.loading.insert(key.clone());
        drop(state);
        // Taken out again whatever becomes of it.
        let loading = Loading { pool: self, key: &key };
        let session = match (&key.form, &self.1) {
            (Some(_), Some(form)) => made::int8::open(&key.id, form, &settings)?,
            _ => {
                if made::is_to_be_made(&weights, &settings) {
                    (self.0.note)(&format!("{} is made faster for this processor, once", key.id));
                }
                Session::open(&key.id, &weights, &settings)?
            }
        };
        let shared = Arc::new(Shared::new(session, bytes));
        let mut state = self.lock();
        state.loaded.insert(key.clone(), Arc::clone(&shared));
        drop_oldest(&mut state.loaded, MOST_IDLE);
        drop(state);
        drop(loading);
        Ok(shared)
    }

    /// Drops a network in single precision, if nobody holds it.
    pub fn drop_unused(&self, id: &str) {
        let loaded = &mut self.lock().loaded;
        loaded.retain(|key, shared| *key != Key::of(id) || is_held(shared));
    }

    /// Drops the networks that nobody holds and that have not run for so long; how many.
    pub fn drop_idle(&self, older_than: Duration) -> usize {
        let loaded = &mut self.lock().loaded;
        let before = loaded.len();
        loaded.retain(|_, shared| is_held(shared) || shared.idle() < older_than);
        before - loaded.len()
    }

    /// What is loaded, by id.
    pub fn loaded(&self) -> Vec<Loaded> {
        Self::list(&self.lock().loaded)
    }

    /// As [`Self::loaded`], for those who cannot wait: none while somebody looks for a network.
    pub fn try_loaded(&self) -> Option<Vec<Loaded>> {
        match self.0.state.try_lock() {
            Ok(state) => Some(Self::list(&state.loaded)),
            Err(TryLockError::Poisoned(poisoned)) => {
                Some(Self::list(&poisoned.into_inner().loaded))
            }
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn list(loaded: &HashMap<Key, Arc<Shared>>) -> Vec<Loaded> {
        let mut list: Vec<(&Key, Loaded)> = loaded
            .iter()
            .map(|(key, shared)| {
                let about = Loaded {
                    id: key.id.clone(),
                    provider: shared.provider().name(),
                    bytes: shared.bytes(),
                    in_use: is_held(shared),
                    idle: shared.idle(),
                };
                (key, about)
            })
            .collect();
        list.sort_unstable_by(|a, b| a.0.cmp(b.0));
        list.into_iter().map(|(_, about)| about).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a network into the pool that is in no catalog.
    #[cfg(test)]
    fn put(&self, id: &str, full: bool, session: Session) {
        let shared = Arc::new(Shared::new(session, 1000));
        self.lock().loaded.insert(Key { full, ..Key::of(id) }, shared);
    }
}

/// A network that somebody is loading.
struct Loading<'a> {
    pool: &'a Pool,
    key: &'a Key,
}

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        self.pool.lock().loading.remove(self.key);
        self.pool.0.changed.notify_all();
    }
}

/// Whether somebody beside the pool has it. Only the pool hands it out, so nobody can begin to
/// hold it while the pool is locked.
fn is_held(shared: &Arc<Shared>) -> bool {
    Arc::strong_count(shared) > 1
}

fn size_of(weights: &Weights) -> u64 {
    match weights {
        Weights::Embedded(bytes) => bytes.len() as u64,
        // A file that is gone is told about when it is opened.
        Weights::File(path) => std::fs::metadata(path).map_or(0, |about| about.len()),
    }
}

/// Drops those that have been idle for longest, until only `most` idle ones are left.
fn drop_oldest(loaded: &mut HashMap<Key, Arc<Shared>>, most: usize) {
    loop {
        let idle = || loaded.iter().filter(|(_, shared)| !is_held(shared));
        if idle().count() <= most {
            return;
        }
        let oldest = idle().max_by_key(|(_, shared)| shared.idle()).map(|(key, _)| key.clone());
        match oldest {
            Some(key) => loaded.remove(&key),
            None => return,
        };
    }
}

/// The bytes of the device that a network may take: the limit less the weights of those that are
/// there, for which idle ones are dropped if need be.
///
/// # Errors
/// When its weights alone do not fit.
fn make_room(
    loaded: &mut HashMap<Key, Arc<Shared>>,
    id: &str,
    bytes: u64,
    limit: u64,
) -> Result<u64> {
    let left = |loaded: &HashMap<Key, Arc<Shared>>| {
        let there = loaded.values().filter(|shared| shared.provider() != Provider::Cpu);
        limit.saturating_sub(there.map(|shared| shared.bytes()).sum())
    };
    // A network needs about as much again for what it computes.
    if left(loaded) < bytes.saturating_mul(2) {
        drop_oldest(loaded, 0);
    }
    let left = left(loaded);
    if left > bytes {
        return Ok(left);
    }
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    Err(Error::failed(format!(
        "the model {id} ({} MiB) does not fit: {} MiB are left of the limit of {} MiB of video \
         memory",
        mib(bytes),
        mib(left),
        mib(limit)
    ))
    .hint("raise the limit, use fewer models at a time, or use --execution-provider cpu"))
}

#[cfg(test)]
mod tests;
