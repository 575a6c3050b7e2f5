//! A network that several threads use.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::inference::provider::Provider;
use crate::inference::session::{Input, Output, Session, TensorInfo};

use super::lanes::Lanes;

/// A network that several threads use.
///
/// What it computes is not looked at: [`super::Guarded`] does that.
#[derive(Debug)]
pub struct Shared {
    model: String,
    provider: Provider,
    bytes: u64,
    inputs: Vec<TensorInfo>,
    outputs: Vec<TensorInfo>,
    lanes: Lanes,
    /// The end of the last run.
    used: Mutex<Instant>,
}

impl Shared {
    pub(super) fn new(session: Session, bytes: u64) -> Self {
        Shared {
            model: session.model().to_owned(),
            provider: session.provider(),
            bytes,
            inputs: session.inputs().to_vec(),
            outputs: session.outputs().to_vec(),
            lanes: Lanes::new(session),
            used: Mutex::new(Instant::now()),
        }
    }

    /// Runs the network; see [`Session::run_inputs`].
    ///
    /// # Errors
    /// As [`Session::run_inputs`].
    pub fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<Output>> {
        let outputs = self.lanes.with(|session| session.run_inputs(inputs));
        *self.used() = Instant::now();
        outputs
    }

    /// The catalog id.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The provider that most of it runs on.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The size of its weights.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The inputs as the graph declares them.
    pub fn inputs(&self) -> Vec<TensorInfo> {
        self.inputs.clone()
    }

    /// The outputs as the graph declares them.
    pub fn outputs(&self) -> Vec<TensorInfo> {
        self.outputs.clone()
    }

    /// How long it has not run.
    pub(super) fn idle(&self) -> Duration {
        self.used().elapsed()
    }

    fn used(&self) -> MutexGuard<'_, Instant> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
