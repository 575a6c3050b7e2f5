//! What a job runs on: the runtime that suits its providers, proven providers, the engine.

use std::path::Path;

use crate::error::Result;
use crate::inference::{Note, Plan, Pool, environment};
use crate::models::Store;
use crate::profiles::{self, Precision, Profile};
use crate::provision::Provisioned;

use super::{Engine, needs};

/// Bytes in a GB, as the profile counts them.
const GIGABYTE: f64 = 1e9;
/// More threads than this make no network faster.
const MOST_THREADS: usize = 16;

/// Where and how the networks of a profile are to run.
pub fn network_plan(run: &profiles::Run) -> Plan {
    let cores = || std::thread::available_parallelism().map_or(1, |n| n.get());
    Plan {
        providers: run.providers.clone(),
        device: run.device,
        vram_limit: run.vram_limit.map(|limit| (limit * GIGABYTE) as u64),
        half_precision: run.half_precision,
        exact: run.exact_ort,
        // What is promised is counted with one run of each network.
        alone: run.max_memory.is_some(),
        threads: run.threads.unwrap_or_else(|| cores().min(MOST_THREADS)),
    }
}

impl Engine {
    /// Starts everything that jobs with this profile need, on the providers that it names. What
    /// providers compile is kept beneath `cache`; what the user should know goes to `note`, and
    /// that a network is run otherwise than was asked for to `warn`.
    ///
    /// # Errors
    /// [`crate::error::Kind::Missing`] for a model that is not here;
    /// [`crate::error::Kind::Provider`] for a provider that cannot serve.
    pub fn for_profile(
        found: &Provisioned,
        profile: &Profile,
        store: Store,
        cache: &Path,
        note: &dyn Fn(&str),
        warn: Note,
    ) -> Result<Self> {
        environment::init(&found.runtime)?;
        let settings = network_plan(&profile.run).resolve(Some(cache), note)?;
        let pool = Pool::with_note(store, settings, warn);
        // The last ones are those of processors, the largest, and wanted last.
        let mut ahead = needs(profile)?;
        ahead.reverse();
        // It is not known yet in which form it is wanted.
        ahead.retain(|id| profile.swap.precision == Precision::Fp32 || *id != profile.swap.model);
        pool.load_ahead(ahead);
        Engine::start_on(found, profile, pool)
    }
}
