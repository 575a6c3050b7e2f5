//! Watches a network for results that are no numbers, which half precision gives on some GPUs, and
//! goes over to single precision for the rest of the job: announced, once.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::inference::session::{Input, Output, Values};

use super::{Note, Pool, Shared};

/// A network whose results are checked. Cheap to clone: the clones go over together, so one is to
/// be made for each network of a job.
#[derive(Clone)]
pub struct Guarded(Arc<State>);

struct State {
    pool: Pool,
    id: String,
    /// The catalog id of the same network in single precision.
    twin: Option<String>,
    note: Note,
    current: Mutex<Current>,
}

/// The network that is used now.
#[derive(Clone)]
struct Current {
    network: Arc<Shared>,
    /// How often another one was taken.
    changes: usize,
    /// What is still untried.
    left: &'static [Way],
}

/// A way to more precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The same network, which the provider no longer turns into half precision.
    FullPrecision,
    /// The network that the catalog names for it.
    Twin,
}

const WAYS: [Way; 2] = [Way::FullPrecision, Way::Twin];

impl Guarded {
    /// Watches the network with this catalog id. `note` hears when another one takes its place;
    /// [`Pool::note`] is the pool's own.
    ///
    /// # Errors
    /// As [`Pool::get`].
    pub fn new(pool: &Pool, id: &str, note: Note) -> Result<Self> {
        let entry = pool.store().entry(id)?;
        let twin = entry.swapper.as_ref().and_then(|swapper| swapper.single_precision.clone());
        Self::with_twin(pool, id, twin, note)
    }

    fn with_twin(pool: &Pool, id: &str, twin: Option<String>, note: Note) -> Result<Self> {
        let current = Current { network: pool.get(id)?, changes: 0, left: &WAYS };
        Ok(Guarded(Arc::new(State {
            pool: pool.clone(),
            id: id.to_owned(),
            twin,
            note,
            current: Mutex::new(current),
        })))
    }

    /// The network that is used now.
    pub fn network(&self) -> Arc<Shared> {
        self.0.current().network
    }

    /// Runs the network; the results are all finite numbers. When they are not, a network in
    /// single precision is taken for this run and all later ones.
    ///
    /// # Errors
    /// As [`Shared::run`]; [`crate::error::Kind::Missing`] when that network is not here; a failure
    /// when there is none, or its results are no numbers either.
    pub fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<Output>> {
        loop {
            let current = self.0.current();
            let outputs = current.network.run(inputs)?;
            if outputs.iter().all(|output| output.data.iter().all(|value| value.is_finite())) {
                return Ok(outputs);
            }
            if let Some(input) = inputs.iter().find(|input| !is_finite(input)) {
                return Err(Error::failed(format!(
                    "the input {} of the model {} is not a number",
                    input.name, self.0.id
                )));
            }
            self.0.go_over(current.changes)?;
        }
    }
}

fn is_finite(input: &Input<'_>) -> bool {
    match input.values {
        Values::F32(values) => values.iter().all(|value| value.is_finite()),
        Values::F64(values) => values.iter().all(|value| value.is_finite()),
    }
}

impl State {
    fn current(&self) -> Current {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the next network, unless another thread has done so since.
    fn go_over(&self, seen: usize) -> Result<()> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.changes != seen {
            return Ok(());
        }
        let provider = current.network.provider();
        let fault = format!("the model {} gave results on {provider} that are no numbers", self.id);
        while let [way, left @ ..] = current.left {
            current.left = left;
            let (network, what) = match (way, &self.twin) {
                (Way::FullPrecision, _) => match self.pool.get_in_full_precision(&self.id) {
                    Some(network) => (network?, "in single precision".to_owned()),
                    None => continue,
                },
                (Way::Twin, Some(twin)) => {
                    let network = self.pool.get(twin).map_err(|error| no_twin(&fault, error))?;
                    (network, format!("as {twin}, which is in single precision"))
                }
                (Way::Twin, None) => continue,
            };
            current.network = network;
            current.changes += 1;
            (self.note)(&format!("{fault}: from here on it runs {what}"));
            return Ok(());
        }
        Err(Error::failed(fault).hint("use another model, or --execution-provider cpu"))
    }
}

/// The network in single precision cannot be had; its error knows how it could.
fn no_twin(fault: &str, error: Error) -> Error {
    let hint = error.hint_text().map(str::to_owned);
    let message = format!("{fault}, and its twin in single precision cannot take over");
    let outer = Error::new(error.kind().clone(), message).because(error);
    match hint {
        Some(hint) => outer.hint(hint),
        None => outer,
    }
}

#[cfg(test)]
mod tests;
