//! What a running service does beside its work: tells systemd that it lives, removes old logs, and
//! withdraws from the eyes of clients as soon as it is to stop.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::error::Result;
use crate::service::Core;

use super::{Places, Record, log};

/// How often old logs are looked for.
const SWEEP: Duration = Duration::from_secs(24 * 60 * 60);

/// What clients see of a service, as long as it lives.
#[derive(Debug)]
pub(super) struct Presence {
    places: Places,
    record: Record,
}

impl Presence {
    /// Shows the service to clients.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub(super) fn show(places: &Places, record: Record) -> Result<Self> {
        record.write(places)?;
        Ok(Presence { places: places.clone(), record })
    }

    /// Takes socket and record away, so that a client that comes now waits for the next service
    /// instead of talking to one that ends. The lock is still held: they are this service's own.
    fn withdraw(&self) {
        for path in [&self.places.record(), &self.record.socket] {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!("cannot remove {}: {error}", path.display());
            }
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// Runs until it is dropped. It runs among the tasks that answer clients: when those hang, systemd
/// hears nothing and starts the service again.
pub(super) async fn watch(core: Arc<Core>, presence: Arc<Presence>) {
    let beat = sd_notify::watchdog_enabled().map(|limit| limit / 3);
    // Nothing to do is nothing done: between two beats it sleeps until it is told to stop.
    let mut ticks = interval(beat.unwrap_or(SWEEP).min(SWEEP));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut swept: Option<Instant> = None;
    let mut withdrawn = false;
    loop {
        tokio::select! {
            () = core.until_stopped(), if !withdrawn => {
                withdrawn = true;
                tell(NotifyState::Stopping);
                presence.withdraw();
            }
            _ = ticks.tick() => {
                if beat.is_some() {
                    tell(NotifyState::Watchdog);
                }
                if swept.is_none_or(|at| at.elapsed() >= SWEEP) {
                    swept = Some(Instant::now());
                    let (core, places) = (Arc::clone(&core), presence.places.clone());
                    tokio::task::spawn_blocking(move || {
                        log::sweep(&places, &core.store, core.config().service.log_days);
                    });
                }
            }
        }
    }
}

/// Tells systemd, where it wants to be told.
pub(super) fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!("cannot tell the service manager: {error}");
    }
}
