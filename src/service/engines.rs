//! Engines that are warm: what jobs and previews run on, kept between them for a while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::inference::{Loaded, Plan, Pool};
use crate::models::Store;
use crate::pipeline::{Engine, network_plan};
use crate::profiles::Profile;
use crate::provision::{self, Preference, Provisioned, gpu};
use crate::settings::Directories;

/// Engines and networks that nobody has used for so long are dropped.
pub const IDLE: Duration = Duration::from_secs(60);
/// Engines that nobody uses are at most so many: two kinds of jobs may take turns.
const MOST_IDLE: usize = 2;

/// The engines of a service.
#[derive(Default)]
pub struct Engines {
    found: Mutex<Option<Provisioned>>,
    all: Mutex<Vec<Slot>>,
}

/// An engine, or the place of one that somebody uses.
struct Slot {
    number: u64,
    plan: Plan,
    pool: Pool,
    engine: Option<Box<Engine>>,
    used: Instant,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engines")
    }
}

impl Engines {
    /// Runs something on an engine for this profile: an idle one, or a new one. What the user
    /// should know on the way goes to `note`.
    ///
    /// # Errors
    /// As [`Engine::for_profile`], and what the work says.
    pub fn with<T>(
        &self,
        directories: &Directories,
        profile: &Profile,
        note: Arc<dyn Fn(&str) + Send + Sync>,
        work: impl FnOnce(&mut Engine) -> Result<T>,
    ) -> Result<T> {
        let plan = network_plan(&profile.run);
        let taken = self.take(&plan);
        let (number, mut engine) = match taken {
            Some(taken) => taken,
            None => self.start(directories, profile, plan, note)?,
        };
        // Whatever becomes of the work, the place of the engine does not stay taken: one that
        // broke is not used again.
        let place = Place { engines: self, number };
        engine.adapt(profile)?;
        let result = work(&mut engine);
        place.give_back(engine);
        result
    }

    /// Every network that is loaded, by whichever engine; without those of an engine that is
    /// loading at the moment, for which nobody here waits.
    pub fn loaded(&self) -> Vec<Loaded> {
        let pools: Vec<Pool> = self.lock().iter().map(|slot| slot.pool.clone()).collect();
        pools.iter().filter_map(Pool::try_loaded).flatten().collect()
    }

    /// Drops engines, and networks of others, that nobody has used for [`IDLE`]. When it is worth
    /// while to ask again; never when nothing is left.
    pub fn drop_idle(&self) -> Option<Duration> {
        let mut all = self.lock();
        all.retain(|slot| slot.engine.is_none() || slot.used.elapsed() < IDLE);
        for slot in all.iter() {
            slot.pool.drop_idle(IDLE);
        }
        (!all.is_empty()).then_some(IDLE)
    }

    /// ffmpeg and the ONNX Runtime; the one for graphics processors where there is one, since a
    /// process loads only one runtime and that one also computes on the processor.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`].
    pub fn provisioned(&self) -> Result<Provisioned> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = &*found {
            return Ok(found.clone());
        }
        let preference =
            if gpu::nvidia_is_here() { Preference::Gpu } else { Preference::Processor };
        let new = provision::ensure_for(preference, &mut |line| tracing::info!("{line}"), false)?;
        Ok(found.insert(new).clone())
    }

    fn take(&self, plan: &Plan) -> Option<(u64, Box<Engine>)> {
        let mut all = self.lock();
        let slot = all.iter_mut().find(|slot| slot.engine.is_some() && slot.plan == *plan)?;
        Some((slot.number, slot.engine.take()?))
    }

    fn start(
        &self,
        directories: &Directories,
        profile: &Profile,
        plan: Plan,
        note: Arc<dyn Fn(&str) + Send + Sync>,
    ) -> Result<(u64, Box<Engine>)> {
        let found = self.provisioned()?;
        let store = Store::beneath(directories)?;
        let say = Arc::clone(&note);
        // Networks are kept longer than the job that loaded them: what they say goes to the log.
        let warn = Arc::new(|text: &str| tracing::warn!("{text}"));
        let engine = Engine::for_profile(
            &found,
            profile,
            store,
            &directories.cache,
            &move |text| say(text),
            warn,
        )?;
        let mut all = self.lock();
        let number = all.iter().map(|slot| slot.number + 1).max().unwrap_or(0);
        let pool = engine.pool.clone();
        all.push(Slot { number, plan, pool, engine: None, used: Instant::now() });
        Ok((number, Box::new(engine)))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an engine that is in use; dropped without the engine, it is cleared.
struct Place<'a> {
    engines: &'a Engines,
    number: u64,
}

impl Place<'_> {
    fn give_back(self, engine: Box<Engine>) {
        let mut all = self.engines.lock();
        if let Some(slot) = all.iter_mut().find(|slot| slot.number == self.number) {
            slot.engine = Some(engine);
            slot.used = Instant::now();
        }
        while all.iter().filter(|slot| slot.engine.is_some()).count() > MOST_IDLE {
            let idle = all.iter().enumerate().filter(|(_, slot)| slot.engine.is_some());
            let Some((oldest, _)) = idle.min_by_key(|(_, slot)| slot.used) else { break };
            all.remove(oldest);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let unused = |slot: &Slot| slot.number != self.number || slot.engine.is_some();
        self.engines.lock().retain(unused);
    }
}
