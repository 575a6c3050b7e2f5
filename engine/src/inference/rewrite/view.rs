//! A graph's tensors, by name.

use std::collections::{HashMap, HashSet};

use prost::Message;

use super::proto::{FLOAT, Graph, INT64, Node, Tensor, ValueInfo};

/// Who makes a tensor, who reads it, and where the constants lie.
pub(super) struct View {
    /// The node that makes it.
    makers: HashMap<String, usize>,
    /// Who reads it; the graph's outputs are read by somebody outside.
    readers: HashMap<String, Vec<Option<usize>>>,
    /// The constants: where they lie.
    constants: HashMap<String, usize>,
}

impl View {
    pub fn of(graph: &Graph) -> View {
        let mut view =
            View { makers: HashMap::new(), readers: HashMap::new(), constants: HashMap::new() };
        for (at, node) in graph.nodes.iter().enumerate() {
            for output in &node.outputs {
                view.makers.insert(output.clone(), at);
            }
            for input in &node.inputs {
                view.readers.entry(input.clone()).or_default().push(Some(at));
            }
        }
        for info in graph.outputs.iter().filter_map(|bytes| ValueInfo::decode(bytes.clone()).ok()) {
            view.readers.entry(info.name).or_default().push(None);
        }
        for (at, bytes) in graph.initializers.iter().enumerate() {
            if let Some(name) = Tensor::decode(bytes.clone()).ok().and_then(|tensor| tensor.name) {
                view.constants.insert(name, at);
            }
        }
        view
    }

    /// The node that makes a tensor.
    pub fn maker(&self, name: &str) -> Option<usize> {
        self.makers.get(name).copied()
    }

    /// The node that alone reads a tensor, and reads it once.
    pub fn only_reader<'a>(&self, graph: &'a Graph, name: &str) -> Option<(usize, &'a Node)> {
        let [Some(at)] = **self.readers.get(name)? else { return None };
        Some((at, graph.nodes.get(at)?))
    }

    /// The nodes that read a tensor, once for each time; `None` where somebody outside reads it, too.
    pub fn readers(&self, name: &str) -> Option<Vec<usize>> {
        self.readers.get(name)?.iter().copied().collect()
    }

    /// Whether a tensor is a constant.
    pub fn is_constant(&self, name: &str) -> bool {
        self.constants.contains_key(name)
    }

    /// A constant, when it is one.
    fn constant(&self, graph: &Graph, name: &str) -> Option<Tensor> {
        let bytes = graph.initializers.get(*self.constants.get(name)?)?;
        Tensor::decode(bytes.clone()).ok()
    }

    /// A constant in single precision.
    pub fn reals(&self, graph: &Graph, name: &str) -> Option<Tensor> {
        self.constant(graph, name).filter(|tensor| tensor.kind == Some(FLOAT))
    }

    /// A constant's whole numbers.
    pub fn integers(&self, graph: &Graph, name: &str) -> Option<Vec<i64>> {
        let tensor = self.constant(graph, name).filter(|tensor| tensor.kind == Some(INT64))?;
        let (numbers, []) = tensor.data.as_ref()?.as_chunks() else { return None };
        Some(numbers.iter().map(|&n| i64::from_le_bytes(n)).collect())
    }

    /// What a constant has for each of a picture's channels: one number for all of them, or as many as
    /// there are, where that is known.
    pub fn per_channel(
        &self,
        graph: &Graph,
        name: &str,
        channels: Option<usize>,
    ) -> Option<Vec<f32>> {
        let tensor = self.reals(graph, name)?;
        let numbers = numbers(&tensor)?;
        let fits = match *tensor.shape {
            [count, 1, 1] | [1, count, 1, 1] if count > 1 => {
                let count = usize::try_from(count).ok()?;
                numbers.len() == count && channels.is_none_or(|channels| channels == count)
            }
            // With more dimensions than a picture has, the result would have more, too.
            ref shape => shape.len() <= 4 && shape.iter().all(|&n| n == 1) && numbers.len() == 1,
        };
        fits.then_some(numbers)
    }
}

/// A tensor's numbers in single precision.
pub(super) fn numbers(tensor: &Tensor) -> Option<Vec<f32>> {
    let (numbers, []) = tensor.data.as_ref()?.as_chunks() else { return None };
    Some(numbers.iter().map(|&n| f32::from_le_bytes(n)).collect())
}

/// Puts nodes in the places of others, each where the last of those was.
pub(super) fn replace(graph: &mut Graph, all: impl IntoIterator<Item = (Node, Vec<usize>)>) {
    let mut gone = HashSet::new();
    let mut come = HashMap::new();
    for (node, places) in all {
        come.extend(places.last().map(|&last| (last, node)));
        gone.extend(places);
    }
    for (at, node) in std::mem::take(&mut graph.nodes).into_iter().enumerate() {
        match come.remove(&at) {
            Some(node) => graph.nodes.push(node),
            None if gone.contains(&at) => {}
            None => graph.nodes.push(node),
        }
    }
}

/// Drops constants and Pads that nobody reads any more, and what was said of tensors that are gone.
pub(super) fn tidy(graph: &mut Graph) {
    let outputs: Vec<String> = graph
        .outputs
        .iter()
        .filter_map(|bytes| ValueInfo::decode(bytes.clone()).ok())
        .map(|info| info.name)
        .collect();
    let read = |nodes: &[Node]| -> HashSet<String> {
        nodes.iter().flat_map(|node| node.inputs.clone()).chain(outputs.clone()).collect()
    };
    let wanted = read(&graph.nodes);
    graph.nodes.retain(|node| !node.is("Pad") || node.outputs.iter().any(|y| wanted.contains(y)));
    let wanted = read(&graph.nodes);
    graph.initializers.retain(|bytes| {
        let name = Tensor::decode(bytes.clone()).ok().and_then(|tensor| tensor.name);
        name.is_none_or(|name| wanted.contains(&name))
    });
    graph.values.clear();
}
