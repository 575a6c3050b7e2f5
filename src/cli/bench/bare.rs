//! How long a network takes when nothing else goes on.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::inference::{Input, Pool, TensorInfo, Values};
use crate::interrupt::Interrupt;
use crate::models::Entry;

/// Runs that are measured at least, and at most.
const RUNS: std::ops::RangeInclusive<usize> = 3..=50;
/// Beyond the least runs they take no longer than this together.
const ENOUGH: Duration = Duration::from_secs(5);

/// Numbers for one input of a graph.
struct Numbers {
    name: String,
    shape: Vec<usize>,
    single: Vec<f32>,
    /// For the one input of the catalog that takes double precision.
    double: Option<Vec<f64>>,
}

impl Numbers {
    fn input(&self) -> Input<'_> {
        let values = match &self.double {
            Some(double) => Values::F64(double),
            None => Values::F32(&self.single),
        };
        Input { name: &self.name, shape: &self.shape, values }
    }
}

/// Milliseconds of one run of a network of the pool, in the session that jobs use: the median of
/// several, after one that is not counted.
///
/// # Errors
/// When the network is not here or cannot be run; when the user stopped the work.
pub(super) fn milliseconds(pool: &Pool, id: &str, interrupt: &Interrupt) -> Result<f64> {
    let entry = pool.store().entry(id)?;
    let network = pool.get(id)?;
    let numbers: Vec<Numbers> =
        network.inputs().iter().map(|info| numbers_for(entry, info)).collect();
    let inputs: Vec<Input<'_>> = numbers.iter().map(Numbers::input).collect();
    network.run(&inputs)?;
    let (begin, mut times) = (Instant::now(), Vec::new());
    while times.len() < *RUNS.start() || (times.len() < *RUNS.end() && begin.elapsed() < ENOUGH) {
        interrupt.check()?;
        let start = Instant::now();
        network.run(&inputs)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// Numbers between 0 and 1 in the shape that an input wants: how long a network takes does not
/// depend on them.
fn numbers_for(entry: &Entry, info: &TensorInfo) -> Numbers {
    let picture = entry.input.as_ref().filter(|input| input.shape.len() == info.shape.len());
    let side = |axis: usize| picture.map_or(1, |input| input.shape[axis].max(1));
    let shape: Vec<usize> =
        info.shape.iter().enumerate().map(|(axis, n)| n.unwrap_or_else(|| side(axis))).collect();
    let count: usize = shape.iter().product();
    let weight = entry.enhancer.as_ref().and_then(|spec| spec.weight_input.as_deref());
    let double = (weight == Some(&*info.name)).then(|| vec![0.5; count]);
    let single = match double {
        Some(_) => Vec::new(),
        None => (0..count).map(|i| (i % 251) as f32 / 251.0).collect(),
    };
    Numbers { name: info.name.to_string(), shape, single, double }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::{Settings, for_tests};
    use crate::models::{Store, id};
    use crate::settings::Directories;

    #[test]
    fn an_embedded_network_takes_some_time() {
        for_tests().unwrap();
        let home = tempfile::tempdir().unwrap();
        let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
        let pool = Pool::new(store, Settings::processor(1));
        // Its batch is open.
        for id in [id::LANDMARKS, id::CONTENT_FILTER] {
            let taken = milliseconds(&pool, id, &Interrupt::new()).unwrap();
            assert!((0.05..10_000.0).contains(&taken), "{id}: {taken}");
        }
        let stopped = Interrupt::new();
        stopped.set();
        assert_eq!(milliseconds(&pool, id::DETECTOR, &stopped).unwrap_err().exit_code(), 130);
    }

    #[test]
    fn open_axes_and_double_precision_follow_the_catalog() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::beneath(&Directories::beneath(home.path()).unwrap()).unwrap();
        let info = |name: &str, shape: &[Option<usize>]| TensorInfo {
            name: name.into(),
            shape: shape.to_vec(),
        };
        let entry = store.entry("codeformer").unwrap();
        let picture = numbers_for(entry, &info("input", &[None, Some(3), None, None]));
        assert_eq!(picture.shape, [1, 3, 512, 512]);
        assert_eq!(picture.single.len(), 3 * 512 * 512);
        let weight = entry.enhancer.as_ref().unwrap().weight_input.clone().unwrap();
        let weight = numbers_for(entry, &info(&weight, &[Some(1)]));
        assert_eq!(weight.double, Some(vec![0.5]));
    }
}
