//! One flag that says "stop": set by Ctrl-C or SIGTERM, looked at by every loop that takes long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Context, Error, Result};

/// A shared stop flag; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// A flag that only the program itself sets.
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag that SIGINT, SIGTERM and SIGHUP set. A second SIGINT ends the process at once.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn on_signals() -> Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let flag = Self::new();
        let install = || -> std::io::Result<()> {
            // Order matters: the shutdown looks at the flag that the line below it sets.
            signal_hook::flag::register_conditional_shutdown(SIGINT, 130, flag.0.clone())?;
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                signal_hook::flag::register(signal, flag.0.clone())?;
            }
            Ok(())
        };
        install().context(|| "cannot install the signal handlers".into())?;
        Ok(flag)
    }

    /// Asks everybody to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked to stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// An error when somebody asked to stop.
    ///
    /// # Errors
    /// [`Error::interrupted`] when the flag is set.
    pub fn check(&self) -> Result<()> {
        if self.is_set() { Err(Error::interrupted()) } else { Ok(()) }
    }
}
