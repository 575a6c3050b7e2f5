//! Inputs, outputs and initializers of a graph. The numbers of messages' fields are those of
//! `onnx.proto`.

use std::io::{self, Read, Seek};
use std::ops::Range;

use super::wire::{Value, Wire, malformed};

/// More inputs, outputs or initializers than any network has.
const MOST_ITEMS: usize = 1 << 16;
/// More axes than any tensor has.
const MOST_AXES: usize = 32;
/// The longest name.
const LONGEST_NAME: usize = 4096;

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// Single precision.
    F32,
    /// Half precision.
    F16,
    /// Double precision.
    F64,
    /// Whole numbers of 64 bits.
    I64,
    /// Another one, by its number in `onnx.proto`.
    Other(u64),
}

impl Element {
    fn from_code(code: u64) -> Self {
        match code {
            1 => Element::F32,
            7 => Element::I64,
            10 => Element::F16,
            11 => Element::F64,
            other => Element::Other(other),
        }
    }
}

/// An input or output of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The type of its elements.
    pub element: Element,
    /// Its shape; `None` where any size is allowed.
    pub shape: Vec<Option<u64>>,
}

/// A tensor that is stored in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initializer {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub dims: Vec<u64>,
    /// The type of its elements.
    pub element: Element,
    /// Its place among the initializers, from 0.
    pub position: usize,
    /// Where its message lies in the file, in bytes.
    pub range: Range<u64>,
    /// Whether its values lie in another file.
    pub external: bool,
}

/// What a network's file says about its graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// What the network is fed with, in order; without the initializers that old files list here.
    pub inputs: Vec<Port>,
    /// What it answers, in order.
    pub outputs: Vec<Port>,
    /// Its weights, in the order of the file.
    pub initializers: Vec<Initializer>,
}

/// Reads the summary of a file.
pub(super) fn read<R: Read + Seek>(wire: &mut Wire<R>) -> io::Result<Summary> {
    let mut summary = Summary::default();
    let mut found = false;
    wire.fields(wire.all(), |wire, number, value| match (number, value) {
        (7, Value::Bytes(range)) => {
            found = true;
            graph(wire, range, &mut summary)
        }
        _ => Ok(()),
    })?;
    if !found {
        return Err(malformed("there is no graph in it"));
    }
    let Summary { inputs, initializers, .. } = &mut summary;
    let stored: std::collections::HashSet<&str> =
        initializers.iter().map(|i| i.name.as_str()).collect();
    inputs.retain(|input| !stored.contains(input.name.as_str()));
    Ok(summary)
}

fn graph<R: Read + Seek>(
    wire: &mut Wire<R>,
    message: Range<u64>,
    to: &mut Summary,
) -> io::Result<()> {
    wire.fields(message, |wire, number, value| {
        let Value::Bytes(range) = value else { return Ok(()) };
        match number {
            5 => {
                let tensor = initializer(wire, range, to.initializers.len())?;
                push(&mut to.initializers, tensor)
            }
            11 => push(&mut to.inputs, port(wire, range)?),
            12 => push(&mut to.outputs, port(wire, range)?),
            _ => Ok(()),
        }
    })
}

fn push<T>(list: &mut Vec<T>, item: T) -> io::Result<()> {
    if list.len() == MOST_ITEMS {
        return Err(malformed(format!("there are more than {MOST_ITEMS} initializers or inputs")));
    }
    list.push(item);
    Ok(())
}

/// A `TensorProto`, but for its values.
fn initializer<R: Read + Seek>(
    wire: &mut Wire<R>,
    message: Range<u64>,
    position: usize,
) -> io::Result<Initializer> {
    let mut name = String::new();
    let mut dims = Vec::new();
    let mut element = Element::Other(0);
    let mut external = false;
    wire.fields(message.clone(), |wire, number, value| {
        match (number, value) {
            (1, Value::Varint(size)) => axis(&mut dims, size)?,
            (1, Value::Bytes(packed)) => {
                while wire.at() < packed.end {
                    let size = wire.varint(packed.end)?;
                    axis(&mut dims, size)?;
                }
            }
            (2, Value::Varint(code)) => element = Element::from_code(code),
            (8, Value::Bytes(range)) => name = wire.text(range, LONGEST_NAME)?,
            (14, Value::Varint(location)) => external = location != 0,
            _ => {}
        }
        Ok(())
    })?;
    Ok(Initializer { name, dims, element, position, range: message, external })
}

fn axis<T>(dims: &mut Vec<T>, size: T) -> io::Result<()> {
    if dims.len() == MOST_AXES {
        return Err(malformed(format!("a tensor has more than {MOST_AXES} axes")));
    }
    dims.push(size);
    Ok(())
}

/// A `ValueInfoProto` with its `TypeProto.Tensor`.
fn port<R: Read + Seek>(wire: &mut Wire<R>, message: Range<u64>) -> io::Result<Port> {
    let mut port = Port { name: String::new(), element: Element::Other(0), shape: Vec::new() };
    wire.fields(message, |wire, number, value| match (number, value) {
        (1, Value::Bytes(range)) => {
            port.name = wire.text(range, LONGEST_NAME)?;
            Ok(())
        }
        (2, Value::Bytes(kind)) => wire.fields(kind, |wire, number, value| match (number, value) {
            (1, Value::Bytes(tensor)) => tensor_type(wire, tensor, &mut port),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    Ok(port)
}

fn tensor_type<R: Read + Seek>(
    wire: &mut Wire<R>,
    message: Range<u64>,
    port: &mut Port,
) -> io::Result<()> {
    wire.fields(message, |wire, number, value| match (number, value) {
        (1, Value::Varint(code)) => {
            port.element = Element::from_code(code);
            Ok(())
        }
        (2, Value::Bytes(shape)) => wire.fields(shape, |wire, number, value| {
            let (1, Value::Bytes(dimension)) = (number, value) else { return Ok(()) };
            let mut size = None;
            wire.fields(dimension, |_, number, value| {
                if let (1, Value::Varint(known)) = (number, value) {
                    // Negative sizes, as 64-bit two's complement, stand for any as well.
                    size = i64::try_from(known).ok().map(i64::unsigned_abs);
                }
                Ok(())
            })?;
            axis(&mut port.shape, size)
        }),
        _ => Ok(()),
    })
}
