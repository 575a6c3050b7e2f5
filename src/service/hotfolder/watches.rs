//! The hot folders of a service, by name: their rules, their mailboxes, how they stand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::jobs::JobId;
use crate::service::Core;
use crate::service::wire::WatchView;
use crate::settings::config::Watch;

use super::ledger::Book;
use super::mailbox::Mailbox;
use super::worker::{Worker, view};

/// The hot folders of a service.
#[derive(Debug, Default)]
pub struct Watches(Mutex<BTreeMap<String, Entry>>);

#[derive(Debug)]
struct Entry {
    mailbox: Arc<Mailbox>,
    view: WatchView,
}

impl Watches {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them, by name.
    pub fn list(&self) -> Vec<WatchView> {
        self.lock().values().map(|entry| entry.view.clone()).collect()
    }

    /// How one of them stands.
    pub(super) fn get(&self, name: &str) -> Option<WatchView> {
        self.lock().get(name).map(|entry| entry.view.clone())
    }

    /// Begins to work on one, on a thread of its own.
    pub(super) fn begin(&self, core: &Arc<Core>, watch: Watch) -> std::io::Result<WatchView> {
        let mailbox = Arc::new(Mailbox::default());
        let view = view(&watch);
        let name = watch.name.clone();
        let entry = Entry { mailbox: Arc::clone(&mailbox), view: view.clone() };
        self.lock().insert(name.clone(), entry);
        let book = Book { core: Arc::clone(core), name: name.clone() };
        let work = move || Worker::new(watch, book, mailbox, Instant::now()).run();
        let begun = std::thread::Builder::new().name(format!("watch-{name}")).spawn(work);
        begun.map(|_| view).inspect_err(|_| _ = self.lock().remove(&name))
    }

    /// Ends the work on one.
    pub(super) fn end(&self, name: &str) {
        if let Some(entry) = self.lock().remove(name) {
            entry.mailbox.stop();
        }
    }

    /// Ends the work on all.
    pub(super) fn stop(&self) {
        self.lock().values().for_each(|entry| entry.mailbox.stop());
    }

    /// Remembers how one stands, unless it was removed meanwhile.
    pub(super) fn show(&self, view: &WatchView) -> bool {
        match self.lock().get_mut(&view.name) {
            Some(entry) => {
                entry.view = view.clone();
                true
            }
            None => false,
        }
    }

    /// Pauses one, or lets it go on.
    pub(super) fn pause(&self, name: &str, paused: bool) -> Option<WatchView> {
        let mut all = self.lock();
        let entry = all.get_mut(name)?;
        entry.mailbox.pause(paused);
        entry.view.paused = paused;
        entry.view.status = if paused { "paused" } else { "watching" }.to_owned();
        entry.view.rules["paused"] = paused.into();
        Some(entry.view.clone())
    }

    /// Gives one other rules; nothing of what it has done is lost.
    pub(super) fn change(&self, watch: Watch) -> Option<WatchView> {
        let mut all = self.lock();
        let entry = all.get_mut(&watch.name)?;
        let WatchView { working, settled, rejected, .. } = entry.view;
        entry.view = WatchView { working, settled, rejected, ..view(&watch) };
        entry.mailbox.change(watch);
        Some(entry.view.clone())
    }

    /// Somebody else changed the ledger of one.
    pub(super) fn reload(&self, name: &str) {
        if let Some(entry) = self.lock().get(name) {
            entry.mailbox.reload();
        }
    }

    /// A job of one ended.
    pub(super) fn ended(&self, name: &str, job: JobId) {
        if let Some(entry) = self.lock().get(name) {
            entry.mailbox.ended(job);
        }
    }

    /// Jobs of any may have ended.
    pub(super) fn sweep(&self) {
        self.lock().values().for_each(|entry| entry.mailbox.sweep());
    }
}
