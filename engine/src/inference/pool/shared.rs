//! A network that several threads use.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::inference::provider::Provider;
use crate::inference::quantized::Recorded;
use crate::inference::session::{Input, Output, Session, TensorInfo, Values};

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
    /// Runs that are written down, while somebody wants that.
    recorded: Mutex<Option<Vec<Recorded>>>,
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
            recorded: Mutex::default(),
        }
    }

    /// Writes down its runs until [`Self::recorded`] is called; those in single precision.
    pub(crate) fn record(&self) {
        *self.record_book() = Some(Vec::new());
    }

    /// How many runs were written down.
    pub(crate) fn recorded_count(&self) -> usize {
        self.record_book().as_ref().map_or(0, Vec::len)
    }

    /// The runs that were written down.
    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        self.record_book().take().unwrap_or_default()
    }

    fn record_book(&self) -> MutexGuard<'_, Option<Vec<Recorded>>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the network; see [`Session::run_inputs`].
    ///
    /// # Errors
    /// As [`Session::run_inputs`].
    pub fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<Output>> {
        let outputs = self.lanes.with(|session| session.run_inputs(inputs));
        *self.used() = Instant::now();
        if let (Some(book), Ok(outputs)) = (self.record_book().as_mut(), &outputs) {
            book.extend(written_down(inputs, outputs));
        }
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

/// A run, when it is in single precision.
fn written_down(inputs: &[Input<'_>], outputs: &[Output]) -> Option<Recorded> {
    let inputs = inputs.iter().map(|input| match input.values {
        Values::F32(data) => Some((input.name.to_owned(), input.shape.to_vec(), data.to_vec())),
        Values::F64(_) => None,
    });
    Some(Recorded { inputs: inputs.collect::<Option<_>>()?, outputs: outputs.to_vec() })
}
