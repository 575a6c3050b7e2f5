//! What a job runs on: its models, the runtime that suits its providers, the engine.

use std::sync::Arc;

use crate::cli::args::provisioned_for;
use crate::cli::models::offer_missing;
use crate::cli::output::OutputMode;
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::models::Store;
use crate::pipeline::{Engine, needs, network_plan};
use crate::profiles::Profile;
use crate::provision::FfmpegTools;
use crate::settings::Directories;

use super::RunArgs;

/// Starts everything that jobs with this profile need. Missing models are fetched where that was
/// asked for. `meanwhile` can begin something with ffmpeg before the networks are loaded.
///
/// # Errors
/// [`crate::error::Kind::Missing`] for what is not here, with the command that gets it;
/// [`crate::error::Kind::Provider`] for a provider that cannot serve.
pub fn engine<T>(
    profile: &Profile,
    run: &RunArgs,
    mode: OutputMode,
    interrupt: &Interrupt,
    meanwhile: impl FnOnce(&FfmpegTools) -> Result<T>,
) -> Result<(Engine, T)> {
    let preference = network_plan(&profile.run).preference()?;
    let store = Store::open()?;
    offer_missing(&store, &needs(profile)?, run.pull, run.accept_license, mode, interrupt)?;
    let found = provisioned_for(preference)?;
    let cache = Directories::from_env()?.cache;
    let warn = Arc::new(move |text: &str| mode.warn(text));
    let begun = meanwhile(&found.ffmpeg)?;
    let note = |text: &str| mode.note(text);
    Ok((Engine::for_profile(&found, profile, store, &cache, &note, warn)?, begun))
}
