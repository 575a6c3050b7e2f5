//! What signals do to the service: the first SIGTERM or SIGINT ends it cleanly, the second at once.
//! SIGHUP does nothing: the end of a terminal is not the end of the work.

use std::sync::Arc;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{Context, Result};
use crate::service::Core;

use super::log::Ending;

/// Listens to signals from now on.
///
/// # Errors
/// When the handlers cannot be installed.
pub(super) fn listen(core: &Arc<Core>, log: Ending) -> Result<()> {
    let install = move || -> std::io::Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
        let core = Arc::clone(core);
        let mut asked = false;
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in signals.forever() {
                match signal {
                    SIGHUP => tracing::info!("a terminal was closed; the work goes on"),
                    _ if asked => {
                        tracing::warn!("told twice to stop: jobs are left as after a crash");
                        log.end();
                        // Jobs that run were begun, and the store knows: they begin again.
                        std::process::exit(130);
                    }
                    _ => {
                        asked = true;
                        tracing::info!("told to stop: jobs go back to the queue");
                        core.stop();
                    }
                }
            }
        })?;
        Ok(())
    };
    install().context(|| "cannot install the signal handlers".into())
}
