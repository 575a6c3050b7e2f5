//! Hot folders: files that appear become jobs, each exactly once.

use std::sync::Arc;

use crate::settings::config::Watch;

use super::Core;
use super::fault::Answer;
use super::wire::WatchView;

/// The hot folders of a service.
#[derive(Debug, Default)]
pub struct Watches {}

impl Watches {
    /// All of them.
    pub fn list(&self) -> Vec<WatchView> {
        Vec::new()
    }
}

/// Begins to look at every hot folder of the configuration, on threads that end with the service.
pub fn start(core: &Arc<Core>) {
    let _ = core;
}

/// Adds a hot folder, also to the configuration.
///
/// # Errors
/// [`super::FaultKind::Invalid`] when its rules make no sense; [`super::FaultKind::Conflict`] when
/// there is one of its name or folder.
pub fn add(core: &Arc<Core>, watch: Watch) -> Answer<WatchView> {
    let _ = (core, watch);
    todo!()
}

/// What a hot folder would do with what lies in it now: one line a file.
///
/// # Errors
/// As [`add`].
pub fn rehearse(core: &Arc<Core>, watch: &Watch) -> Answer<Vec<String>> {
    let _ = (core, watch);
    todo!()
}

/// Removes a hot folder, also from the configuration. Its jobs stay.
///
/// # Errors
/// [`super::FaultKind::NotFound`].
pub fn remove(core: &Arc<Core>, name: &str) -> Answer<()> {
    let _ = (core, name);
    todo!()
}

/// Lets a hot folder take nothing for now, or lets it go on; also in the configuration.
///
/// # Errors
/// [`super::FaultKind::NotFound`].
pub fn set_paused(core: &Arc<Core>, name: &str, paused: bool) -> Answer<WatchView> {
    let _ = (core, name, paused);
    todo!()
}
