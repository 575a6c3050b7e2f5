//! What is done with a convolution's sums, as far as it can be done as they are written.

use crate::inference::rewrite::proto::{Graph, Node};
use crate::inference::rewrite::view::View;

/// The sums are multiplied, something is added, and those that are negative then are multiplied once
/// more: one number for all channels each, or one for each of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Behind {
    pub scale: Vec<f32>,
    pub bias: Vec<f32>,
    pub slope: Option<Vec<f32>>,
    /// The nodes that do it, which are part of the convolution from now on.
    pub nodes: Vec<usize>,
    /// The tensor that comes out.
    pub output: String,
}

impl Behind {
    /// Behind a convolution that makes `output`, of so many channels where that is known.
    pub fn of(
        view: &View,
        graph: &Graph,
        output: &str,
        bias: Vec<f32>,
        channels: Option<usize>,
    ) -> Behind {
        let output = output.to_owned();
        let mut behind = Behind { scale: vec![1.0], bias, slope: None, nodes: Vec::new(), output };
        while behind.slope.is_none()
            && let Some((at, node)) = view.only_reader(graph, &behind.output)
            && let [output] = &*node.outputs
            && let Some(next) = behind.with(view, graph, node, channels)
        {
            behind = next;
            behind.nodes.push(at);
            behind.output.clone_from(output);
        }
        behind
    }

    /// How many numbers there are: one for each channel, or one.
    pub fn count(&self) -> usize {
        let slope = self.slope.as_ref().map_or(0, Vec::len);
        self.scale.len().max(self.bias.len()).max(slope)
    }

    /// With what a node does, when it is known.
    fn with(
        &self,
        view: &View,
        graph: &Graph,
        node: &Node,
        channels: Option<usize>,
    ) -> Option<Behind> {
        let channels = channels.or_else(|| Some(self.count()).filter(|&count| count > 1));
        let other = || {
            let [a, b] = &*node.inputs else { return None };
            let other = if *a == self.output { b } else { a };
            view.per_channel(graph, other, channels)
        };
        let mut next = self.clone();
        if node.is("Mul") {
            let factor = other()?;
            next.scale = each(&self.scale, &factor, |a, b| a * b);
            next.bias = each(&self.bias, &factor, |a, b| a * b);
        } else if node.is("Add") {
            next.bias = each(&self.bias, &other()?, |a, b| a + b);
        } else {
            next.slope = Some(self.slope_of(view, graph, node, channels)?);
        }
        Some(next)
    }

    /// What an activation multiplies negative numbers by.
    fn slope_of(
        &self,
        view: &View,
        graph: &Graph,
        node: &Node,
        channels: Option<usize>,
    ) -> Option<Vec<f32>> {
        let [x, more @ ..] = &*node.inputs else { return None };
        if *x != self.output {
            return None;
        }
        if node.is("PRelu") {
            view.per_channel(graph, more.first()?, channels)
        } else {
            Some(vec![node.slope()?])
        }
    }
}

/// Of two numbers of each channel, or one for all, one.
pub(super) fn each(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let longer = a.len().max(b.len());
    a.iter().cycle().zip(b.iter().cycle()).take(longer).map(|(&a, &b)| of(a, b)).collect()
}
