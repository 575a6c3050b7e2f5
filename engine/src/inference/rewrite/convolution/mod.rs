//! Convolutions of 3 × 3 as [`winograd`]'s or [`int8`]'s operator, with the edge before and what is
//! done with the sums behind.
//!
//! A convolution can be replaced where it is of all channels with all and its stride is 1, or 2 for the
//! latter; [`winograd`] has an operator for filters that are computed as the network runs, too, as
//! StyleGAN's are. Whether that gains is for [`super::made`] to measure.
//!
//! - [`found`] finds the convolutions and their edges, [`behind`] what belongs to them behind.
//! - [`numbers`] writes what the operators read.

mod behind;
mod found;
mod numbers;

use std::io::{self, Write};

use prost::Message;

use super::proto::{Attribute, Graph, Kind};
use super::view::{View, replace as put};
use crate::inference::int8;
use found::Convolution;
pub(super) use numbers::Numbers;

/// The convolutions that were replaced: where the numbers of each begin in the file, and which of the
/// graph's nodes it was.
pub(super) type Replaced = Vec<(u64, usize)>;

/// A convolution that can be replaced, before it is known by what.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// Which of the graph's nodes it is.
    pub node: usize,
    /// The tensor that it reads, without its edge.
    pub input: String,
    /// From one result to the next.
    pub stride: i64,
    /// How many channels it reads; nobody knows where its filters are computed as the network runs.
    pub channels: Option<usize>,
}

/// What takes a convolution's place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    /// One of [`winograd`]'s operators, for a stride of 1.
    Winograd,
    /// [`int8`]'s operator, for input channels of these ranges.
    Int8(&'a [int8::Range]),
}

/// Says what takes a convolution's place; `None` leaves it.
pub(super) type Choose<'a> = &'a dyn Fn(&Candidate) -> Option<Form<'a>>;

/// The convolutions of a graph that can be replaced.
pub(super) fn candidates(graph: &Graph) -> Vec<Candidate> {
    let view = View::of(graph);
    let all = graph.nodes.iter().enumerate();
    all.filter_map(|(at, node)| Some(Convolution::of(&view, graph, at, node)?.candidate(at)))
        .collect()
}

/// Replaces those of the graph that are chosen, and writes their numbers, as the operators read them.
///
/// # Errors
/// When they cannot be written.
pub(super) fn replace(
    graph: &mut Graph,
    choose: Choose<'_>,
    numbers: &mut Numbers<impl Write>,
) -> io::Result<Replaced> {
    let view = View::of(graph);
    let (mut replaced, mut nodes) = (Vec::new(), Vec::new());
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(convolution) = Convolution::of(&view, graph, at, node)
            && let Some(form) = choose(&convolution.candidate(at))
        {
            let place = numbers.of(at, &convolution, form)?;
            replaced.push((place, at));
            let places = [&[at], &*convolution.behind.nodes].concat();
            nodes.push((convolution.node(node, form, place), places));
        }
    }
    put(graph, nodes);
    Ok(replaced)
}

/// Whether parts of the network are networks themselves, which read tensors without saying so.
pub(super) fn has_branches(graph: &Graph) -> bool {
    graph.nodes.iter().flat_map(|node| &node.attributes).any(|attribute| {
        Attribute::decode(attribute.clone()).map_or(true, |attribute| {
            attribute.kind == Kind::GRAPH || attribute.kind == Kind::GRAPHS
        })
    })
}

#[cfg(test)]
mod tests;
