//! Hot folders: files that appear become jobs, each exactly once.
//!
//! Each has a thread of its own, which hears what happens in its folder ([`ear`]), knows which files
//! are whole ([`settling`]) and what of them makes a job ([`rules`]), takes it in one transaction
//! with its row in the ledger, and puts the input away when the job has ended ([`away`]).

mod area;
mod away;
mod back;
mod ear;
mod ledger;
mod listener;
mod mailbox;
mod names;
mod output;
mod rehearse;
mod rules;
mod settling;
mod system;
mod watches;
mod worker;

use std::sync::Arc;

use crate::error::Error;
use crate::settings::config::{self, Config, Watch};

use super::Core;
use super::events::Event;
use super::fault::{Answer, Fault};
use super::wire::WatchView;

use ledger::{Book, Ledger};

pub(super) use back::bring_back;
pub use watches::Watches;

/// Begins to look at every hot folder of the configuration, on threads that end with the service.
pub fn start(core: &Arc<Core>) {
    for watch in &core.config().watch {
        if let Err(e) = core.watches.begin(core, watch.clone()) {
            tracing::error!("cannot begin the hot folder {}: {e}", watch.name);
        }
    }
    let listening = Arc::clone(core);
    let listen = move || listener::run(&listening);
    if let Err(e) = std::thread::Builder::new().name("watches".into()).spawn(listen) {
        tracing::error!("cannot listen to the queue for hot folders: {e}");
    }
}

/// Adds a hot folder, also to the configuration.
///
/// # Errors
/// [`super::FaultKind::Invalid`] when its rules make no sense; [`super::FaultKind::Conflict`] when
/// there is one of its name or folder.
pub fn add(core: &Arc<Core>, mut watch: Watch) -> Answer<WatchView> {
    watch.tidy();
    let others = core.config();
    if let Some(other) = others.watch.iter().find(|other| other.name == watch.name) {
        let message = format!("there is a hot folder named {} already", other.name);
        return Err(Fault::conflict(message));
    }
    if let Some(other) = others.watch.iter().find(|other| other.folder == watch.folder) {
        let folder = watch.folder.display();
        return Err(Fault::conflict(format!("{folder} is the hot folder {} already", other.name)));
    }
    check(core, &watch)?;
    let config = config::add_watch(&core.directories.config, &watch)?;
    take_over(core, config);
    let view = core.watches.begin(core, watch).map_err(|e| {
        Fault::internal(Error::failed("cannot begin to look at the folder").because(e))
    })?;
    core.events.publish(Event::Watch { watch: Box::new(view.clone()) });
    Ok(view)
}

/// What a hot folder would do with what lies in it now: one line a file.
///
/// # Errors
/// [`super::FaultKind::Invalid`] when its rules make no sense.
pub fn rehearse(core: &Arc<Core>, watch: &Watch) -> Answer<Vec<String>> {
    let mut watch = watch.clone();
    watch.tidy();
    check(core, &watch)?;
    Ok(rehearse::rehearse(core, &watch)?)
}

/// Gives a hot folder other rules, also in the configuration. What it has done is known by its name
/// and its folder, which stay.
///
/// # Errors
/// [`super::FaultKind::NotFound`]; [`super::FaultKind::Conflict`] when its name or folder would
/// change; [`super::FaultKind::Invalid`] when the rules make no sense.
pub fn change(core: &Arc<Core>, name: &str, mut watch: Watch) -> Answer<WatchView> {
    watch.tidy();
    let config = core.config();
    let old = config.watch.iter().find(|old| old.name == name).ok_or_else(|| unknown(name))?;
    if (&watch.name, &watch.folder) != (&old.name, &old.folder) {
        let message = format!("the hot folder {name} keeps its name and its folder");
        return Err(Fault::conflict(message));
    }
    check(core, &watch)?;
    let config = config::change_watch(&core.directories.config, &watch)?;
    take_over(core, config);
    let view = core.watches.change(watch).ok_or_else(|| unknown(name))?;
    core.events.publish(Event::Watch { watch: Box::new(view.clone()) });
    Ok(view)
}

/// Removes a hot folder, also from the configuration. Its jobs stay.
///
/// # Errors
/// [`super::FaultKind::NotFound`].
pub fn remove(core: &Arc<Core>, name: &str) -> Answer<()> {
    known(core, name)?;
    let config = config::remove_watch(&core.directories.config, name)?;
    take_over(core, config);
    core.watches.end(name);
    core.events.publish(Event::WatchRemoved { name: name.to_owned() });
    Ok(())
}

/// Lets a hot folder take nothing for now, or lets it go on; also in the configuration.
///
/// # Errors
/// [`super::FaultKind::NotFound`].
pub fn set_paused(core: &Arc<Core>, name: &str, paused: bool) -> Answer<WatchView> {
    known(core, name)?;
    let config = config::set_watch_paused(&core.directories.config, name, paused)?;
    take_over(core, config);
    core.watches.pause(name, paused).ok_or_else(|| unknown(name))
}

fn known(core: &Core, name: &str) -> Answer<()> {
    core.watches.get(name).map(drop).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Fault {
    Fault::not_found(format!("there is no hot folder named {name}"))
}

/// Checks everything about a hot folder that can be known before it is at work.
fn check(core: &Arc<Core>, watch: &Watch) -> Answer<()> {
    watch.check()?;
    if !watch.folder.is_dir() {
        let folder = watch.folder.display();
        return Err(Error::usage(format!("there is no folder {folder}"))
            .hint(format!("make it first: mkdir -p {folder}"))
            .into());
    }
    let book = Book { core: Arc::clone(core), name: watch.name.clone() };
    Ok(book.ready(watch)?)
}

/// The hot folders of a configuration that was changed; everything else stays as it was when the
/// service began.
fn take_over(core: &Core, changed: Config) {
    let old = core.config();
    core.set_config(Config { watch: changed.watch, ..old.as_ref().clone() });
}

#[cfg(test)]
mod tests;
