//! Convolutions of 3 × 3 as [`winograd`]'s or [`int8`]'s operator, with the edge before and the
//! activation behind.
//!
//! A convolution can be replaced where its numbers are constants, it is of all channels with all, and
//! its stride is 1, or 2 for the latter; whether that gains is for [`super::made`] to measure.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use prost::Message;

use super::proto::{Attribute, FLOAT, Graph, INT64, Kind, Node, Tensor, ValueInfo};
use crate::inference::int8;
use crate::inference::winograd::{self, PACK, pack};

/// Fewer channels on either side are not worth the way to Winograd's space.
const LEAST_CHANNELS: i64 = 32;

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
    /// How many channels it reads.
    pub channels: usize,
}

/// What takes a convolution's place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    /// [`winograd`]'s operator, for a stride of 1.
    Winograd,
    /// [`int8`]'s operator, for input channels of these ranges.
    Int8(&'a [int8::Range]),
}

/// Says what takes a convolution's place; `None` leaves it.
pub(super) type Choose<'a> = &'a dyn Fn(&Candidate) -> Option<Form<'a>>;

/// Where operators' numbers are written to: each once, however many networks use them.
pub(super) struct Numbers<W> {
    to: W,
    written: u64,
    /// By node, and whether it is bytes.
    known: HashMap<(usize, bool), u64>,
}

impl<W: Write> Numbers<W> {
    /// From the beginning of a file.
    pub fn new(to: W) -> Self {
        Numbers { to, written: 0, known: HashMap::new() }
    }

    /// What they were written to.
    pub fn into_inner(self) -> W {
        self.to
    }

    /// Sees to it that what was written can be read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// Writes four bytes each.
    fn put(&mut self, numbers: impl Iterator<Item = [u8; 4]>) -> io::Result<()> {
        let bytes: Vec<u8> = numbers.flatten().collect();
        self.written += bytes.len() as u64;
        self.to.write_all(&bytes)
    }
}

/// The convolutions of a graph that can be replaced.
pub(super) fn candidates(graph: &Graph) -> Vec<Candidate> {
    let view = View::of(graph);
    let all = graph.nodes.iter().enumerate();
    all.filter_map(|(at, node)| Some(view.convolution(graph, at, node)?.candidate(at))).collect()
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
    let mut found: HashMap<usize, (Convolution, Form<'_>)> = HashMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(convolution) = view.convolution(graph, at, node)
            && let Some(form) = choose(&convolution.candidate(at))
        {
            found.insert(at, (convolution, form));
        }
    }
    let mut replaced = Vec::with_capacity(found.len());
    let mut nodes = Vec::with_capacity(graph.nodes.len());
    let activations: Vec<usize> = found.values().filter_map(|(c, _)| c.activation).collect();
    for (at, node) in std::mem::take(&mut graph.nodes).into_iter().enumerate() {
        match found.get(&at) {
            Some((convolution, form)) => {
                let key = (at, matches!(form, Form::Int8(_)));
                let place = match numbers.known.get(&key) {
                    Some(place) => *place,
                    None => {
                        let place = numbers.written;
                        convolution.write(*form, numbers)?;
                        numbers.known.insert(key, place);
                        place
                    }
                };
                replaced.push((place, at));
                nodes.push(convolution.node(&node, *form, place));
            }
            None if activations.contains(&at) => {}
            None => nodes.push(node),
        }
    }
    graph.nodes = nodes;
    drop_unused(graph);
    // What was said of tensors that are gone.
    graph.values.clear();
    Ok(replaced)
}

/// A convolution that can be replaced.
struct Convolution {
    input: String,
    output: String,
    /// Top, left, bottom, right.
    pads: [i64; 4],
    mirrored: bool,
    stride: i64,
    filters: Tensor,
    bias: Option<Vec<f32>>,
    /// What negative sums are multiplied by: for each channel.
    slope: Option<Vec<f32>>,
    /// The node that is part of it from now on.
    activation: Option<usize>,
}

impl Convolution {
    fn channels(&self) -> (usize, usize) {
        let of = |i: usize| self.filters.shape.get(i).map_or(0, |&n| n as usize);
        (of(1), of(0))
    }

    fn candidate(&self, node: usize) -> Candidate {
        let (stride, channels) = (self.stride, self.channels().0);
        Candidate { node, input: self.input.clone(), stride, channels }
    }

    fn node(&self, was: &Node, form: Form<'_>, at: u64) -> Node {
        let (inputs, outputs) = self.channels();
        let (name, stride) = match form {
            Form::Winograd => (winograd::NAME, None),
            Form::Int8(_) => (int8::NAME, Some(self.stride)),
        };
        let mut node = Node::new(name, &[&self.input], &self.output)
            .with(winograd::INPUTS, inputs as i64)
            .with(winograd::OUTPUTS, outputs as i64)
            .with(winograd::AT, at as i64)
            .with_all(winograd::PADS, &self.pads)
            .with(winograd::MIRRORED, self.mirrored.into())
            .with(winograd::SLOPED, self.slope.is_some().into());
        if let Some(stride) = stride {
            node = node.with(int8::STRIDE, stride);
        }
        node.domain = Some(winograd::DOMAIN.to_owned());
        node.name.clone_from(&was.name);
        node
    }

    /// Writes its numbers.
    fn write(&self, form: Form<'_>, to: &mut Numbers<impl Write>) -> io::Result<()> {
        let (inputs, outputs) = self.channels();
        let plain = |numbers: &[f32]| numbers.iter().map(|n| n.to_le_bytes()).collect::<Vec<_>>();
        to.put(plain(self.bias.as_deref().unwrap_or(&vec![0.0; outputs])).into_iter())?;
        to.put(plain(self.slope.as_deref().unwrap_or(&vec![1.0; outputs])).into_iter())?;
        let data = self.filters.data.clone().unwrap_or_default();
        let read = |bytes: &[u8]| -> Vec<f32> {
            bytes.as_chunks().0.iter().map(|&number| f32::from_le_bytes(number)).collect()
        };
        match form {
            Form::Winograd => {
                for few in data.chunks(PACK * inputs * 9 * size_of::<f32>()) {
                    to.put(plain(&pack(inputs, &read(few))).into_iter())?;
                }
            }
            Form::Int8(ranges) => {
                let (channels, filters) = int8::quantize(ranges, &read(&data));
                to.put(plain(&filters.scale).into_iter())?;
                to.put(filters.start.iter().map(|n| n.to_le_bytes()))?;
                to.put(plain(&channels.gain).into_iter())?;
                to.put(plain(&channels.zero).into_iter())?;
                to.put(plain(&filters.packed).into_iter())?;
            }
        }
        Ok(())
    }
}

/// The graph's tensors, by name.
struct View {
    /// The node that makes it.
    makers: HashMap<String, usize>,
    /// Who reads it; the graph's outputs are read by somebody outside.
    readers: HashMap<String, Vec<Option<usize>>>,
    /// The constants: where they lie.
    constants: HashMap<String, usize>,
}

impl View {
    fn of(graph: &Graph) -> View {
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

    /// A constant, when it is one.
    fn constant(&self, graph: &Graph, name: &str) -> Option<Tensor> {
        let bytes = graph.initializers.get(*self.constants.get(name)?)?;
        Tensor::decode(bytes.clone()).ok()
    }

    /// A constant of so many numbers, or of one for all of them.
    fn each(&self, graph: &Graph, name: &str, count: usize) -> Option<Vec<f32>> {
        let tensor = self.constant(graph, name).filter(|tensor| tensor.kind == Some(FLOAT))?;
        let (numbers, []) = tensor.data.as_ref()?.as_chunks() else { return None };
        let numbers: Vec<f32> = numbers.iter().map(|&n| f32::from_le_bytes(n)).collect();
        match *numbers {
            [one] if count > 0 => Some(vec![one; count]),
            _ => (numbers.len() == count).then_some(numbers),
        }
    }

    fn convolution(&self, graph: &Graph, at: usize, node: &Node) -> Option<Convolution> {
        if !node.is("Conv") {
            return None;
        }
        let ([x, w, bias @ ..], [y]) = (&*node.inputs, &*node.outputs) else { return None };
        let filters = self.constant(graph, w).filter(|tensor| tensor.kind == Some(FLOAT))?;
        let [outputs, inputs, 3, 3] = *filters.shape else { return None };
        let count = outputs.checked_mul(inputs)?.checked_mul(36)?;
        if inputs < LEAST_CHANNELS
            || outputs < LEAST_CHANNELS
            || filters.data.as_ref()?.len() as i64 != count
        {
            return None;
        }
        let (mut pads, mut stride) = ([0; 4], 1);
        for attribute in node.attributes.iter() {
            let attribute = Attribute::decode(attribute.clone()).ok()?;
            match &*attribute.name {
                "strides" | "dilations" if attribute.numbers == [1, 1] => {}
                "strides" if attribute.numbers == [2, 2] => stride = 2,
                "kernel_shape" if attribute.numbers == [3, 3] => {}
                "group" if attribute.number == Some(1) => {}
                "auto_pad" if attribute.text.as_deref() == Some(b"NOTSET") => {}
                "pads" => pads = attribute.numbers.try_into().ok()?,
                _ => return None,
            }
        }
        let bias = match bias {
            [] => None,
            [bias] if bias.is_empty() => None,
            [bias] => Some(self.each(graph, bias, outputs as usize)?),
            _ => return None,
        };
        let (mut input, mut mirrored) = (x.clone(), false);
        if pads == [0; 4]
            && let Some((before, edge)) = self.edge(graph, x)
        {
            (input, pads, mirrored) = (before, edge.pads, edge.mirrored);
        }
        if pads.iter().any(|&pad| !(0..=1).contains(&pad)) {
            return None;
        }
        let (activation, slope) = match self.activation(graph, y, outputs as usize) {
            Some((activation, slope)) => (Some(activation), Some(slope)),
            None => (None, None),
        };
        let output = match activation {
            Some(activation) => graph.nodes[activation].outputs.first()?.clone(),
            None => y.clone(),
        };
        // A node that goes where an earlier one stood must not read what comes later.
        let ready = self.makers.get(&input).is_none_or(|&maker| maker < at);
        ready.then_some(Convolution {
            input,
            output,
            pads,
            mirrored,
            stride,
            filters,
            bias,
            slope,
            activation,
        })
    }

    /// The Pad that makes a tensor, when it is one of pixels around a picture: what it pads, and how.
    fn edge(&self, graph: &Graph, name: &str) -> Option<(String, Edge)> {
        let node = graph.nodes.get(*self.makers.get(name)?).filter(|node| node.is("Pad"))?;
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
            let given = self.constant(graph, given).filter(|tensor| tensor.kind == Some(INT64))?;
            let (numbers, []) = given.data.as_ref()?.as_chunks() else { return None };
            pads = numbers.iter().map(|&n| i64::from_le_bytes(n)).collect();
            match more {
                [] => {}
                [value] if value.is_empty() || self.each(graph, value, 1)? == [0.0] => {}
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

    /// The activation that alone reads a tensor, and what it multiplies negative numbers by.
    fn activation(&self, graph: &Graph, name: &str, channels: usize) -> Option<(usize, Vec<f32>)> {
        let [Some(at)] = **self.readers.get(name)? else { return None };
        let node = graph.nodes.get(at)?;
        let ([x, more @ ..], [_]) = (&*node.inputs, &*node.outputs) else { return None };
        if x != name {
            return None;
        }
        let slope = if node.is("Relu") {
            vec![0.0; channels]
        } else if node.is("LeakyRelu") {
            let mut slope = 0.01;
            for attribute in &node.attributes {
                let attribute = Attribute::decode(attribute.clone()).ok()?;
                if attribute.name != "alpha" {
                    return None;
                }
                slope = attribute.real?;
            }
            vec![slope; channels]
        } else if node.is("PRelu") {
            let shape = self.constant(graph, more.first()?)?.shape;
            let per_channel = match *shape {
                [] | [1] => true,
                [count, 1, 1] | [1, count, 1, 1] => count == 1 || count == channels as i64,
                _ => false,
            };
            self.each(graph, more.first()?, channels).filter(|_| per_channel)?
        } else {
            return None;
        };
        Some((at, slope))
    }
}

/// Pixels around a picture.
struct Edge {
    /// Top, left, bottom, right.
    pads: [i64; 4],
    mirrored: bool,
}

/// Drops constants and Pads that nobody reads any more.
fn drop_unused(graph: &mut Graph) {
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
}

/// Whether parts of the network are networks themselves, which read tensors without saying so.
pub(super) fn has_branches(graph: &Graph) -> bool {
    graph.nodes.iter().flat_map(|node| &node.attributes).any(|attribute| {
        Attribute::decode(attribute.clone()).map_or(true, |attribute| {
            attribute.kind == Kind::GRAPH || attribute.kind == Kind::GRAPHS
        })
    })
}
