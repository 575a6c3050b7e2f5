//! Models that are being fetched, one after the other, with their progress.
//!
//! One thread fetches; it is there only while there is something to fetch. The list is bounded: the
//! last ones that came to an end are kept in it until others need their place.

mod list;
mod work;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::models::{self, Entry};

use super::Core;
use super::events::Event;
use super::fault::{Answer, Fault, FaultKind};
use super::wire::PullView;

use list::List;

/// The models that are, or were lately, fetched.
#[derive(Debug, Default)]
pub struct Pulls {
    list: Arc<Mutex<List>>,
}

/// What the thread that fetches needs of the service.
#[derive(Clone)]
struct Surroundings {
    store: models::Store,
    patience: models::download::Patience,
    /// Tells everybody how far it is.
    publish: Arc<dyn Fn(PullView) + Send + Sync>,
    /// Set when the service is to stop.
    stopping: Interrupt,
}

impl Pulls {
    /// All of them, those that were asked for first at the beginning.
    pub fn list(&self) -> Vec<PullView> {
        lock(&self.list).views()
    }

    /// How many wait or are fetched.
    pub fn active(&self) -> usize {
        lock(&self.list).active()
    }

    /// Queues a model behind what it needs, and makes sure that somebody fetches.
    fn ask(&self, around: Surroundings, model: &str) -> Answer<PullView> {
        let missing = missing(&around.store, model)?;
        let mut list = lock(&self.list);
        let added = list.add(model, &missing)?;
        let view = list.view_of(model).ok_or_else(|| {
            Fault::internal(Error::failed(format!("{model} was queued and is not in the queue")))
        })?;
        let must_begin = list.begin_working();
        drop(list);
        added.into_iter().for_each(|view| (around.publish)(view));
        if must_begin {
            self.begin_working(around)?;
        }
        Ok(view)
    }

    fn begin_working(&self, around: Surroundings) -> Answer<()> {
        let list = Arc::clone(&self.list);
        let begun = std::thread::Builder::new()
            .name("pulls".into())
            .spawn(move || work::until_nothing_is_left(&list, &around));
        begun.map(drop).map_err(|e| {
            lock(&self.list).give_up("the thread that fetches cannot be started");
            Fault::internal(Error::failed("cannot start the thread that fetches").because(e))
        })
    }

    /// Gives a model up, with what is only fetched because of it; what that changed.
    fn give_up(&self, model: &str) -> Answer<Vec<PullView>> {
        lock(&self.list).cancel(model)
    }
}

/// Begins to fetch a model with what it needs. Its license must have been accepted by the client:
/// see [`terms`].
///
/// # Errors
/// [`FaultKind::NotFound`] for a model that there is not; [`FaultKind::Conflict`] when it lies here
/// or is being fetched; [`FaultKind::Missing`] when nobody knows where to get it;
/// [`FaultKind::Busy`] when too many wait.
pub fn begin(core: &Arc<Core>, model: &str) -> Answer<PullView> {
    let around = Surroundings {
        store: models::Store::beneath(&core.directories)?,
        patience: models::download::Patience::from_env()?,
        publish: {
            let core = Arc::clone(core);
            Arc::new(move |pull| core.events.publish(Event::Pull { pull }))
        },
        stopping: core.stopping.clone(),
    };
    core.pulls.ask(around, model)
}

/// Gives up fetching a model, and what is only fetched because of it. What came is kept and gone on
/// with next time.
///
/// # Errors
/// [`FaultKind::Conflict`] when it is not being fetched; [`FaultKind::NotFound`] when there is no
/// such model.
pub fn cancel(core: &Core, model: &str) -> Answer<PullView> {
    let store = models::Store::beneath(&core.directories)?;
    known(&store, model)?;
    let changed = core.pulls.give_up(model)?;
    for pull in &changed {
        core.events.publish(Event::Pull { pull: pull.clone() });
    }
    core.pulls
        .list()
        .into_iter()
        .rev()
        .find(|pull| pull.model == model)
        .ok_or_else(|| Fault::conflict(format!("the model {model} is not being fetched")))
}

/// The licenses of a model and all that would be fetched with it, a line each.
///
/// # Errors
/// As [`begin`].
pub fn terms(store: &models::Store, model: &str) -> Answer<Vec<String>> {
    Ok(missing(store, model)?.into_iter().map(Entry::terms).collect())
}

/// The model and what it needs, as far as it is not here, the needed ones first.
fn missing<'a>(store: &'a models::Store, model: &str) -> Answer<Vec<&'a Entry>> {
    known(store, model)?;
    let missing = store.missing(&[model])?;
    if missing.is_empty() {
        let error = Error::usage(format!("the model {model} is here already"));
        return Err(Fault::new(FaultKind::Conflict, error));
    }
    let lost: Vec<models::Missing> =
        missing.iter().filter(|one| !one.can_be_pulled).cloned().collect();
    if !lost.is_empty() {
        return Err(models::store::missing_error(&lost).into());
    }
    Ok(missing.iter().map(|one| store.entry(&one.id)).collect::<crate::Result<_>>()?)
}

fn known<'a>(store: &'a models::Store, model: &str) -> Answer<&'a Entry> {
    store.entry(model).map_err(|error| Fault::new(FaultKind::NotFound, error))
}

fn lock(list: &Mutex<List>) -> MutexGuard<'_, List> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
