//! Convolutions that can be replaced.

use prost::Message;

use super::behind::Behind;
use super::{Candidate, Form};
use crate::inference::int8;
use crate::inference::rewrite::proto::{Attribute, Graph, Node, Tensor};
use crate::inference::rewrite::view::{View, numbers};
use crate::inference::winograd;

/// Fewer channels on either side are not worth the way to Winograd's space.
const LEAST_CHANNELS: i64 = 32;

/// A convolution that can be replaced.
pub(super) struct Convolution {
    input: String,
    edge: Edge,
    stride: i64,
    pub filters: Filters,
    pub behind: Behind,
}

/// Where filters are.
pub(super) enum Filters {
    /// `[outputs][inputs][3][3]`
    Constant(Tensor),
    /// In this tensor, which is computed as the network runs.
    Given(String),
}

/// Pixels around a picture.
struct Edge {
    /// Top, left, bottom, right.
    pads: [i64; 4],
    mirrored: bool,
}

impl Convolution {
    /// A node, when it is one.
    pub fn of(view: &View, graph: &Graph, at: usize, node: &Node) -> Option<Convolution> {
        if !node.is("Conv") {
            return None;
        }
        let ([x, w, bias @ ..], [y]) = (&*node.inputs, &*node.outputs) else { return None };
        let (mut pads, mut stride, mut sided) = ([0; 4], 1, false);
        for attribute in node.attributes.iter() {
            let attribute = Attribute::decode(attribute.clone()).ok()?;
            match &*attribute.name {
                "strides" | "dilations" if attribute.numbers == [1, 1] => {}
                "strides" if attribute.numbers == [2, 2] => stride = 2,
                "kernel_shape" if attribute.numbers == [3, 3] => sided = true,
                "group" if attribute.number == Some(1) => {}
                "auto_pad" if attribute.text.as_deref() == Some(b"NOTSET") => {}
                "pads" => pads = attribute.numbers.try_into().ok()?,
                _ => return None,
            }
        }
        let filters = if view.is_constant(w) {
            Filters::Constant(constant(view, graph, w)?)
        } else {
            // What the filters do not tell before they are there.
            (sided && stride == 1).then(|| Filters::Given(w.clone()))?
        };
        let channels = filters.channels().map(|(_, outputs)| outputs);
        let bias = match bias {
            [] => vec![0.0],
            [bias] if bias.is_empty() => vec![0.0],
            [bias] => numbers(&view.reals(graph, bias)?)?,
            _ => return None,
        };
        if bias.len() > 1 && channels.is_some_and(|channels| channels != bias.len()) {
            return None;
        }
        let mut edge = Edge { pads, mirrored: false };
        let mut input = x.clone();
        if pads == [0; 4]
            && let Some((before, around)) = edge_of(view, graph, x)
        {
            (input, edge) = (before, around);
        }
        if edge.pads.iter().any(|&pad| !(0..=1).contains(&pad)) {
            return None;
        }
        let behind = Behind::of(view, graph, y, bias, channels);
        // A node that goes where an earlier one stood must not read what comes later.
        let ready = view.maker(&input).is_none_or(|maker| maker < at);
        ready.then_some(Convolution { input, edge, stride, filters, behind })
    }

    pub fn candidate(&self, node: usize) -> Candidate {
        let channels = self.filters.channels().map(|(inputs, _)| inputs);
        Candidate { node, input: self.input.clone(), stride: self.stride, channels }
    }

    /// The node in its place, whose numbers lie there.
    pub fn node(&self, was: &Node, form: Form<'_>, at: u64) -> Node {
        let mut node = match (&self.filters, form) {
            (Filters::Given(filters), _) => {
                Node::ours(winograd::GIVEN, &[&self.input, filters], &self.behind.output)
                    .with(winograd::OUTPUTS, self.behind.count() as i64)
            }
            (Filters::Constant(_), Form::Winograd) => self.node_of(winograd::NAME),
            (Filters::Constant(_), Form::Int8(_)) => {
                self.node_of(int8::NAME).with(int8::STRIDE, self.stride)
            }
        };
        node = node
            .with(winograd::AT, at as i64)
            .with_all(winograd::PADS, &self.edge.pads)
            .with(winograd::MIRRORED, self.edge.mirrored.into())
            .with(winograd::SLOPED, self.behind.slope.is_some().into());
        node.name.clone_from(&was.name);
        node
    }

    fn node_of(&self, name: &str) -> Node {
        let (inputs, outputs) = self.filters.channels().unwrap_or_default();
        Node::ours(name, &[&self.input], &self.behind.output)
            .with(winograd::INPUTS, inputs as i64)
            .with(winograd::OUTPUTS, outputs as i64)
    }
}

impl Filters {
    /// How many channels go in and come out, where that is known.
    pub fn channels(&self) -> Option<(usize, usize)> {
        let Filters::Constant(filters) = self else { return None };
        let of = |i: usize| filters.shape.get(i).and_then(|&n| usize::try_from(n).ok());
        Some((of(1)?, of(0)?))
    }
}

/// Filters of a convolution that may be worth it.
fn constant(view: &View, graph: &Graph, name: &str) -> Option<Tensor> {
    let filters = view.reals(graph, name)?;
    let [outputs, inputs, 3, 3] = *filters.shape else { return None };
    let count = outputs.checked_mul(inputs)?.checked_mul(36)?;
    let whole = filters.data.as_ref()?.len() as i64 == count;
    (whole && inputs.min(outputs) >= LEAST_CHANNELS).then_some(filters)
}

/// The Pad that makes a tensor, when it is one of pixels around a picture: what it pads, and how.
fn edge_of(view: &View, graph: &Graph, name: &str) -> Option<(String, Edge)> {
    let node = graph.nodes.get(view.maker(name)?).filter(|node| node.is("Pad"))?;
    let mut mode = b"constant".to_vec();
    let mut pads = Vec::new();
    for attribute in &node.attributes {
        let attribute = Attribute::decode(attribute.clone()).ok()?;
        match &*attribute.name {
            "mode" => mode = attribute.text?.to_vec(),
            "pads" => pads = attribute.numbers,
            "value" if attribute.real.unwrap_or_default() == 0.0 => {}
            _ => return None,
        }
    }
    let [input, more @ ..] = &*node.inputs else { return None };
    if let [given, more @ ..] = more {
        pads = view.integers(graph, given)?;
        match more {
            [] => {}
            [value] if value.is_empty() => {}
            [value] if numbers(&view.reals(graph, value)?)? == [0.0] => {}
            _ => return None,
        }
    }
    let mirrored = match &*mode {
        b"reflect" => true,
        b"constant" => false,
        _ => return None,
    };
    let [0, 0, top, left, 0, 0, bottom, right] = *pads else { return None };
    Some((input.clone(), Edge { pads: [top, left, bottom, right], mirrored }))
}
