//! Writes small networks in the ONNX format: the one that proves a provider, and those of tests.
//!
//! Only what these need of the format (`onnx.proto`) is here: nodes, their integer attributes,
//! single-precision weights, and typed inputs and outputs.

/// Types of numbers, as `TensorProto.DataType` counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// `float`
    F32 = 1,
    /// `int64`
    #[cfg(test)]
    I64 = 7,
    /// `float16`
    #[cfg(test)]
    F16 = 10,
    /// `double`
    #[cfg(test)]
    F64 = 11,
}

/// A network that is being written.
#[derive(Debug, Default)]
pub struct Graph {
    body: Vec<u8>,
}

/// Fields of `GraphProto`.
mod field {
    pub const NODE: u32 = 1;
    pub const NAME: u32 = 2;
    pub const INITIALIZER: u32 = 5;
    pub const INPUT: u32 = 11;
    pub const OUTPUT: u32 = 12;
}

impl Graph {
    /// An empty network.
    pub fn new() -> Self {
        let mut graph = Graph::default();
        bytes(&mut graph.body, field::NAME, b"small");
        graph
    }

    /// Adds an operation with integer attributes; a list of one number is a single number.
    #[must_use]
    pub fn node(
        mut self,
        operation: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[(&str, &[i64])],
    ) -> Self {
        let attributes = attributes.iter().map(|(name, values)| {
            let mut attribute = Vec::new();
            bytes(&mut attribute, 1, name.as_bytes());
            // AttributeProto: `i` is field 3 and type 2, `ints` field 8 and type 7.
            if let [value] = values {
                number(&mut attribute, 3, *value as u64);
                number(&mut attribute, 20, 2);
            } else {
                values.iter().for_each(|value| number(&mut attribute, 8, *value as u64));
                number(&mut attribute, 20, 7);
            }
            attribute
        });
        self.put_node(operation, inputs, output, attributes.collect());
        self
    }

    /// Adds an operation with words as attributes.
    #[cfg(test)]
    #[must_use]
    pub fn node_of_words(
        mut self,
        operation: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[(&str, &str)],
    ) -> Self {
        let attributes = attributes.iter().map(|(name, word)| {
            let mut attribute = Vec::new();
            bytes(&mut attribute, 1, name.as_bytes());
            // AttributeProto: `s` is field 4 and type 3.
            bytes(&mut attribute, 4, word.as_bytes());
            number(&mut attribute, 20, 3);
            attribute
        });
        self.put_node(operation, inputs, output, attributes.collect());
        self
    }

    fn put_node(
        &mut self,
        operation: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<Vec<u8>>,
    ) {
        let mut node = Vec::new();
        inputs.iter().for_each(|name| bytes(&mut node, 1, name.as_bytes()));
        bytes(&mut node, 2, output.as_bytes());
        bytes(&mut node, 4, operation.as_bytes());
        attributes.iter().for_each(|attribute| bytes(&mut node, 5, attribute));
        bytes(&mut self.body, field::NODE, &node);
    }

    /// Adds weights.
    #[must_use]
    pub fn weights(mut self, name: &str, shape: &[i64], values: &[f32]) -> Self {
        let mut tensor = Vec::new();
        shape.iter().for_each(|&size| number(&mut tensor, 1, size as u64));
        number(&mut tensor, 2, Number::F32 as u64);
        bytes(&mut tensor, 8, name.as_bytes());
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        bytes(&mut tensor, 9, &raw);
        bytes(&mut self.body, field::INITIALIZER, &tensor);
        self
    }

    /// Declares an input.
    #[must_use]
    pub fn input(mut self, name: &str, kind: Number, shape: &[i64]) -> Self {
        bytes(&mut self.body, field::INPUT, &value_info(name, kind, shape));
        self
    }

    /// Declares an output.
    #[must_use]
    pub fn output(mut self, name: &str, kind: Number, shape: &[i64]) -> Self {
        bytes(&mut self.body, field::OUTPUT, &value_info(name, kind, shape));
        self
    }

    /// The file.
    pub fn bytes(self) -> Vec<u8> {
        let mut model = Vec::new();
        // Version 8 of the format with operators of version 13: every runtime that facedeck takes
        // knows them.
        number(&mut model, 1, 8);
        bytes(&mut model, 7, &self.body);
        let mut operators = Vec::new();
        number(&mut operators, 2, 13);
        bytes(&mut model, 8, &operators);
        model
    }
}

fn value_info(name: &str, kind: Number, shape: &[i64]) -> Vec<u8> {
    let mut sizes = Vec::new();
    for &size in shape {
        let mut dimension = Vec::new();
        number(&mut dimension, 1, size as u64);
        bytes(&mut sizes, 1, &dimension);
    }
    let mut tensor = Vec::new();
    number(&mut tensor, 1, kind as u64);
    bytes(&mut tensor, 2, &sizes);
    let mut kind = Vec::new();
    bytes(&mut kind, 1, &tensor);
    let mut info = Vec::new();
    bytes(&mut info, 1, name.as_bytes());
    bytes(&mut info, 2, &kind);
    info
}

fn varint(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

fn number(to: &mut Vec<u8>, field: u32, value: u64) {
    varint(to, u64::from(field) << 3);
    varint(to, value);
}

fn bytes(to: &mut Vec<u8>, field: u32, value: &[u8]) {
    varint(to, u64::from(field) << 3 | 2);
    varint(to, value.len() as u64);
    to.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Session;

    #[test]
    fn what_is_written_runs() {
        super::super::for_tests().unwrap();
        let graph = Graph::new()
            .input("x", Number::F32, &[1, 2])
            .weights("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
            .node("MatMul", &["x", "w"], "product", &[])
            .node("Transpose", &["product"], "y", &[("perm", &[1, 0])])
            .output("y", Number::F32, &[2, 1]);
        let mut session = Session::from_bytes("small", &graph.bytes(), 1).unwrap();
        let outputs = session.run(&[("x", &[1, 2], &[10.0, 100.0])]).unwrap();
        assert_eq!(
            (outputs[0].shape.as_slice(), outputs[0].data.as_slice()),
            (&[2, 1][..], &[310.0, 420.0][..])
        );
    }
}
