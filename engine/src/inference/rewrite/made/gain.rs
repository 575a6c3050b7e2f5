//! Which convolutions gain: each shape by itself, the runtime's against the kernel's.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::Made;
use super::example::Example;
use super::proof::BLOCKS;
use crate::error::Result;
use crate::inference::graph::{Graph, Number};
use crate::inference::rewrite::convolution::Replaced;
use crate::inference::session::{Input, Session};
use crate::inference::settings::Settings;
use crate::inference::winograd::{Seen, Watch};

/// A convolution is replaced when the kernel takes at most this much of the runtime's time: what lies
/// between them, in other layouts of the memory, has its price, too.
const GAIN: f64 = 0.8;
/// The fastest of so many runs counts, after one that does not.
const RUNS: usize = 3;

/// Channels in, channels out, rows, columns, and whether the filters are given to it.
type Shape = (usize, usize, usize, usize, bool);

/// Of the convolutions that a form has, those that gain nothing, as nodes of the graph; none when the
/// form cannot be run, which others will tell.
///
/// # Errors
/// When the runtime refuses a convolution by itself.
pub(super) fn without(
    model: &str,
    replaced: &Replaced,
    work: &Path,
    settings: &Settings,
) -> Result<HashSet<usize>> {
    let Some(seen) = watched(model, work, settings) else { return Ok(HashSet::new()) };
    let mut plain: HashMap<Shape, Duration> = HashMap::new();
    let mut but = HashSet::new();
    for (at, node) in replaced {
        // What never ran gains nothing either.
        let Some(one) = seen.get(at) else {
            but.insert(*node);
            continue;
        };
        let shape = (one.inputs, one.outputs, one.height, one.width, one.given);
        let time = match plain.get(&shape) {
            Some(time) => *time,
            None => {
                let time = alone(shape, settings)?;
                plain.insert(shape, time);
                time
            }
        };
        let ratio = one.time.as_secs_f64() / time.as_secs_f64().max(f64::EPSILON);
        tracing::debug!(?shape, ratio, "a convolution of {model}");
        if ratio > GAIN {
            but.insert(*node);
        }
    }
    Ok(but)
}

/// What the form's convolutions were run on, and their times.
fn watched(model: &str, work: &Path, settings: &Settings) -> Option<HashMap<u64, Seen>> {
    let made = Made::alone(work, BLOCKS[0]);
    let watch = Watch::default();
    let mut session = Session::watched(model, &made, settings, Some(&watch)).ok()?;
    let example = Example::of(&session)?;
    for _ in 0..=RUNS {
        session.run_inputs(&example.inputs()).ok()?;
    }
    let seen = watch.lock().unwrap_or_else(PoisonError::into_inner);
    Some(seen.clone())
}

/// The runtime's time for a convolution of a shape.
fn alone((inputs, outputs, height, width, given): Shape, settings: &Settings) -> Result<Duration> {
    let side = |n: usize| n as i64;
    let (filters, of) = (vec![0.01; outputs * inputs * 9], [outputs, inputs, 3, 3]);
    let graph = Graph::new().input("x", Number::F32, &[1, side(inputs), side(height), side(width)]);
    let graph = match given {
        true => graph.input("w", Number::F32, &of.map(side)),
        false => graph.weights("w", &of.map(side), &filters),
    };
    let graph = graph
        .node("Conv", &["x", "w"], "y", &[("pads", &[1, 1, 1, 1])])
        .output("y", Number::F32, &[1, side(outputs), side(height), side(width)])
        .bytes();
    let mut session = Session::from_bytes("a convolution", &graph, settings.threads)?;
    let (shape, data) = ([1, inputs, height, width], vec![0.5; inputs * height * width]);
    let all = [Input::new("x", &shape, &data), Input::new("w", &of, &filters)];
    let inputs = if given { &all[..] } else { &all[..1] };
    let mut least = Duration::MAX;
    for run in 0..=RUNS {
        let start = Instant::now();
        session.run_inputs(inputs)?;
        if run > 0 {
            least = least.min(start.elapsed());
        }
    }
    Ok(least)
}
