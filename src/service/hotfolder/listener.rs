//! Hears in the queue which jobs of hot folders ended, for all of them.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use crate::jobs::Origin;
use crate::service::Core;
use crate::service::events::Event;

/// Listens until the service stops.
pub(super) fn run(core: &Arc<Core>) {
    let (_, mut receiver) = core.events.listen(None);
    loop {
        // Before the first wait as well: it may have stopped in between.
        if core.stopping.is_set() {
            return core.watches.stop();
        }
        match receiver.blocking_recv() {
            Ok(numbered) => match numbered.event.as_ref() {
                Event::Job { job, .. } if job.state.is_final() => {
                    if let (Origin::Watch { name }, Ok(id)) = (&job.origin, job.id.parse()) {
                        core.watches.ended(name, id);
                    }
                }
                Event::Removed { .. } => core.watches.sweep(),
                Event::Stopping => return core.watches.stop(),
                _ => {}
            },
            Err(RecvError::Lagged(_)) => core.watches.sweep(),
            Err(RecvError::Closed) => return core.watches.stop(),
        }
    }
}
