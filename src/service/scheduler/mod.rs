//! Decides which job runs when and where, and runs it.

use std::sync::Arc;

use super::Core;

/// A scheduler that works.
#[derive(Debug)]
pub struct Scheduler(std::thread::JoinHandle<()>);

/// Puts what a crash left in order, and begins to run jobs. Ends when `core.stopping` is set.
pub fn start(core: &Arc<Core>) -> Scheduler {
    let _ = core;
    todo!()
}

impl Scheduler {
    /// Waits until every job that ran is back in the queue.
    pub fn join(self) {
        let _ = self.0.join();
    }
}
