//! What convolutions are run on: the network in single precision with their inputs as outputs.

use std::collections::HashMap;
use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;

use super::Recorded;
use crate::error::{Context, Error, Result};
use crate::inference::int8::Range;
use crate::inference::rewrite::convolution::Candidate;
use crate::inference::rewrite::made::{Made, NETWORK};
use crate::inference::rewrite::proto::{Model, Node, ValueInfo};
use crate::inference::session::{Output, Session};
use crate::inference::settings::Settings;
use crate::inference::winograd::Blocks;
use crate::interrupt::Interrupt;

/// The ranges of input channels, by convolution.
pub(super) type Ranges = HashMap<usize, Vec<Range>>;

/// Runs the network with these convolutions on the runs, and looks at what each of them reads.
///
/// # Errors
/// When the network cannot be loaded or run; when the user stopped it.
pub(super) fn observe(
    model: &str,
    mut network: Model,
    candidates: &[Candidate],
    runs: &[&Recorded],
    (work, blocks, settings): (&Path, Blocks, &Settings),
    interrupt: &Interrupt,
) -> Result<Ranges> {
    let graph = network.graph.as_mut().ok_or_else(|| Error::failed("a network without a graph"))?;
    for (i, one) in candidates.iter().enumerate() {
        let name = seen(i);
        graph.nodes.push(Node::new("Identity", &[&one.input], &name));
        graph.outputs.push(Bytes::from(ValueInfo { name }.encode_to_vec()));
    }
    let file = work.join(NETWORK);
    std::fs::write(&file, network.encode_to_vec())
        .context(|| format!("cannot write {}", file.display()))?;
    drop(network);
    let made = Made::alone(work, blocks);
    let mut session = Session::of_made(model, &made, settings)?;
    let mut ranges = Ranges::new();
    for run in runs {
        interrupt.check()?;
        let outputs = session.run_inputs(&run.inputs())?;
        for (i, one) in candidates.iter().enumerate() {
            let name = seen(i);
            let Some(channels) = one.channels else { continue };
            let output = outputs.iter().find(|output| *output.name == *name);
            let output = output.filter(|output| holds_pictures(output, channels));
            let Some(output) = output else { continue };
            let known = ranges
                .entry(one.node)
                .or_insert_with(|| vec![Range { least: 0.0, most: 0.0 }; channels]);
            look(&output.data, output.shape[0], known);
        }
    }
    Ok(ranges)
}

/// A name that no network has.
fn seen(index: usize) -> String {
    format!("facedeck:seen:{index}")
}

/// Widens ranges by what a tensor of some pictures holds.
fn look(data: &[f32], pictures: usize, ranges: &mut [Range]) {
    let plane = (data.len() / (pictures * ranges.len()).max(1)).max(1);
    for (i, plane) in data.chunks(plane).enumerate() {
        let range = &mut ranges[i % ranges.len().max(1)];
        for &value in plane {
            // What is no number is left out.
            range.least = range.least.min(value);
            range.most = range.most.max(value);
        }
    }
}

/// Whether a tensor holds pictures of so many channels.
fn holds_pictures(output: &Output, channels: usize) -> bool {
    matches!(*output.shape, [_, c, _, _] if c == channels)
        && output.data.len() == output.shape.iter().product::<usize>()
}
