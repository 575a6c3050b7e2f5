//! What a job runs on: its models, the runtime that suits its providers, the engine.

use std::sync::Arc;

use crate::cli::args::provisioned_for;
use crate::cli::models::offer_missing;
use crate::cli::output::OutputMode;
use crate::error::Result;
use crate::inference::{Plan, Pool, environment};
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::pipeline::{Engine, needs};
use crate::profiles::{self, Profile};
use crate::settings::Directories;

use super::RunArgs;

/// Bytes in a GB, as the profile counts them.
const GIGABYTE: f64 = 1e9;
/// More threads than this make no network faster.
const MOST_THREADS: usize = 16;

/// Where and how the networks of a profile are to run.
pub fn plan(run: &profiles::Run) -> Plan {
    let cores = || std::thread::available_parallelism().map_or(1, |n| n.get());
    Plan {
        providers: run.providers.clone(),
        device: run.device,
        vram_limit: run.vram_limit.map(|limit| (limit * GIGABYTE) as u64),
        half_precision: run.half_precision,
        threads: run.threads.unwrap_or_else(|| cores().min(MOST_THREADS)),
    }
}

/// Starts everything that jobs with this profile need. Missing models are fetched where that was
/// asked for.
///
/// # Errors
/// [`crate::error::Kind::Missing`] for what is not here, with the command that gets it;
/// [`crate::error::Kind::Provider`] for a provider that cannot serve.
pub fn engine(
    profile: &Profile,
    run: &RunArgs,
    mode: OutputMode,
    interrupt: &Interrupt,
) -> Result<Engine> {
    let plan = plan(&profile.run);
    let preference = plan.preference()?;
    let store = Store::open()?;
    offer_missing(&store, &needs(profile)?, run.pull, run.accept_license, mode, interrupt)?;
    let found = provisioned_for(preference)?;
    environment::init(&found.runtime)?;
    let cache = Directories::from_env()?.cache;
    let settings = plan.resolve(Some(&cache), &|text| mode.note(text))?;
    let note = Arc::new(move |text: &str| mode.warn(text));
    Engine::start_on(&found, profile, Pool::with_note(store, settings, note))
}
