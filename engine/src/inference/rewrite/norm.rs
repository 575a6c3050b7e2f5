//! Instance normalization with a scale and a bias of the moment, which exporters write out in single
//! steps, as one operator ([`crate::inference::operators::norm`]).

use prost::Message;

use super::proto::{Attribute, Graph, Node};
use super::view::{View, numbers, replace};
use crate::inference::operators::norm;

/// Makes one operator of each; how many there were.
pub(super) fn join(graph: &mut Graph) -> usize {
    let view = View::of(graph);
    let all = graph.nodes.iter().enumerate();
    let found: Vec<Norm> = all.filter_map(|(at, node)| Norm::of(&view, graph, at, node)).collect();
    let count = found.len();
    replace(graph, found.into_iter().map(|norm| (norm.node(), norm.nodes)));
    count
}

/// A picture is normalized, multiplied, and added to; what is negative then may be multiplied again.
struct Norm {
    input: String,
    scale: String,
    bias: String,
    epsilon: f32,
    slope: f32,
    /// What does it, in the graph's order.
    nodes: Vec<usize>,
    output: String,
}

impl Norm {
    /// The one that begins with this node, when it is one.
    fn of(view: &View, graph: &Graph, at: usize, node: &Node) -> Option<Norm> {
        let mut chain = Chain { view, graph, nodes: vec![at] };
        let (input, mean) = chain.mean(node)?;
        let (node, centered) = chain.next(&mean)?;
        if !node.is("Sub") || node.inputs != [input.as_str(), mean.as_str()] {
            return None;
        }
        let square = chain.square(&centered)?;
        let (node, variance) = chain.next(&square)?;
        if chain.mean(node)? != (square, variance.clone()) {
            return None;
        }
        let (node, sum) = chain.next(&variance)?;
        let epsilon = chain.number(chain.other(node, "Add", &variance)?)?;
        let (node, root) = chain.next(&sum)?;
        if !node.is("Sqrt") {
            return None;
        }
        let normal = chain.divided(&centered, &root)?;
        // What lies between is read by nobody else.
        let readers = view.readers(&centered)?;
        if !readers.iter().all(|reader| chain.nodes.contains(reader)) {
            return None;
        }
        let (node, scaled) = chain.next(&normal)?;
        let scale = chain.each(chain.other(node, "Mul", &normal)?)?;
        let (node, mut output) = chain.next(&scaled)?;
        let bias = chain.each(chain.other(node, "Add", &scaled)?)?;
        let mut slope = 1.0;
        if let Some((at, node)) = view.only_reader(graph, &output)
            && let (Some(leak), [y]) = (node.slope(), &*node.outputs)
        {
            (slope, output) = (leak, y.clone());
            chain.nodes.push(at);
        }
        let mut nodes = chain.nodes;
        nodes.sort_unstable();
        Some(Norm { input, scale, bias, epsilon, slope, nodes, output })
    }

    fn node(&self) -> Node {
        Node::ours(norm::NAME, &[&self.input, &self.scale, &self.bias], &self.output)
            .with_real(norm::EPSILON, self.epsilon)
            .with_real(norm::SLOPE, self.slope)
    }
}

/// Nodes that follow each other.
struct Chain<'a> {
    view: &'a View,
    graph: &'a Graph,
    nodes: Vec<usize>,
}

impl<'a> Chain<'a> {
    /// The node that alone reads a tensor, which becomes part of the chain, and what it gives. One that
    /// reads it twice, as a square does, is [`Self::square`]'s.
    fn next(&mut self, name: &str) -> Option<(&'a Node, String)> {
        let (at, node) = self.view.only_reader(self.graph, name)?;
        let [output] = &*node.outputs else { return None };
        self.nodes.push(at);
        Some((node, output.clone()))
    }

    /// The square of a tensor, which others read, too.
    fn square(&mut self, name: &str) -> Option<String> {
        let readers = self.view.readers(name)?;
        let is_square = |node: &Node| match &*node.inputs {
            [a, b] if node.is("Mul") => a == name && b == name,
            [a, two] if node.is("Pow") => a == name && self.number(two) == Some(2.0),
            _ => false,
        };
        let at = readers.into_iter().find(|&at| is_square(&self.graph.nodes[at]))?;
        let [output] = &*self.graph.nodes[at].outputs else { return None };
        self.nodes.push(at);
        Some(output.clone())
    }

    /// A tensor, divided by another one, or multiplied by that one's inverse.
    fn divided(&mut self, name: &str, by: &str) -> Option<String> {
        let (node, quotient) = self.next(by)?;
        let [a, b] = &*node.inputs else { return None };
        if !node.is("Div") || b != by {
            return None;
        }
        if a == name {
            return Some(quotient);
        }
        let is_inverse = self.number(a) == Some(1.0);
        let (node, product) = self.next(&quotient)?;
        (is_inverse && self.other(node, "Mul", &quotient)? == name).then_some(product)
    }

    /// What a node takes the mean of, over rows and columns, and the mean.
    fn mean(&self, node: &Node) -> Option<(String, String)> {
        if !node.is("ReduceMean") {
            return None;
        }
        let ([x, axes @ ..], [y]) = (&*node.inputs, &*node.outputs) else { return None };
        let mut over = match axes {
            [axes] => self.view.integers(self.graph, axes)?,
            _ => Vec::new(),
        };
        for attribute in &node.attributes {
            let attribute = Attribute::decode(attribute.clone()).ok()?;
            match &*attribute.name {
                "axes" => over = attribute.numbers,
                "keepdims" if attribute.number == Some(1) => {}
                "noop_with_empty_axes" => {}
                _ => return None,
            }
        }
        let places = matches!(*over, [2, 3] | [3, 2] | [-2, -1] | [-1, -2]);
        places.then(|| (x.clone(), y.clone()))
    }

    /// The other one of the two that an operator works on.
    fn other(&self, node: &'a Node, operator: &str, one: &str) -> Option<&'a str> {
        let [a, b] = &*node.inputs else { return None };
        node.is(operator).then_some(if a == one { b } else { a })
    }

    /// A constant of one number.
    fn number(&self, name: &str) -> Option<f32> {
        let [number] = *numbers(&self.view.reals(self.graph, name)?)? else { return None };
        Some(number)
    }

    /// The name of a tensor that may have a number for each channel; one that is computed has to
    /// prove it when it runs.
    fn each(&self, name: &str) -> Option<String> {
        let is_known = self.view.is_constant(name);
        let fits = !is_known || self.view.per_channel(self.graph, name, None)?.len() > 1;
        fits.then(|| name.to_owned())
    }
}

#[cfg(test)]
mod tests;
